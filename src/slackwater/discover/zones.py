"""In which time zone a source writes its times, where they do not say so themselves."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from slackwater.discover.answers import words_of
from slackwater.discover.values import says_no_data
from slackwater.errors import Question
from slackwater.model.instants import DAY, from_micros
from slackwater.model.texts import zone
from slackwater.pipe.frames import Finding
from slackwater.runtime.dates import time_parser

_NAMES = frozenset({"timezone", "tz", "timezonename", "tzname", "timezoneid", "timezoneiana", "zone", "tzid"})
_OFFSETS = frozenset({"utcoffsetseconds", "utcoffsetsec", "gmtoffset", "tzoffset", "utcoffset", "gmtoffsetseconds"})
_ELSEWHERE = ZoneInfo("Pacific/Chatham")  # whose wall clocks show what no other's do


@dataclass(frozen=True)
class Hints:
    """What an answer says beside its records: the zone's name, the seconds before UTC, and what stands for no value."""

    name: str | None = None
    offset: int | None = None
    at: str = ""  # the field that says so
    missing: tuple[float, ...] = ()


def hints_in(body: Any) -> Hints:
    """Return what an answer says outside its lists."""
    names, offsets, missing = [], [], []
    for path, value in _singles(body):
        word = "".join(word for word in words_of(path.rpartition(".")[2]) if not word.isdecimal())
        if word in _NAMES and isinstance(value, str) and _known(value):
            names.append((path, value))
        elif word in _OFFSETS and type(value) is int and abs(value) <= 50_400 and value % 900 == 0:
            offsets.append((path, value))
        elif says_no_data(path) and type(value) in (int, float):
            missing.append(float(value))
    if not names and not offsets:
        return Hints(missing=tuple(missing))
    told = {value for _, value in names}
    return Hints(
        names[0][1] if len(told) == 1 else None,
        offsets[0][1] if offsets else None,
        (names or offsets)[0][0],
        tuple(missing),
    )


def _singles(body: Any, path: str = "", depth: int = 3) -> Iterator[tuple[str, Any]]:
    for key, value in body.items() if isinstance(body, dict) and depth else ():
        here = f"{path}.{key}" if path else str(key)
        if isinstance(value, dict):
            yield from _singles(value, here, depth - 1)
        elif not isinstance(value, list):
            yield here, value


def _known(name: str) -> bool:
    try:
        zone(name)
    except ValueError:
        return False
    return True


def settle_zone(
    cells: list[Any], form: str, given: str | None, hints: Hints, columns: dict[str, list[Any]]
) -> tuple[str | None, tzinfo, Finding | None]:
    """Return the name of the zone to declare (or None), the zone, and why; a Question where the source is at odds."""
    if given:
        reason = f"The zone {given} is given."
        return given, zone(given), Finding(what="timezone", value=given, confidence=1, reason=reason, field="timezone")
    times = time_parser(form, UTC)(cells)
    if times == time_parser(form, _ELSEWHERE)(cells):
        return None, UTC, None  # the times say it themselves
    if all(time is None or time % DAY == 0 for time in times):
        reason = "The times are dates; each stands for its midnight in UTC."
        return None, UTC, Finding(what="timezone", value="UTC", confidence=0.9, reason=reason, field="timezone")
    column = _in_column(columns)
    name = column or hints.name
    if name is None and hints.offset is not None:
        name = _offset_name(hints.offset)
    if name is None:
        reason = "The times name no zone and the answer does not tell one; they are read as UTC."
        return None, UTC, Finding(what="timezone", value="UTC", confidence=0.6, reason=reason, field="timezone")
    home = zone(name)
    if hints.offset is not None and not column and hints.offset not in _offsets(home, times):
        raise Question(
            f"The answer says both that its zone is {name} and that it is {_offset_name(hints.offset)}, which are not "
            "the same. Give timezone.",
            field="timezone",
            choices=[name, _offset_name(hints.offset)],
        )
    reason = f"The times name no zone; `{hints.at if not column else 'the records'}` says that it is {name}."
    found = Finding(what="timezone", value=name, confidence=0.9, reason=reason, field="timezone")
    return (None if home is UTC else name), home, found


def _in_column(columns: dict[str, list[Any]]) -> str | None:
    """Return the zone that every record names; a Question where they name several."""
    for path, cells in columns.items():
        told = {cell for cell in cells if cell is not None}
        if (
            "".join(words_of(path.rpartition(".")[2])) in _NAMES
            and told
            and all(isinstance(cell, str) and _known(cell) for cell in told)
        ):
            if len(told) == 1:
                return str(told.pop())
            raise Question(
                f"The records are in several time zones (`{path}`), and their times do not name theirs. Select one "
                "zone with query_params, and give timezone.",
                field="timezone",
                choices=sorted(map(str, told)),
            )
    return None


def _offsets(home: tzinfo, times: list[int | None]) -> set[int]:
    known = [time for time in times if time is not None]
    year = from_micros(max(known)).year if known else 2024
    moments = [datetime(year, month, 15, tzinfo=UTC) for month in (1, 7)]
    moments += [from_micros(time) for time in known[:50]]
    return {int((moment.astimezone(home).utcoffset() or timedelta()).total_seconds()) for moment in moments}


def _offset_name(seconds: int) -> str:
    if seconds == 0:
        return "UTC"
    sign = "-" if seconds < 0 else "+"
    return f"{sign}{abs(seconds) // 3600:02}:{abs(seconds) % 3600 // 60:02}"
