"""Reads days with a list of their values each. Pure.

`{"date": "2026-05-01", "prices": [24 numbers]}` becomes 24 records with times.

The step is declared, `PT1H`, and the time zone whose days they are behind it, `PT1H@Europe/Lisbon`. A list whose length
is not that of its day has no times: nobody says which hour is missing, or which one the 25th is. Shorter by more than
an hour it is a day that is not over, if it is the latest of all.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta, tzinfo
from typing import Any

from slackwater.formats.payload.json_path import at
from slackwater.formats.payload.steps import TIME, begin_of, step_of
from slackwater.model.instants import DAY, HOUR, from_micros, iso, to_micros
from slackwater.model.time_zones import zone


def step_of_days(declared: str) -> tuple[int, tzinfo | None] | None:
    """Return the step (µs) of a day's values and its zone; None for another step."""
    step, _, name = declared.partition("@")
    months, length = (step_of(step) or (0, 0)) if step.startswith("PT") else (0, 0)
    if months or not length or DAY % length or HOUR % length:
        return None
    return length, zone(name) if name else None


def latest_day(objects: Iterable[Any], begin: str) -> int | None:
    """Return the beginning of the latest day of some objects, None without one."""
    found = [begin_of(at(each, begin)) for each in objects if isinstance(each, dict)]
    return max((start for start in found if start is not None), default=None)


def values_of_day(
    node: dict[str, Any], begin: str, step: tuple[int, tzinfo | None], names: Sequence[str], latest: int | None = None
) -> Iterator[dict[str, Any]]:
    """Yield the values of a day with their times, None where those are unknown."""
    length, home = step
    day = at(node, begin)
    lists = {name: values for name in names if isinstance(values := at(node, name), list)}
    count = max(map(len, lists.values()), default=0)
    times = _times(start := begin_of(day), length, home, count, ended=latest is not None and start != latest)
    for place in range(count):
        held = {name: values[place] for name, values in lists.items() if place < len(values)}
        yield {TIME: times[place] if times else None, begin: day, **held}


def _times(start: int | None, length: int, home: tzinfo | None, count: int, *, ended: bool) -> list[str] | None:
    if start is None or start % DAY:
        return None
    end = start + DAY
    if home is not None:
        midnight = from_micros(start).replace(tzinfo=home)
        start, end = to_micros(midnight), to_micros(midnight + timedelta(days=1))
    full = (end - start) // length
    if count > full or count == full - HOUR // length or (ended and count < full):
        return None
    moments = [start + place * length for place in range(count)]
    return [iso(time) if home else from_micros(time).strftime("%Y-%m-%dT%H:%M") for time in moments]
