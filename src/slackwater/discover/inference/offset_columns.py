"""Detects columns of offsets from UTC beside local times, as texts or as numbers. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from itertools import pairwise
from typing import Any

from slackwater.discover.inference.timezones import ELSEWHERE, offset_name, zone_matters
from slackwater.discover.inference.words import words_of
from slackwater.errors import Question
from slackwater.formats.cells import cell_text
from slackwater.formats.numbers import infer_number_form, number_parser
from slackwater.formats.timestamps import OFFSET_UNITS, time_parser
from slackwater.formats.units import unit_in
from slackwater.model.instants import DAY, HOUR, MINUTE, SECOND, YEAR
from slackwater.model.time_zones import zone

_WRITTEN = re.compile(r"[+-]\d{2}:?[0-5]\d", re.ASCII)
_ZONES = ("utc", "gmt", "tz", "zone")
_BY_NAME = {
    "h": ("h", "hr", "hrs", "hour", "hours"),
    "m": ("min", "mins", "minute", "minutes"),
    "s": ("s", "sec", "secs", "second", "seconds"),
}
_FARTHEST = 14 * HOUR  # from UTC; of Kiribati
_STEP = 15 * MINUTE  # offsets are multiples of it
_BEHIND = re.compile(r"(?:UTC|GMT)?\s?[+-]\d{1,2}(?::?[0-5]\d)?|UTC|GMT", re.ASCII)  # what the forms of times read
_COUNTED = re.compile(r"(?P<sign>[+-])?\d{1,3}(?:[.,]\d{1,2})?", re.ASCII)
_CALLED = re.compile(
    r"(?<![a-z])(?:utc|gmt|tz|time\s?zone|zeitzone|tijdzone|tids?zon\w*|tidssone)(?![a-z])", re.IGNORECASE
)
_QUARTERS_OF_PLACES = frozenset(range(-48, 57, 4)) | {-38, -14, -10, 14, 18, 22, 23, 26, 35, 38, 42, 51, 55}
"""The offsets that some place has, in quarters of an hour (of the IANA time zone database)."""
_CHANGES = 2  # of the clocks of a place in a year
_BESIDE_A_CHANGE = 3  # rows on both sides of one; chosen: with fewer, the night of it is no sign
_CHANGING = (
    *("Atlantic/Azores", "Europe/Lisbon", "Europe/Berlin", "Europe/Athens", "Europe/Moscow", "Europe/Chisinau"),
    *("Asia/Jerusalem", "Asia/Beirut", "Asia/Amman", "Asia/Tehran", "Asia/Yekaterinburg", "Africa/Cairo"),
    *("Africa/Casablanca", "Australia/Adelaide", "Australia/Sydney", "Australia/Lord_Howe", "Pacific/Norfolk"),
    *("Pacific/Auckland", "Pacific/Chatham", "Pacific/Easter", "America/Nuuk", "America/Miquelon"),
    *("America/St_Johns", "America/Halifax", "America/New_York", "America/Chicago", "America/Denver"),
    *("America/Los_Angeles", "America/Anchorage", "America/Adak", "America/Havana", "America/Mexico_City"),
    *("America/Asuncion", "America/Santiago", "America/Sao_Paulo"),
)
"""A zone of each offset and of each rule by which clocks change there, or have changed since 1996."""
_EITHER_SIGN = frozenset({"timezoneoffset", "tzoffset"})  # in minutes: JavaScript counts them to the west


@dataclass(frozen=True)
class Offsets:
    """A column of offsets, and the form of the times with them behind.

    Without a form the times are of UTC without them.
    """

    path: str
    form: str | None


def offsets_beside(columns: dict[str, list[Any]], time: Sequence[str], cells: list[Any], form: str) -> Offsets | None:
    """Return the column of offsets of times without a zone.

    A Question where they may count to the east or to the west.
    """
    as_they_are = time_parser(form, UTC)(cells)
    if not zone_matters(as_they_are, time_parser(form, ELSEWHERE)(cells)):
        return None
    for path, held in columns.items():
        told = {cell for cell in held if cell not in (None, "") and not isinstance(cell, list | dict)}
        if path in time or None in held or not told:
            continue
        if all(isinstance(cell, str) and _WRITTEN.fullmatch(cell) for cell in told):
            return Offsets(path, form if form == "iso" else f"{form} %z")
        if _say_utc(time) or (unit := offset_unit(path, list(told))) is None:
            continue
        joined = [f"{cell} {offset}" for cell, offset in zip(cells, held, strict=True)]
        ways = {f"{form} {sign}{unit}": time_parser(f"{form} {sign}{unit}", UTC)(joined) for sign in "+-"}
        east, west = ways
        if None in ways[east]:
            continue
        scores = {east: _unevenness(ways[east]), west: _unevenness(ways[west])}
        if len(told) > 1 and _unevenness(as_they_are) < min(scores.values()):
            return Offsets(path, None)
        if scores[east] == scores[west] and unit == "m" and _joined(path) in _EITHER_SIGN:
            raise _either_way(path, told, list(ways), time)
        return Offsets(path, west if scores[west] < scores[east] else east)
    return None


def offset_unit(path: str, cells: Sequence[Any]) -> str | None:
    """Return what numbers of offsets from UTC count: h, m or s."""
    by_name = _unit_in_name(path)
    if by_name is None:
        return None
    form = infer_number_form(list(cells)) if not any(isinstance(cell, bool) for cell in cells) else None
    if form is None:
        return None
    numbers = [number for number in number_parser(form.decimal, form.thousands)(cells)[0] if number is not None]
    fitting = [unit for unit in ([by_name] if by_name else "hms") if _are_offsets(numbers, OFFSET_UNITS[unit])]
    return fitting[0] if fitting and any(numbers) else None


def _unit_in_name(path: str) -> str | None:
    """Return what a name of offsets says that they count.

    "" where it says nothing, None for another name.
    """
    words, joined = words_of(path.rpartition(".")[2]), _joined(path)
    by_name = next((unit for unit, names in _BY_NAME.items() if set(words) & set(names)), "")
    named = "offset" in joined or joined.endswith(("off", "diff")) or joined in ("tz", "timezone", "utc", "gmt")
    return by_name if named and (by_name or any(each in joined for each in _ZONES)) else None


def _are_offsets(numbers: Sequence[float], unit: int) -> bool:
    return all(abs(number * unit) <= _FARTHEST and number * unit % _STEP == 0 for number in numbers)


def _unevenness(times: Sequence[int | None]) -> tuple[int, int]:
    """Count the times that are another's, and the different distances."""
    known = [time for time in times if time is not None]
    alone = sorted(set(known))
    return len(known) - len(alone), len({later - earlier for earlier, later in pairwise(alone)})


def _say_utc(time: Sequence[str]) -> bool:
    return any({"utc", "gmt"} & set(words_of(path)) for path in time)


def _joined(path: str) -> str:
    return "".join(words_of(path.rpartition(".")[2]))


def _either_way(path: str, told: set[Any], forms: list[str], time: Sequence[str]) -> Question:
    number = float(sorted(told, key=str)[-1])
    ways = [offset_name(round(sign * number * MINUTE // SECOND)) for sign in (1, -1)]
    return Question(
        f"`{path}` says by how many minutes the times are off UTC, and not in which direction: {number:g} may be "
        f"{ways[0]} or {ways[1]}. Give date_field and date_format.",
        field="date_format",
        alternatives=[{"date_field": ",".join([*time, path]), "date_format": form} for form in forms],
    )


def offsets_of_local_times(
    name: str, cells: Sequence[object], times: Sequence[int | None], places: Sequence[Sequence[object]] = ()
) -> tuple[str, bool] | None:
    """Return what numbers that may be offsets count, h or m, and whether they are.

    They are signed, or called so, and the same in all rows, or at each place, or change when the clocks of a place do.
    Whatever else is such a number now and then, such as +1 °C, changes at other times. `places` are the cells of the
    columns of words.
    """
    unit = _unit_of_offsets(name, cells)
    if unit is None:
        return None
    numbers = [float(_plain(cell_text(cell))) for cell in cells]
    told = set(numbers)
    if len(told) == 1:
        return unit, False
    known = {(time, number) for time, number in zip(times, numbers, strict=True) if time is not None}
    offsets = [(time, round(number * OFFSET_UNITS[unit])) for time, number in known]
    instants = sorted((time - offset, offset) for time, offset in offsets)
    changes = [(one, other) for one, other in pairwise(instants) if one[1] != other[1]]
    years = 1 + (instants[-1][0] - instants[0][0]) / YEAR if instants else 1
    of_a_place = len(told) == _CHANGES and 0 < len(changes) <= _CHANGES * years
    if not of_a_place or not any(_has_clocks(name, changes, instants) for name in _CHANGING):
        called = offset_unit(name, cells) or any(_has_one_each(place, cells, numbers) for place in places)
        return (unit, False) if called else None  # of several places, or under way
    many = min(map(numbers.count, told)) >= _BESIDE_A_CHANGE
    return unit, many and all(after - before <= DAY for (before, _), (after, _) in changes)


def _has_one_each(places: Sequence[object], cells: Sequence[object], numbers: Sequence[float]) -> bool:
    """Check whether several places have a number of their own each, in several rows.

    One has a `+`: depths and floors have none.
    """
    if not any(cell_text(cell)[:1] == "+" for cell in cells):
        return False
    held = {*zip(map(cell_text, places), numbers, strict=True)}
    names = {place for place, _ in held}
    return len(names) == len(held) > 1 and len(numbers) >= _BESIDE_A_CHANGE * len(names)


def _unit_of_offsets(name: str, cells: Sequence[object]) -> str | None:
    """Return what numbers count that some place has as its offsets, h or m.

    Minutes are called so.
    """
    first = cell_text(cells[0]) if cells else ""
    if first[:1] not in ("+", "-", "0") and _CALLED.search(name) is None and _unit_in_name(name) is None:
        return None  # as most columns, at little cost
    matches = [_COUNTED.fullmatch(cell_text(cell)) for cell in cells]
    of_another = unit_in(name) is not None and offset_unit(name, cells) is None
    called = not of_another and (offset_unit(name, cells) is not None or _CALLED.search(name) is not None)
    if of_another or not (called or any(match and match["sign"] for match in matches)):
        return None
    numbers = [
        float(_plain(match[0]))
        for match in matches
        if match and (match["sign"] or called or float(_plain(match[0])) == 0)
    ]
    if len(numbers) < len(matches) or not any(numbers):
        return None
    quarters = {"h": [number * 4 for number in numbers], "m": [number / 15 for number in numbers] if called else [0.5]}
    return next((unit for unit, each in quarters.items() if _QUARTERS_OF_PLACES.issuperset(each)), None)


def _has_clocks(
    name: str, changes: Sequence[tuple[tuple[int, int], tuple[int, int]]], instants: Sequence[tuple[int, int]]
) -> bool:
    """Check whether a zone has the offsets (µs) of instants, at their changes first."""
    home = zone(name)
    edges = [each for change in changes for each in change]
    return all(_offset(at, home) == offset for at, offset in (*edges, *instants))


def _offset(at: int, home: tzinfo) -> int:
    offset = datetime.fromtimestamp(at / SECOND, UTC).astimezone(home).utcoffset()
    return round(offset.total_seconds() * SECOND) if offset else 0


def form_with_offsets(form: str | None, cells: Sequence[object], times: Sequence[object]) -> str | None:
    """Return the form of times with offsets behind them, None for ISO 8601."""
    texts = list(map(cell_text, cells))
    halves = form is not None and "%p" in form  # whose forms read no offset of themselves
    if all(map(_BEHIND.fullmatch, texts)) and not (halves and all(map(_COUNTED.fullmatch, texts))):
        if halves and all(map(_WRITTEN.fullmatch, texts)):
            seconds = all(cell_text(time).count(":") > 1 for time in times)
            return f"{form} %z".replace("%M %p", "%M:%S %p") if seconds else f"{form} %z"
        return form
    numbers = [float(_plain(text)) for text in texts if _COUNTED.fullmatch(text)]
    unit = "h" if len(numbers) < len(texts) or _are_offsets(numbers, HOUR) else "m"
    return f"{form or 'iso'} +{unit}"


def _plain(text: str) -> str:
    return text.replace(",", ".")
