"""Writes the module of a file: its declaration, for people to read and edit."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from slackwater.formats.numbers import NumberForm


def module(arguments: Mapping[str, Any], comments: Sequence[str]) -> str:
    """Return the source text of a FileWrapper module without None, empty and false arguments."""
    lines = [f"    {name}={literal(value)},\n" for name, value in arguments.items() if value not in (None, [], "", {})]
    head = "".join(f"# {literal(comment)[1:-1]}\n" for comment in comments)
    return f"{head}from slackwater import FileWrapper\n\nwrapper = FileWrapper(\n{''.join(lines)})\n"


def marks(forms: Mapping[str, NumberForm]) -> dict[str, Any]:
    """Return `decimal` and `thousands` as one mark, or {column: mark} for exceptions."""
    return {
        "decimal": _marks({name: form.decimal for name, form in forms.items()}, "."),
        "thousands": _marks({name: form.thousands for name, form in forms.items()}, None),
    }


def _marks(each: Mapping[str, str | None], usual: str | None) -> Any:
    unusual = {name: mark for name, mark in each.items() if mark != usual}
    if not unusual:
        return None
    return next(iter(unusual.values())) if len(set(each.values())) == 1 else unusual


def literal(value: Any) -> str:
    """Return a value as Python text on one line, in double quotes."""
    if isinstance(value, bool):
        return str(value)
    text = json.dumps(value, ensure_ascii=False)
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in text)
