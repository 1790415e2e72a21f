"""Instants: whole microseconds since 1970-01-01T00:00:00Z, as plain integers.

Aware datetimes at the edges, integers inside: they sort, subtract and travel without a time zone to forget.
"""

from datetime import UTC, datetime, timedelta, tzinfo

SECOND = 1_000_000  # µs; all times and spans are whole µs
MINUTE = 60 * SECOND  # µs
HOUR = 60 * MINUTE  # µs
DAY = 24 * HOUR  # µs; days of UTC have no leap seconds, as in POSIX
WEEK = 7 * DAY  # µs
YEAR = 365 * DAY + DAY // 4  # the Julian year; good enough to measure spans with

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_micros(moment: datetime) -> int:
    """Return an aware datetime as µs since the epoch.

    A naive one is a ValueError, never a guess.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone")
    return (moment - _EPOCH) // _MICROSECOND


def _is_after(one: datetime, other: datetime) -> bool:
    return (one.utcoffset() or timedelta()) < (other.utcoffset() or timedelta())  # the same clock


EARLIEST = to_micros(datetime(1, 1, 1, tzinfo=UTC))
LATEST = to_micros(datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC))


def from_micros(micros: int) -> datetime:
    """Convert µs since the epoch to an aware UTC datetime.

    OverflowError outside the years 1 to 9999.
    """
    return _EPOCH + timedelta(microseconds=micros)


def iso(micros: int) -> str:
    """Format µs since the epoch as ISO 8601 in UTC, shortest form: `2001-12-29T00:00:00Z`."""
    return from_micros(micros).isoformat().replace("+00:00", "Z")


def parse_iso(text: str, zone: tzinfo = UTC, *, latest: bool = False) -> int:
    """Return an ISO 8601 date or time as µs since the epoch.

    Without a zone it is one of `zone`; of an hour that the clocks there show twice the first, or the `latest`. One that
    they leave out is as much later as they are put forward. ValueError if it is none.

    Its zone may take a time in the first or the last hours of the calendar out of it: a ValueError too.
    """
    moment = datetime.fromisoformat(text.strip())
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
        again = moment.replace(fold=1)
        moment = again if latest and _is_after(again, moment) else moment
    micros = to_micros(moment)
    if not EARLIEST <= micros <= LATEST:
        raise ValueError(f"{text!r} is outside the years 1 to 9999 in UTC")
    return micros
