"""What lies at a path of an answer, and what lies beside the way there.

`*` in it stands for every entry or member.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from slackwater.formats.payload.json_path import MISSING, at

EVERY = "*"
SERIES = "series"
"""The field that `*` over an object adds: the name of the member."""


@dataclass(frozen=True)
class Node:
    """What a path leads to, what holds it, and what lies beside the way there."""

    value: Any
    above: Any
    beside: dict[str, Any]


def nodes(body: Any, path: str | None) -> Iterator[Node]:
    """Yield what lies at a path; more than one if it has a `*`."""
    yield from _down(body, steps_of(path), None, {})


def steps_of(path: str | None) -> list[str]:
    """Return the steps of a path: `a.b.*.c` is `a.b`, `*`, `c`."""
    steps: list[str] = []
    for part in path.split(".") if path else ():
        if steps and EVERY not in (part, steps[-1]):
            steps[-1] += f".{part}"
        else:
            steps.append(part)
    return steps


def _down(value: Any, steps: list[str], above: Any, beside: dict[str, Any]) -> Iterator[Node]:
    if not steps:
        yield Node(value, above, beside)
        return
    step, rest = steps[0], steps[1:]
    if step != EVERY:
        found = at(value, step)
        if found is not MISSING:
            holder, _, _ = step.rpartition(".")
            above = at(value, holder) if holder else value
            yield from _down(found, rest, value if above is MISSING else above, beside)
    elif isinstance(value, list):
        for entry in value:
            yield from _down(entry, rest, value, {**beside, **_aside(entry, rest)})
    elif _is_one_entry(value, rest):
        yield from _down(value, rest, [value], {**beside, **_aside(value, rest)})
    elif isinstance(value, dict):
        for key, entry in value.items():
            name = f"{beside[SERIES]} {key}" if SERIES in beside else key
            yield from _down(entry, rest, value, {**beside, **_aside(entry, rest), SERIES: name})


def _is_one_entry(value: Any, rest: list[str]) -> bool:
    """Check whether an object is the only entry of a list, written without the list.

    XML and JSON lines are written so.
    """
    if not rest or not isinstance(value, dict) or at(value, rest[0]) is MISSING:
        return False
    return not any(at(member, rest[0]) is not MISSING for member in value.values())


def lean(holder: Any) -> dict[str, Any]:
    """Return the fields that hold single values, or objects of such, but no lists."""
    found: dict[str, Any] = {}
    for key, value in holder.items() if isinstance(holder, dict) else ():
        if isinstance(value, dict):
            if below := lean(value):
                found[key] = below
        elif not isinstance(value, list):
            found[key] = value
    return found


def _aside(entry: Any, rest: list[str]) -> dict[str, Any]:
    """Return the fields of an entry that the way does not lead through."""
    if not rest or not isinstance(entry, dict):
        return {}
    through = rest[0]
    found = {
        key: value
        for key, value in entry.items()
        if not isinstance(value, list) and through != key and not through.startswith(f"{key}.")
    }
    return {**found, **_on_the_way(entry, through)}


def _on_the_way(entry: dict[str, Any], through: str) -> dict[str, Any]:
    """Return the single values of the objects on the way, by their names."""
    key, _, rest = through.partition(".")
    inner = entry.get(key)
    if not rest or not isinstance(inner, dict):
        return {}
    found = {name: value for name, value in inner.items() if not isinstance(value, list | dict) and name != rest}
    found |= _on_the_way(inner, rest)
    return {key: found} if found else {}
