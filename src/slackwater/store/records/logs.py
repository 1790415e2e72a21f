"""The log lines of wrappers, bounded in number."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from slackwater.model.events import LineKind
from slackwater.model.instants import from_micros
from slackwater.store.schema import logs, wrappers

MAX_LINE = 4_000  # characters; chosen: a screen full of text, 40 MB for 10,000 lines

# Numbers are given when lines are written, and lines are seen when they are committed. Under the lock both come in one
# order for each wrapper: whoever reads on behind a number misses nothing. SQLite has one writer.
_IN_TURN = (
    sa.select(wrappers.c.wrapper_id).where(wrappers.c.wrapper_id == sa.bindparam("id")).with_for_update(key_share=True)
)


class LogLine(NamedTuple):
    """One line: when (µs since the epoch), DEBUG to ERROR, and what."""

    at: int
    level: str
    message: str
    kind: LineKind | None = None


class Numbered(NamedTuple):
    """Holds a line of the log with its number.

    The number grows from line to line of a wrapper. The line is `YYYY-MM-DD HH:MM:SS - …`.
    """

    number: int
    text: str


def append(c: sa.Connection, wrapper_id: str, lines: Sequence[LogLine]) -> None:
    """Add lines to the log of a wrapper; overlong ones are cut."""
    if lines:
        if c.dialect.name == "postgresql":
            c.execute(_IN_TURN, {"id": wrapper_id})
        c.execute(
            logs.insert(),
            [
                {
                    "wrapper_id": wrapper_id,
                    "at": line.at,
                    "level": line.level,
                    "message": line.message[:MAX_LINE],
                    "kind": line.kind,
                }
                for line in lines
            ],
        )


def tail(c: sa.Connection, wrapper_id: str, limit: int) -> tuple[list[str], int]:
    """Return the newest `limit` lines, oldest first, and how many there are.

    Each is `YYYY-MM-DD HH:MM:SS - LEVEL - message`, in UTC.
    """
    total = c.execute(sa.select(sa.func.count()).select_from(logs).where(logs.c.wrapper_id == wrapper_id)).scalar_one()
    return [line.text for line in newest(c, wrapper_id, limit)], total


def newest(c: sa.Connection, wrapper_id: str, limit: int) -> list[Numbered]:
    """Return the newest `limit` lines, oldest first."""
    query = sa.select(logs).where(logs.c.wrapper_id == wrapper_id).order_by(logs.c.line_id.desc()).limit(limit)
    return [_numbered(row) for row in c.execute(query)][::-1]


def behind(c: sa.Connection, wrapper_id: str, number: int, limit: int) -> list[Numbered]:
    """Return the next `limit` lines behind that of `number`, oldest first."""
    mine = sa.select(logs).where(logs.c.wrapper_id == wrapper_id, logs.c.line_id > number)
    return [_numbered(row) for row in c.execute(mine.order_by(logs.c.line_id).limit(limit))]


def between(c: sa.Connection, wrapper_id: str, start: int, end: int, limit: int) -> list[Numbered]:
    """Return the last `limit` lines of [start, end], oldest first.

    Times in µs since the epoch.
    """
    mine = sa.select(logs).where(logs.c.wrapper_id == wrapper_id, logs.c.at >= start, logs.c.at <= end)
    return [_numbered(row) for row in c.execute(mine.order_by(logs.c.line_id.desc()).limit(limit))][::-1]


def has_error(c: sa.Connection, wrapper_id: str, message: str, since: int) -> bool:
    """Check whether the log has a message as an error.

    `since` is in µs since the epoch.
    """
    mine = sa.select(logs.c.line_id).where(logs.c.wrapper_id == wrapper_id, logs.c.at >= since)
    return c.execute(mine.where(logs.c.level == "ERROR", logs.c.message == message).limit(1)).first() is not None


def _numbered(row: Any) -> Numbered:
    return Numbered(row.line_id, f"{from_micros(row.at):%Y-%m-%d %H:%M:%S} - {row.level} - {row.message}")


def forget_old(c: sa.Connection, wrapper_id: str, keep: int) -> None:
    """Delete the lines of a wrapper beyond its newest `keep`."""
    mine = logs.c.wrapper_id == wrapper_id
    newest_gone = (
        sa.select(logs.c.line_id).where(mine).order_by(logs.c.line_id.desc()).offset(keep).limit(1)
    ).scalar_subquery()
    c.execute(logs.delete().where(mine, logs.c.line_id <= newest_gone))
