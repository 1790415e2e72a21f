"""Reads SDMX-JSON 1.0 and 2.0: observations by dimension positions → one record each."""

from collections.abc import Iterator
from typing import Any

TIME, VALUE = "TIME_PERIOD", "value"


def is_message(node: Any) -> bool:
    """Say whether an answer is an SDMX-JSON data message."""
    content = _content(node)
    return bool(content and isinstance(content.get("dataSets"), list) and _structures(content))


def _content(node: Any) -> dict[str, Any] | None:
    if not isinstance(node, dict):
        return None
    inside = node.get("data")
    return inside if isinstance(inside, dict) and "dataSets" in inside else node


def _structures(content: dict[str, Any]) -> list[dict[str, Any]]:
    several = content.get("structures") or [content.get("structure")]
    return [each for each in several if isinstance(each, dict) and isinstance(each.get("dimensions"), dict)]


def records(node: Any) -> list[dict[str, Any]] | None:
    """Return a record for each observation: dimension → name (the time's: its code), and `value`."""
    content = _content(node)
    if content is None or not is_message(node):
        return None
    structures = _structures(content)
    found: list[dict[str, Any]] = []
    for dataset in filter(None, map(_object, content["dataSets"])):
        place = dataset.get("structure")
        found += _observations(dataset, structures[min(place if type(place) is int else 0, len(structures) - 1)])
    return found


def _object(node: Any) -> dict[str, Any]:
    """Return what should be an object, an empty one where it is something else."""
    return node if isinstance(node, dict) else {}


def _observations(dataset: dict[str, Any], structure: dict[str, Any]) -> Iterator[dict[str, Any]]:
    axes = structure["dimensions"]
    always = {axis["id"]: _names(axis)[0] for axis in axes.get("dataSet") or [] if axis.get("values")}
    by_series, by_observation = axes.get("series") or [], axes.get("observation") or []
    for key, series in _object(dataset.get("series")).items():
        named = {**always, **_meant(by_series, key)}
        for place, cells in _object(_object(series).get("observations")).items():
            yield {**named, **_meant(by_observation, place), VALUE: _first(cells)}
    for key, cells in _object(dataset.get("observations")).items():
        yield {**always, **_meant(by_observation, key), VALUE: _first(cells)}


def _meant(axes: list[dict[str, Any]], key: str) -> dict[str, str]:
    """Return what a key such as `0:3:1` means."""
    places = key.split(":")
    return {
        _id(axis): names[int(place)]
        for axis, place in zip(axes, places, strict=False)
        if place.isdecimal() and int(place) < len(names := _names(axis))
    }


def _id(axis: dict[str, Any]) -> str:
    """Return what a dimension is called; the time always the same."""
    return TIME if _is_time(axis) else str(axis.get("id"))


def _is_time(axis: dict[str, Any]) -> bool:
    roles = axis.get("roles") or [axis.get("role")]
    return axis.get("id") == TIME or "time" in roles or TIME in roles


def _names(axis: dict[str, Any]) -> list[str]:
    values = axis.get("values") or []
    codes = [str(value.get("id") or value.get("value") or value.get("start")) for value in values]
    if _is_time(axis):
        return codes
    names = [_said(value.get("name")) or code for value, code in zip(values, codes, strict=True)]
    return names if len(set(names)) == len(names) else codes


def _said(name: Any) -> str | None:
    """Return a name; some say it in several languages."""
    if isinstance(name, dict):
        name = name.get("en") or next(iter(name.values()), None)
    return name if isinstance(name, str) and name.strip() else None


def _first(cells: Any) -> Any:
    return cells[0] if isinstance(cells, list) and cells else None if isinstance(cells, list) else cells
