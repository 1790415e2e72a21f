"""Moves a store, or compares two.

A store is served at its new place only when both are equal.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from slackwater.errors import Conflict
from slackwater.store.engine import migrate
from slackwater.store.engine.database import Connection
from slackwater.store.engine.migrate import Received
from slackwater.store.move import comparing, copying, ends
from slackwater.store.move.ends import End, Location, Release
from slackwater.store.move.progress import Watcher
from slackwater.store.schema import files, points, wrappers


@dataclass(frozen=True)
class Moved:
    """How much there is at both ends, which are equal."""

    wrappers: int
    points: int
    uploads: int


def move(
    origin: Location,
    to: Location,
    secret_key: str | None,
    *,
    release: Release,
    watcher: Watcher,
    verify_only: bool = False,
) -> Moved:
    """Copy a store, compare every row, then let it be served there.

    What was interrupted goes on where it was. Conflict when an end is in use, the target holds something else, or the
    stores differ; BadInput when there is no store; Unavailable when one cannot be used.
    """
    with (
        ends.source(origin, secret_key, release) as source,
        ends.target(to, source.proof, create=not verify_only) as target,
        source.driver.troubles_as_unavailable(),
        target.driver.troubles_as_unavailable(),
    ):
        if not verify_only and target.received is not Received.WHOLE:
            _fill(source, target, watcher)
        elif found := _differences(source, target, watcher):
            raise Conflict(_unequal(origin, to, target, found))
        return _size(source)


def _fill(source: End, target: End, watcher: Watcher) -> None:
    fresh = target.received is Received.EMPTY
    if not fresh:
        with _snapshots(source, target) as (a, b):
            fresh = not comparing.goes_on(source, a, target, b)
        if fresh:
            _begin_anew(source, target, watcher)
    while True:
        with source.database.stream() as c:
            watcher.begin("moving", copying.count(c) - target.database.read(copying.count).result())
            copying.copy(source, c, target, watcher)
        # In another snapshot than the one that was copied: what changed meanwhile is found, too.
        found = _differences(source, target, watcher)
        if not found:
            break
        if fresh:
            raise Conflict(f"{source.place.name} was changed while it was moved; call again. " + " ".join(found))
        _begin_anew(source, target, watcher)
        fresh = True
    source.check()
    target.check()
    target.database.write(lambda c: _finish(c, target), urgent=True).result()
    with target.database.engine.connect() as c:
        c.execution_options(isolation_level="AUTOCOMMIT")
        target.driver.take_stock(c)


def _begin_anew(source: End, target: End, watcher: Watcher) -> None:
    watcher.remark(f"{source.place.name} was used since the move was interrupted: it begins anew.")
    target.database.write(lambda c: migrate.begin_anew(c, source.proof), urgent=True).result()


def _finish(c: Connection, target: End) -> None:
    for table in copying.tables():
        target.driver.number_on(c, table)
    migrate.finish(c)


def _differences(source: End, target: End, watcher: Watcher) -> list[str]:
    with _snapshots(source, target) as (a, b):
        watcher.begin("verifying", copying.count(a))
        return comparing.differences(source, a, target, b, watcher)


@contextlib.contextmanager
def _snapshots(source: End, target: End) -> Iterator[tuple[Connection, Connection]]:
    with source.database.stream() as a, target.database.stream() as b:
        yield a, b


def _size(end: End) -> Moved:
    def look(c: Connection) -> Moved:
        return Moved(
            *(
                c.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
                for table in (wrappers, points, files)
            )
        )

    return end.database.read(look).result()


def _unequal(origin: Location, to: Location, target: End, found: list[str]) -> str:
    why = (
        "the move is not finished: call again without --verify-only"
        if target.received is Received.PARTLY
        else "one of them was used since they were equal"
    )
    return f"{origin.name} and {to.name} differ; {why}. " + " ".join(found)
