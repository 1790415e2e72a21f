"""A model's declaration → the text of a wrapper module.

Values become literals: nothing in them can become code.
"""

import inspect
import keyword
from collections.abc import Mapping
from typing import Any, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, create_model

import slackwater
from slackwater.runtime.api.wrapper import ApiWrapper
from slackwater.runtime.file.wrapper import FileWrapper

PAGES = ("LinkHeader", "NextUrl", "Cursor", "Offset", "PageNumber", "Earlier")
WINDOWS = ("TimeFilter", "TimeRange", "TimeSince")
_CALLS = {"pages": PAGES, "window": WINDOWS}


def declaration_of(source_type: str) -> type[BaseModel]:
    """Return the form that a model fills in.

    The arguments of ApiWrapper or FileWrapper, one by one.
    """
    made = ApiWrapper if source_type == "API" else FileWrapper
    hints = get_type_hints(made.__init__)
    fields: dict[str, Any] = {}
    for name, parameter in _parameters(made).items():
        required = parameter.default is inspect.Parameter.empty
        if name in _CALLS:
            text = f"{{'call': one of {', '.join(_CALLS[name])}, and its arguments}}"
            fields[name] = (dict[str, Any] | None, Field(default=None, description=text))
        else:
            kind = _plain(hints[name])
            fields[name] = (kind, ...) if required else (kind | None, None)
    return create_model(f"{made.__name__}Declaration", __config__=ConfigDict(extra="forbid"), **fields)


def manual(source_type: str) -> str:
    """Return what a model must know to fill the form in."""
    if source_type != "API":
        return _doc(FileWrapper)
    calls = "\n\n".join(_doc(getattr(slackwater, name)) for name in (*PAGES, *WINDOWS))
    return f"{_doc(ApiWrapper)}\n\nFor `pages` and `window`:\n\n{calls}"


def module_of(source_type: str, declared: BaseModel) -> str:
    """Return the module; ValueError says which argument cannot be used."""
    made = "ApiWrapper" if source_type == "API" else "FileWrapper"
    given = {name: value for name, value in declared.model_dump().items() if value is not None}
    names = [made]
    lines = []
    for name, value in given.items():
        if name in _CALLS:
            call, text = _call(name, value)
            names.append(call)
        else:
            text = _literal(value)
        lines.append(f"    {name}={text},")
    return "\n".join([f"from slackwater import {', '.join(sorted(names))}", "", f"wrapper = {made}(", *lines, ")", ""])


def _call(field: str, value: Mapping[str, Any]) -> tuple[str, str]:
    call = value.get("call")
    if call not in _CALLS[field]:
        raise ValueError(f"{field}: `call` must be one of {', '.join(_CALLS[field])}, not {call!r:.50}")
    known = _parameters(getattr(slackwater, call))
    nested = value.get("arguments")
    given = {**value, **nested} if isinstance(nested, dict) else dict(value)
    arguments = {name: each for name, each in given.items() if name not in ("call", "arguments")}
    if wrong := sorted(arguments.keys() - known.keys()):
        raise ValueError(f"{field}: {call} has no argument {wrong[0]!r:.50}; it has {', '.join(known)}")
    return call, f"{call}({', '.join(f'{name}={_literal(each)}' for name, each in arguments.items())})"


def _literal(value: Any) -> str:
    if isinstance(value, str | int | float | bool) or value is None:
        return repr(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{str(name)!r}: {_literal(each)}" for name, each in value.items()) + "}"
    return "[" + ", ".join(_literal(each) for each in value) + "]"


def _parameters(made: Any) -> dict[str, inspect.Parameter]:
    found = inspect.signature(made).parameters
    return {name: each for name, each in found.items() if name != "self" and not keyword.iskeyword(name)}


def _doc(made: Any) -> str:
    return f"{made.__name__}{inspect.signature(made)}\n{inspect.getdoc(made) or ''}"


def _plain(hint: Any) -> Any:
    """Return a hint as JSON can hold it.

    A Sequence is a list, a Mapping a dict.
    """
    text = str(hint)
    kinds: list[Any] = []
    parts = get_args(hint) if (get_origin(hint) is not list and "|" in text) or "Union" in text else (hint,)
    for part in parts:
        whole = str(part)
        if "Sequence" in whole:
            kinds.append(list[float] if "float" in whole else list[str])
        elif "Mapping" in whole:
            kinds.append(dict[str, Any])
        elif part in (str, int, float, bool):
            kinds.append(part)
    combined: Any = kinds[0] if kinds else str
    for each in kinds[1:]:
        combined = combined | each
    return combined
