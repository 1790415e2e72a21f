"""Detects days with a list of 24, 48 or 96 values each."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from statistics import fmean
from typing import Any

from slackwater.discover.inference.local_time import zones_of_days
from slackwater.errors import Question
from slackwater.formats.numbers import infer_number_form, number_parser
from slackwater.formats.payload.day_lists import step_of_days
from slackwater.formats.payload.json_path import at
from slackwater.formats.payload.nodes import EVERY
from slackwater.formats.payload.shapes import Place
from slackwater.formats.payload.steps import begin_of

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
STEPS = {24: "PT1H", 48: "PT30M", 96: "PT15M"}  # values of a day → their step
HOURS = 24  # of a day
_ENOUGH = 200  # pairs of neighbours; chosen: of so many their mean distance is known to a tenth
_UNLIKE = 0.85  # of the distance of others; measured: of nine days of random numbers it is more in 99 of 100 cases
_SHORT = 0.1  # of the days at most, beside the one that is not over; chosen: else they are no values of hours


def day_lists(objects: Sequence[dict[str, Any]]) -> tuple[str, ...] | None:
    """Return the names of day, step and lists as `steps` declares, else None."""
    days = [key for key, cell in objects[0].items() if isinstance(cell, str) and _DAY.fullmatch(cell)]
    if len(days) != 1 or len({each.get(days[0]) for each in objects}) < len(objects):
        return None
    held = [key for key, value in objects[0].items() if isinstance(value, list) and _numbers(value)]
    counts = Counter(len(each[key]) for each in objects for key in held if isinstance(each.get(key), list))
    count = counts.most_common(1)[0][0] if counts else 0
    if count not in STEPS or not all(_near(each, count) for each in counts):
        return None
    if sum(number for each, number in counts.items() if each < count - count // HOURS) > _SHORT * counts.total() + 1:
        return None
    return (days[0], STEPS[count], *held)


def in_their_zone(place: Place, body: Any, config: Mapping[str, Any]) -> Place:
    """Return the place with the given zone; Question if clocks change and none is given."""
    names = place.columns
    if place.shape != "steps" or not isinstance(names, tuple) or step_of_days(names[1]) is None:
        return place
    _refuse_unordered(place, body, names, config)
    if config.get("timezone"):
        return Place(place.path, place.shape, (names[0], f"{names[1]}@{config['timezone']}", *names[2:]), place.across)
    full = next(count for count, step in STEPS.items() if step == names[1])
    counts = {
        at(node.value, names[0]): len(values)
        for node in place.nodes(body)
        if isinstance(values := at(node.value, names[2]), list)
    }
    odd = {day: count for day, count in counts.items() if abs(count - full) == full // HOURS}
    if not odd:
        return place
    days = [start for day in odd if (start := begin_of(day)) is not None]
    told = ", ".join(f"{count} on {day}" for day, count in list(odd.items())[:4])
    raise Question(
        f"The lists in `{names[2]}` hold the {full} values of a day each, but {told}: they are days of a zone whose "
        "clocks change then. Give timezone.",
        field="timezone",
        choices=zones_of_days(days),
    )


def _refuse_unordered(place: Place, body: Any, names: tuple[str, ...], config: Mapping[str, Any]) -> None:
    """Raise a Question for lists whose order tells nothing: members of an ensemble, stations, classes."""
    if config.get("value_field") or config.get("value_fields"):
        return
    for name in names[2:]:
        lists = [_known(values) for node in place.nodes(body) if isinstance(values := at(node.value, name), list)]
        steps = [abs(later - earlier) for held in lists for earlier, later in pairwise(held)]
        apart = [pair for held in lists for pair in zip(held, held[len(held) // 2 :], strict=False)]
        others = [abs(later - earlier) for earlier, later in apart]
        if len(steps) >= _ENOUGH and fmean(steps) > _UNLIKE * fmean(others):
            raise Question(
                f"The lists in `{name}` are as long as a day has hours or parts of them, but numbers beside one "
                "another are no more alike than others: they may be of members, stations or classes. Give value_field "
                "if they are the values of each day in order, or records_path and the value_field of another number.",
                field="value_field",
                choices=list(names[2:]),
                alternatives=[{"value_field": name}, *_beside(place, body)],
            )


def _near(count: int, full: int) -> bool:
    return count <= full or count == full + full // HOURS


def _beside(place: Place, body: Any) -> Iterator[dict[str, str]]:
    """Yield the answers by which another number of each day is the value."""
    first = next(iter(place.nodes(body)), None)
    above, _, _ = (place.path or "").rpartition(f".{EVERY}")
    held = first.value.items() if above and first else ()
    yield from ({"records_path": above, "value_field": key} for key, cell in held if type(cell) in (int, float))


def _known(values: Sequence[Any]) -> list[float]:
    form = infer_number_form(values)
    numbers = number_parser(form.decimal, form.thousands)(values)[0] if form else []
    return [number for number in numbers if number is not None]


def _numbers(values: Sequence[Any]) -> bool:
    return all(not isinstance(cell, list | dict | bool) for cell in values) and infer_number_form(values) is not None
