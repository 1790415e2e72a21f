"""Reads JSON-stat 1.x and 2.0: a cube of values → one record per value."""

from collections.abc import Iterator
from math import prod
from typing import Any

from slackwater.formats.timestamp_inference import infer_time_form

VALUE = "value"


def datasets(node: Any) -> list[dict[str, Any]]:
    """Return the datasets of a JSON-stat answer: itself, a collection's, or a 1.x bundle's."""
    if not isinstance(node, dict):
        return []
    if _is_dataset(node):
        return [node]
    held = node.get("link", {}).get("item") if isinstance(node.get("link"), dict) else None
    return [each for each in (held if isinstance(held, list) else node.values()) if _is_dataset(each)]


def _is_dataset(node: Any) -> bool:
    if not isinstance(node, dict) or not isinstance(node.get("dimension"), dict):
        return False
    ids, sizes = _axes(node)
    whole = all(type(size) is int and size > 0 for size in sizes)
    return bool(ids) and len(ids) == len(sizes) and whole and isinstance(node.get("value"), list | dict)


def _axes(dataset: dict[str, Any]) -> tuple[list[str], list[int]]:
    inside = dataset["dimension"]  # where 1.x has them
    return list(dataset.get("id") or inside.get("id") or []), list(dataset.get("size") or inside.get("size") or [])


def time_of(dataset: dict[str, Any]) -> str | None:
    """Return the dimension that has the role of the time."""
    role = dataset.get("role") or dataset["dimension"].get("role") or {}
    times = role.get("time") if isinstance(role, dict) else None
    if isinstance(times, list) and times:
        return str(times[0])
    ids, _ = _axes(dataset)
    return next((name for name in ids if name.lower() in ("time", "time_period", "tid", "year", "date")), None)


def records(node: Any) -> list[dict[str, Any]] | None:
    """Return one record per cell with a value: dimension → label (time: code), and `value`."""
    found = datasets(node)
    return [record for dataset in found for record in _cells(dataset)] if found else None


def _cells(dataset: dict[str, Any]) -> Iterator[dict[str, Any]]:
    ids, sizes = _axes(dataset)
    time, values = time_of(dataset), dataset["value"]
    axes = [_categories(dataset["dimension"].get(name), coded=name == time) for name in ids]
    held = values.items() if isinstance(values, dict) else enumerate(values)
    for key, value in held:  # and not by the sizes, which say how large the cube is, and not how full
        place = int(key) if isinstance(key, int) or key.isdecimal() else -1
        if value is not None and 0 <= place < prod(sizes):
            yield {**dict(zip(ids, _labels(place, axes, sizes), strict=True)), VALUE: value}


def _labels(place: int, axes: list[list[str]], sizes: list[int]) -> list[str]:
    """Return the labels of a place in the cube, one per axis, last axis fastest."""
    labels = []
    for names, size in zip(reversed(axes), reversed(sizes), strict=True):
        place, at = divmod(place, size)
        labels.append(names[at] if at < len(names) else str(at))
    return labels[::-1]


def _categories(dimension: Any, *, coded: bool) -> list[str]:
    """Return the categories of a dimension in their order, as far as they are given."""
    category = dimension.get("category") if isinstance(dimension, dict) else None
    category = category if isinstance(category, dict) else {}
    index, labels = category.get("index"), category.get("label")
    labels = labels if isinstance(labels, dict) else {}
    if isinstance(index, dict):
        codes = sorted(index, key=lambda code: index[code] if type(index[code]) is int else len(index))
    else:
        codes = [str(code) for code in (index or labels)]  # a dimension of one category needs no index
    called = [str(labels.get(code, code)) for code in codes]
    names = codes if coded and (infer_time_form(codes) or not infer_time_form(called)) else called
    if len(set(names)) < len(names):
        names = codes  # labels that do not tell the categories apart
    return names
