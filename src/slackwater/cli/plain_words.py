"""What a validation has found, in plain words where the library's are its own."""

from collections.abc import Mapping
from typing import Any

_LIMITS = {
    "greater_than_equal": "it must be {ge} or more",
    "greater_than": "it must be more than {gt}",
    "less_than_equal": "it must be {le} or less",
    "less_than": "it must be less than {lt}",
    "string_too_short": "it needs at least {min_length} characters",
    "string_too_long": "it may have {max_length} characters at most",
    "too_short": "it needs at least {min_length} entries",
    "too_long": "it may have {max_length} entries at most",
    "literal_error": "it must be one of {expected}",
    "enum": "it must be one of {expected}",
}
_KINDS = {
    "bool": "it must be yes or no",
    "int": "it must be a whole number",
    "float": "it must be a number",
    "finite": "it must be a number",
    "string": "it must be a text",
    "list": "it must be a list",
    "dict": "it must be a table of names and values",
    "model": "it must be a table of names and values",
    "uuid": "it must be an id",
    "missing": "it is missing",
    "extra": "it is not known here",
    "json": "it must be valid JSON",
}


def plain(error: Mapping[str, Any]) -> str:
    """Return what is right about a value that was refused, without a full stop."""
    kind, context = str(error.get("type", "")), error.get("ctx") or {}
    if kind == "too_short" and context.get("field_type") not in (None, "List", "Tuple", "Set"):
        kind = "string_too_short"  # a secret text counts as a collection
    if kind in _LIMITS:
        try:
            return _LIMITS[kind].format_map({k: f"{v:g}" if isinstance(v, float) else v for k, v in context.items()})
        except KeyError:
            pass
    return _KINDS.get(kind.partition("_")[0], str(error.get("msg", "")).removeprefix("Value error, "))
