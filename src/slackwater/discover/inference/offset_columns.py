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
_CHANGES = 2  # of the clocks of a place in a year
_BESIDE_A_CHANGE = 3  # rows on both sides of one; chosen: with fewer, the night of it is no sign
_CHANGING = (
    *("Europe/Lisbon", "Europe/Berlin", "Europe/Athens", "Asia/Jerusalem", "Australia/Adelaide", "Australia/Sydney"),
    *("America/St_Johns", "America/Halifax", "America/New_York", "America/Chicago", "America/Denver"),
    *("America/Los_Angeles", "America/Santiago", "Pacific/Auckland"),
)
"""A zone of each rule by which clocks change, and of each offset where rules go by local time."""
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
    words, joined = words_of(path.rpartition(".")[2]), _joined(path)
    by_name = next((unit for unit, names in _BY_NAME.items() if set(words) & set(names)), None)
    named = "offset" in joined or joined.endswith(("off", "diff")) or joined in ("tz", "timezone", "utc", "gmt")
    if not named or (not by_name and not any(each in joined for each in _ZONES)):
        return None
    form = infer_number_form(list(cells)) if not any(isinstance(cell, bool) for cell in cells) else None
    if form is None:
        return None
    numbers = [number for number in number_parser(form.decimal, form.thousands)(cells)[0] if number is not None]
    fitting = [unit for unit in ([by_name] if by_name else "hms") if _are_offsets(numbers, OFFSET_UNITS[unit])]
    return fitting[0] if fitting and any(numbers) else None


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


def steady_unit(name: str, cells: Sequence[object], times: Sequence[int | None]) -> str | None:
    """Return what numbers that may be offsets of times count: h or m.

    They are signed, or called so, and the same in all rows but for a change of clocks by an hour or less.
    """
    texts = list(map(cell_text, cells))
    matches = [_COUNTED.fullmatch(text) for text in texts]
    called = _CALLED.search(name) is not None or offset_unit(name, cells) is not None
    if not all(match and (match["sign"] or called or float(_plain(match[0])) == 0) for match in matches):
        return None
    numbers = [float(_plain(text)) for text in texts]
    if not any(numbers) or (not any(match and match["sign"] for match in matches) and not called):
        return None
    unit = next((unit for unit in "hm" if _are_offsets(numbers, OFFSET_UNITS[unit])), None)
    if unit is None or (unit == "m" and not called):
        return None
    told = set(numbers)
    if len(told) > _CHANGES or (max(told) - min(told)) * OFFSET_UNITS[unit] > HOUR:
        return None
    days: dict[int, float] = {}
    for time, number in sorted((time, number) for time, number in zip(times, numbers, strict=True) if time is not None):
        days.setdefault(time // DAY, number)
    if not days:
        return None
    changes = sum(here != there for here, there in pairwise(days.values()))
    return unit if changes <= _CHANGES * (1 + (max(days) - min(days)) * DAY / YEAR) else None


def are_of_a_zone(cells: Sequence[object], unit: str, times: Sequence[int | None]) -> bool:
    """Check whether numbers change when the clocks of a place do."""
    numbers = [float(_plain(cell_text(cell))) for cell in cells]
    ends = {number: numbers.count(number) for number in set(numbers)}
    if len(ends) != _CHANGES or min(ends.values()) < _BESIDE_A_CHANGE:
        return False
    known = {(time, number) for time, number in zip(times, numbers, strict=True) if time is not None}
    instants = {(time - round(number * OFFSET_UNITS[unit]), number) for time, number in known}
    return any(_tells(name, instants, OFFSET_UNITS[unit]) for name in _CHANGING)


def _tells(name: str, instants: set[tuple[int, float]], unit: int) -> bool:
    """Check whether the clocks of a zone go ahead when the numbers do."""
    home, least = zone(name), min(number for _, number in instants)
    ahead = {(number, _offset(at, home)) for at, number in instants}
    winter = min(offset for _, offset in ahead)
    return all(round((number - least) * unit) == offset - winter for number, offset in ahead)


def _offset(at: int, home: tzinfo) -> int:
    offset = datetime.fromtimestamp(at / SECOND, UTC).astimezone(home).utcoffset()
    return round(offset.total_seconds() * SECOND) if offset else 0


def form_with_offsets(form: str | None, cells: Sequence[object]) -> str | None:
    """Return the form of times with offsets behind them, None for ISO 8601."""
    texts = list(map(cell_text, cells))
    halves = form is not None and "%p" in form  # whose forms read no offset of themselves
    if all(map(_BEHIND.fullmatch, texts)) and not (halves and all(map(_COUNTED.fullmatch, texts))):
        return f"{form} %z" if halves and all(map(_WRITTEN.fullmatch, texts)) else form
    numbers = [float(_plain(text)) for text in texts if _COUNTED.fullmatch(text)]
    unit = "h" if len(numbers) < len(texts) or _are_offsets(numbers, HOUR) else "m"
    return f"{form or 'iso'} +{unit}"


def _plain(text: str) -> str:
    return text.replace(",", ".")
