"""Detects columns of offsets from UTC beside local times, as texts or as numbers. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from itertools import pairwise
from typing import Any

from slackwater.discover.inference.timezones import ELSEWHERE, offset_name, zone_matters
from slackwater.discover.inference.words import words_of
from slackwater.errors import Question
from slackwater.formats.numbers import infer_number_form, number_parser
from slackwater.formats.timestamps import OFFSET_UNITS, time_parser
from slackwater.model.instants import HOUR, MINUTE, SECOND

_WRITTEN = re.compile(r"[+-]\d{2}:?[0-5]\d", re.ASCII)
_ZONES = ("utc", "gmt", "tz", "zone")
_BY_NAME = {
    "h": ("h", "hr", "hrs", "hour", "hours"),
    "m": ("min", "mins", "minute", "minutes"),
    "s": ("s", "sec", "secs", "second", "seconds"),
}
_FARTHEST = 14 * HOUR  # from UTC; of Kiribati
_STEP = 15 * MINUTE  # offsets are multiples of it
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
