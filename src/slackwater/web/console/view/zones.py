"""Chooses the time zone of a page, and writes times as its fields take them."""

from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from fastapi import Request

from slackwater.errors import BadInput
from slackwater.model.buckets import Granularity
from slackwater.model.instants import SECOND, from_micros

ZONE_COOKIE = "slackwater_timezone"
BROWSER = "browser"  # in the cookie before the zone that the browser has told, which is followed when it changes
UTC_NAME = "UTC"
# Their buckets are those of UTC.
CALENDAR = frozenset({Granularity.DAY, Granularity.WEEK, Granularity.MONTH, Granularity.YEAR})


class Zone(NamedTuple):
    """A time zone under its IANA name; `followed`: whichever the browser has."""

    name: str
    info: tzinfo
    followed: bool = False

    @property
    def is_utc(self) -> bool:
        """Whether times are shown as they are stored."""
        return self.info is UTC


IN_UTC = Zone(UTC_NAME, UTC)


@cache
def _known() -> dict[str, str]:
    # Files of the system's own that no browser knows.
    return {name.casefold(): name for name in available_timezones() - {"Factory", "localtime", "posixrules"}}


def named(name: str) -> Zone:
    """Return the zone of an IANA name, in whatever case; BadInput when there is none."""
    found = _known().get(name.strip().replace(" ", "_").casefold())
    if found is None:
        raise BadInput(f"{name.strip()[:60]!r} is not a time zone; write it as Europe/Lisbon, or UTC")
    return IN_UTC if found in ("UTC", "Etc/UTC") else Zone(found, ZoneInfo(found))


def zone_of(request: Request) -> Zone:
    """Return the zone that the person, or the public link, has chosen; UTC when none."""
    given: Zone | None = getattr(request.state, "zone", None)
    if given is not None:
        return given
    kept = request.cookies.get(ZONE_COOKIE, "")
    followed = kept.startswith(f"{BROWSER}:")
    try:
        return named(kept.removeprefix(f"{BROWSER}:"))._replace(followed=followed) if kept else IN_UTC
    except BadInput:  # renamed, or gone from the host's list
        return IN_UTC


def local(moment: int, zone: tzinfo) -> datetime:
    """Return a moment (µs) as the clocks of a zone show it."""
    at = from_micros(moment)
    try:
        return at if zone is UTC else at.astimezone(zone)
    except OverflowError:  # the first or the last hours of the calendar
        return at


def offset(at: datetime) -> str:
    """Return how far a time is from UTC: UTC, UTC+1, UTC−3:30."""
    away = at.utcoffset() or timedelta()
    minutes, seconds = divmod(abs(int(away.total_seconds())), 60)
    if not minutes and not seconds:
        return UTC_NAME
    hours, minutes = divmod(minutes, 60)
    sign = "\N{MINUS SIGN}" if away < timedelta() else "+"
    return (
        f"UTC{sign}{hours}" + (f":{minutes:02}" if minutes or seconds else "") + (f":{seconds:02}" if seconds else "")
    )


def is_shown_twice(at: datetime) -> bool:
    """Check whether the clocks of its zone show this time once more."""
    return at.replace(fold=0).utcoffset() != at.replace(fold=1).utcoffset()


def written(moment: int, zone: tzinfo, *, end: bool = False) -> str:
    """Return a moment (µs) as a field takes it, no finer than it is.

    `end`: it is the last one of a range.
    """
    at = local(moment, zone)
    after = local(moment + 1, zone) if end else at
    if (after.hour, after.minute, after.second, after.microsecond) == (0, 0, 0, 0):
        return at.date().isoformat()
    precision = "microseconds" if moment % SECOND else "seconds" if at.second else "minutes"
    text = at.replace(tzinfo=None).isoformat(" ", precision)
    return text + (f"{at:%z}"[:3] + ":" + f"{at:%z}"[3:5] if is_shown_twice(at) else "")
