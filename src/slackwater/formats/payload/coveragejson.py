"""Reads CoverageJSON: times on an axis, values in ranges → one record per cell."""

from collections.abc import Iterator
from itertools import product
from math import prod
from typing import Any

TIME, POSITION = "time", "position"
_CLOCKS = ("t", "time")


def is_coverage(node: Any) -> bool:
    """Check whether an answer is a coverage, or a collection, with times and inline values."""
    held = _coverages(node)
    return held is not None and all(_axes(each) is not None for each in held)


def records(node: Any) -> list[dict[str, Any]] | None:
    """Return one record per cell: `time`, one field per parameter, and `position`.

    `position` is such as `x=-9.4 y=38.6`. None if the answer is no coverage, or one whose values are elsewhere or do
    not fit its axes.
    """
    held = _coverages(node)
    if held is None:
        return None
    found: list[dict[str, Any]] = []
    for coverage in held:
        axes = _axes(coverage)
        if axes is None:
            return None
        found += _cells(coverage["ranges"], axes)
    return found


def _coverages(node: Any) -> list[dict[str, Any]] | None:
    if not isinstance(node, dict):
        return None
    held = node.get("coverages") if node.get("type") == "CoverageCollection" else [node]
    if not isinstance(held, list):
        return None
    return held if all(isinstance(each, dict) and each.get("type") == "Coverage" for each in held) else None


def _axes(coverage: dict[str, Any]) -> dict[str, list[Any]] | None:
    """Return axis → its coordinates, each {name: coordinate}.

    None without a time or where the ranges do not fit.
    """
    domain, ranges = coverage.get("domain"), coverage.get("ranges")
    given = domain.get("axes") if isinstance(domain, dict) else None
    if not isinstance(given, dict) or not isinstance(ranges, dict):
        return None
    axes: dict[str, list[Any]] = {}
    for name, axis in given.items():
        coordinates = _coordinates(name, axis)
        if coordinates is None:
            return None
        axes[name] = coordinates
    timed = any(clock in names for clock in _CLOCKS for names in _named(given))
    return axes if timed and all(_fits(each, axes) for each in ranges.values()) else None


def _named(axes: dict[str, Any]) -> Iterator[list[str]]:
    for name, axis in axes.items():
        yield axis.get("coordinates") or [name]


def _coordinates(name: str, axis: Any) -> list[dict[str, Any]] | None:
    """Return the coordinates of an axis: listed, evenly spaced, or tuples."""
    if not isinstance(axis, dict):
        return None
    values, names = axis.get("values"), axis.get("coordinates")
    if isinstance(values, list) and axis.get("dataType") == "tuple" and isinstance(names, list):
        if not all(isinstance(value, list) and len(value) == len(names) for value in values):
            return None
        return [dict(zip(names, value, strict=True)) for value in values]
    if isinstance(values, list):
        return [{name: value if _is_single(value) else None} for value in values]
    start, stop, count = axis.get("start"), axis.get("stop"), axis.get("num")
    if not (isinstance(start, int | float) and isinstance(stop, int | float) and isinstance(count, int) and count > 0):
        return None
    step = (stop - start) / (count - 1) if count > 1 else 0
    return [{name: start + step * place} for place in range(count)]


def _is_single(value: Any) -> bool:
    return not isinstance(value, list | dict)


def _fits(values: Any, axes: dict[str, list[Any]]) -> bool:
    """Check whether a range holds one value for each cell of its axes."""
    if not isinstance(values, dict) or not isinstance(values.get("values"), list):
        return False  # the values are elsewhere: a URL, or tiles
    names, shape = values.get("axisNames") or [], values.get("shape") or []
    return (
        all(name in axes for name in names)
        and list(shape or [1] * len(names)) == [len(axes[name]) for name in names]
        and len(values["values"]) == prod(len(axes[name]) for name in names)
    )


def _cells(ranges: dict[str, Any], axes: dict[str, list[Any]]) -> Iterator[dict[str, Any]]:
    strides = {name: _strides(each, axes) for name, each in ranges.items()}
    for places in product(*(range(len(coordinates)) for coordinates in axes.values())):
        here = dict(zip(axes, places, strict=True))
        meant: dict[str, Any] = {}
        for name, place in here.items():
            meant.update(axes[name][place])
        clock = next(name for name in _CLOCKS if name in meant)
        cells = {
            name: each["values"][sum(stride * here[axis] for axis, stride in strides[name].items())]
            for name, each in ranges.items()
        }
        where = " ".join(f"{name}={value}" for name, value in meant.items() if name != clock and value is not None)
        yield {**{_own(name): cell for name, cell in cells.items()}, POSITION: where, TIME: meant[clock]}


def _own(name: str) -> str:
    """Return what a parameter is called beside the fields that are ours."""
    return f"{name} (parameter)" if name in (TIME, POSITION) else name


def _strides(values: dict[str, Any], axes: dict[str, list[Any]]) -> dict[str, int]:
    """Return the distance between neighbours along each axis, the last axis being the nearest."""
    names = values.get("axisNames") or []
    return {name: prod(len(axes[later]) for later in names[place + 1 :]) for place, name in enumerate(names)}
