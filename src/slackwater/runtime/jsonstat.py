"""JSON-stat, 2.0 and 1.x: a cube of values, dimension by dimension → a record for each value."""

from collections.abc import Iterator
from itertools import product
from typing import Any

VALUE = "value"


def datasets(node: Any) -> list[dict[str, Any]]:
    """Return the datasets of a JSON-stat answer: itself, those of a collection, or those of a 1.x bundle."""
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
    return bool(ids) and len(ids) == len(sizes) and isinstance(node.get("value"), list | dict)


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
    """Return a record for each cell that has a value: dimension → label (the time's: its code), and `value`."""
    found = datasets(node)
    return [record for dataset in found for record in _cells(dataset)] if found else None


def _cells(dataset: dict[str, Any]) -> Iterator[dict[str, Any]]:
    ids, sizes = _axes(dataset)
    time, values = time_of(dataset), dataset["value"]
    axes = [_categories(dataset["dimension"].get(name, {}), size, coded=name == time) for name, size in
            zip(ids, sizes, strict=True)]  # fmt: skip
    for place, labels in enumerate(product(*axes)):
        value = values.get(str(place)) if isinstance(values, dict) else values[place] if place < len(values) else None
        if value is not None:
            yield {**dict(zip(ids, labels, strict=True)), VALUE: value}


def _categories(dimension: dict[str, Any], size: int, *, coded: bool) -> list[str]:
    """Return what the positions of a dimension mean, in their order."""
    category = dimension.get("category", {})
    index, labels = category.get("index"), category.get("label") or {}
    if isinstance(index, dict):
        codes = sorted(index, key=lambda code: int(index[code]))
    else:
        codes = [str(code) for code in (index or labels)]  # a dimension of one category needs no index
    names = codes if coded else [str(labels.get(code, code)) for code in codes]
    if len(set(names)) < len(names):
        names = codes  # labels that do not tell the categories apart
    return (names + [str(place) for place in range(len(names), size)])[:size]
