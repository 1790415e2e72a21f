"""Declarations as Python text: the shortest call that makes a value."""

import json
from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any


def call(value: Any) -> str:
    """Return the constructor call of a dataclass value, without its defaults."""
    said, named = [], []
    for field in fields(value):
        each = getattr(value, field.name)
        if field.default is MISSING:
            said.append(text(each))
        elif each != field.default:
            # The second of a pair of names and a template read well without their own names.
            named.append(text(each) if field.name == "template" else f"{field.name}={text(each)}")
    return f"{type(value).__name__}({', '.join([*said, *named])})"


def table(params: Mapping[str, Any]) -> str:
    """Return the dictionary of some parameters."""
    return "{" + ", ".join(f"{text(name)}: {text(value)}" for name, value in params.items()) + "}"


def text(value: Any) -> str:
    """Return a literal; JSON's strings are Python's."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
