"""Finds time zones by name.

Apart from the other texts, which need pydantic: wrapper processes do without it.
"""

import re
from datetime import UTC, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(0\d|1[0-4]):([0-5]\d)")


def zone(name: str) -> tzinfo:
    """Return the time zone of an IANA name or an offset such as +01:00.

    ValueError when there is none.
    """
    if name.upper() in {"UTC", "Z", "GMT"}:
        return UTC
    if match := _OFFSET.fullmatch(name):
        offset = timedelta(hours=int(match[2]), minutes=int(match[3]))
        return timezone(-offset if match[1] == "-" else offset)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            f"{name!r} is not an IANA time zone such as Europe/Lisbon, nor an offset such as +01:00"
        ) from None
