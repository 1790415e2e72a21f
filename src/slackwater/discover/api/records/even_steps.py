"""Detects evenly spaced values: a start and a step instead of times."""

from collections.abc import Iterator, Sequence
from typing import Any

from slackwater.discover.inference.words import set_of, words_of
from slackwater.formats.numbers import infer_number_form
from slackwater.formats.payload.json_path import at
from slackwater.formats.payload.steps import UNITS, begin_of, moments, place_of, step_of
from slackwater.formats.timestamp_inference import infer_time_form

_BEGINS = set_of("start begin beg from first since origin begins starts beginning starttime begintime inicio debut")
_ENDS = set_of("end until to last stop ends finish endtime fim fin ende")
_STEPS = set_of(
    "step interval resolution period tick frequency increment delta duration spacing sampling granularity cadence every"
)
_PLACES = set_of("position pos index idx place seq sequence number nr no slot n order interval hour period")
_UNIT_WORDS = {
    "ms": set_of("ms millis milliseconds millisecond msec"),
    "s": set_of("s sec secs second seconds"),
    "min": set_of("min mins minute minutes"),
    "h": set_of("h hour hours hr hrs"),
}
_WITHIN = 2  # levels of objects in which the beginning and the step may stand


def steps_in(entries: Sequence[Any]) -> tuple[str, ...] | None:
    """Return the field names of start, step and values as `steps` declares, else None.

    The unit of a step that is a number must follow from its name, the end, or where the next begins.
    """
    objects = [entry for entry in entries if isinstance(entry, dict) and entry]
    if not objects or len(objects) < len(entries):
        return None
    first = objects[0]
    singles = dict(_singles(first))
    begins = [path for path, cell in singles.items() if _BEGINS & _words(path) and begin_of(cell) is not None]
    for path, cell in singles.items():
        if not (_STEPS & _words(path)) or isinstance(cell, bool):
            continue
        for begin in begins:
            if path == begin:
                continue
            for held, lengths in _held(objects, (begin, path)):
                step = path if step_of(cell) is not None else _with_unit(path, begin, objects, lengths)
                unit = step.rpartition(":")[2] if step and step != path else None
                if step and moments(singles[begin], step_of(cell, unit)) is not None:
                    return (begin, step, *held)
    return None


def _singles(node: dict[str, Any], above: str = "", depth: int = _WITHIN) -> Iterator[tuple[str, Any]]:
    for key, value in node.items():
        if isinstance(value, dict) and depth > 1:
            yield from _singles(value, f"{above}{key}.", depth - 1)
        elif not isinstance(value, list | dict):
            yield f"{above}{key}", value


def _words(path: str) -> set[str]:
    return set(words_of(path.rpartition(".")[2]))


def _held(objects: Sequence[dict[str, Any]], taken: Sequence[str]) -> Iterator[tuple[tuple[str, ...], list[int]]]:
    """Yield the names of what holds the values, and how many steps each object has."""
    first = objects[0]
    plain = [key for key, value in first.items() if isinstance(value, list) and _are_values(value)]
    if plain and not any(_are_times(first[key]) for key in plain):
        yield tuple(plain), [max(len(each.get(key) or []) for key in plain) for each in objects]
    for key, value in first.items():
        entries = value if isinstance(value, list) else [value]
        if key in taken or not entries or not all(isinstance(entry, dict) for entry in entries):
            continue
        if len(entries) > 1 and (place := _place(entries)):
            yield (key, place), [_last(each.get(key), place) for each in objects]


def _are_values(values: list[Any]) -> bool:
    cells = [cell for value in values for cell in (value if isinstance(value, list) else [value])]
    widths = {len(value) for value in values if isinstance(value, list)}
    return (
        len(values) > 1
        and len(widths) <= 1
        and not any(isinstance(cell, list | dict | bool) for cell in cells)
        and infer_number_form(cells) is not None
    )


def _are_times(values: list[Any]) -> bool:
    form = infer_time_form(values)
    return form is not None and (not form.numeric or form.form.startswith("epoch"))


def _place(entries: Sequence[dict[str, Any]]) -> str | None:
    """Return the field that numbers entries from 1 on, None if they have times."""
    for key in entries[0]:
        cells = [entry.get(key) for entry in entries]
        form = infer_time_form(cells)
        if form is not None and not form.numeric:
            return None
    for key in entries[0]:
        places = [place for entry in entries if (place := place_of(entry, key)) is not None]
        if _PLACES & _words(key) and len(places) == len(entries) and places[0] == 1 and places == sorted(set(places)):
            return key
    return None


def _last(entries: Any, place: str) -> int:
    held = entries if isinstance(entries, list) else [entries]
    return max((place_of(entry, place) or 0 for entry in held if isinstance(entry, dict)), default=0)


def _with_unit(path: str, begin: str, objects: Sequence[dict[str, Any]], lengths: Sequence[int]) -> str | None:
    """Return a numeric step's name with its unit, None where it is unknown."""
    units = [unit for unit, names in _UNIT_WORDS.items() if names & _words(path)]
    if len(units) == 1:
        return f"{path}:{units[0]}"
    ends = [each for each, _ in _singles(objects[0]) if _ENDS & _words(each)]
    spans = [
        (begin_of(at(entry, end)), begin_of(at(entry, begin)), at(entry, path), count)
        for entry, count in zip(objects, lengths, strict=True)
        for end in ends
    ]
    spans += [
        (begin_of(at(later, begin)), begin_of(at(entry, begin)), at(entry, path), count)
        for entry, later, count in zip(objects, objects[1:], lengths, strict=False)
    ]
    spans = [each for each in spans if each[0] is not None and each[1] is not None and each[0] > each[1]]
    fitting = [
        unit
        for unit, length in UNITS.items()
        if any(
            end is not None
            and start is not None
            and end - start in (count * step * length, (count - 1) * step * length)
            for end, start, step, count in spans
            if type(step) in (int, float)
        )
    ]
    if len(fitting) == 1:
        return f"{path}:{fitting[0]}"
    cell = at(objects[0], begin)
    if not spans and type(cell) in (int, float):  # the clock of the beginning is that of the step
        return f"{path}:{'s' if cell < 10**11 else 'ms'}"
    return None
