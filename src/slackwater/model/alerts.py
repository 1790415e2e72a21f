"""Decides what deserves an alert, and when it is reported to a channel. Pure."""

import re
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

import msgspec

from slackwater.model.health import rejects_too_many
from slackwater.model.instants import SECOND
from slackwater.model.status import Status

MOST_NEWS = 200  # reported one by one in a message; chosen: more are not read
_HOUR_MINUTE = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_READS = frozenset({Status.EXECUTING, Status.RETRYING})


class Kind(StrEnum):
    """What an alert is about. `recovered` is the end of one of the others."""

    ERROR = "error"
    STALE = "stale"
    REJECTED = "rejected"
    SCHEMA_CHANGED = "schema_changed"
    RECOVERED = "recovered"


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What of a source alerts are judged by. Times in µs since the epoch.

    None = never.
    """

    wrapper_id: str
    name: str
    status: Status
    error_message: str | None
    backfill_done: bool
    newest: int | None
    allowed_age: int | None
    outcome: str | None  # of the newest run
    rejected: int
    rows: int


class News(msgspec.Struct, frozen=True, kw_only=True):
    """One message for a channel: the `kind` of the alert, and began or ended."""

    wrapper_id: str
    name: str
    kind: Kind
    recovered: bool
    message: str
    at: int


def troubles(seen: Seen, now: int, before: frozenset[Kind]) -> dict[Kind, str]:
    """Return what is wrong with a source, each with its sentence.

    `before` is what was wrong at the last look. `now` is in µs since the epoch.
    """
    found: dict[Kind, str] = {}
    if seen.status is Status.STOPPED:
        return found  # somebody wanted it so
    if seen.status is Status.ERROR:
        found[Kind.ERROR] = seen.error_message or "It has ended in `error`."
    elif Kind.ERROR in before and seen.outcome != "succeeded":
        found[Kind.ERROR] = "It is tried again."  # no recovery before a run has gone well
    if (
        seen.status in _READS
        and seen.backfill_done
        and seen.newest is not None
        and seen.allowed_age is not None
        and now - seen.newest > seen.allowed_age
    ):
        age = _span((now - seen.newest) // SECOND)
        found[Kind.STALE] = (
            f"Its newest point is {age} old; it was seen to be {_span(seen.allowed_age // SECOND)} at most."
        )
    if rejects_too_many(seen.rejected, seen.rows):
        found[Kind.REJECTED] = (
            f"Its last run rejected {seen.rejected:,} of {seen.rows:,} rows; its log names the first."
        )
    return found


class Times(msgspec.Struct, frozen=True, kw_only=True):
    """When a channel receives alerts: at once, grouped, outside quiet times, or daily."""

    group_seconds: float = 30.0
    quiet_from: str | None = None  # HH:MM
    quiet_to: str | None = None
    digest_at: str | None = None
    timezone: str = "UTC"

    def due(self, now: int) -> int:
        """Return when news of `now` are sent, µs since the epoch."""
        zone = ZoneInfo(self.timezone)
        moment = datetime.fromtimestamp(now / SECOND, UTC).astimezone(zone)
        if self.digest_at is not None:
            return _micros(_next(moment, clock(self.digest_at)))
        moment += timedelta(seconds=self.group_seconds)
        if self.quiet_from is not None and self.quiet_to is not None:
            begin, end, here = clock(self.quiet_from), clock(self.quiet_to), moment.time()
            quiet = begin <= here < end if begin <= end else here >= begin or here < end
            if quiet:
                return _micros(_next(moment, end))
        return _micros(moment)


def clock(text: str) -> time:
    """Return a time of day; ValueError when it is not of the form HH:MM."""
    if not _HOUR_MINUTE.fullmatch(text):
        raise ValueError(f"{text} is no time of day such as 07:30")
    return time.fromisoformat(text)


def subject(news: list[News]) -> str:
    """Return the first line of a message."""
    begun = sum(not each.recovered for each in news)
    ended = len(news) - begun
    if len(news) == 1:
        return f"Slackwater: {news[0].name} {_words(news[0])}"
    parts = [f"{begun} alerts" if begun != 1 else "1 alert"] if begun else []
    parts += [f"{ended} recovered"] if ended else []
    return f"Slackwater: {', '.join(parts)}"


def body(news: list[News]) -> str:
    """Return the text of a message: one line per source and alert, the newest last."""
    lines = [f"- {each.name} {_words(each)}: {each.message}" for each in news[:MOST_NEWS]]
    if len(news) > MOST_NEWS:
        lines.append(f"- and {len(news) - MOST_NEWS} more; the console shows all.")
    return "\n".join(lines)


def _words(news: News) -> str:
    said = {
        Kind.ERROR: "is in error",
        Kind.STALE: "is late",
        Kind.REJECTED: "rejects rows",
        Kind.SCHEMA_CHANGED: "has changed",
        Kind.RECOVERED: "is tested",
    }[news.kind]
    return f"has recovered ({news.kind.value})" if news.recovered else said


def _next(moment: datetime, at: time) -> datetime:
    there = moment.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
    return there if there > moment else there + timedelta(days=1)


def _micros(moment: datetime) -> int:
    return round(moment.timestamp() * SECOND)


def _span(seconds: int) -> str:
    for unit, size in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} seconds"
