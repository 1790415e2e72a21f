"""Describes how a wrapper's module differs from one found anew."""

import ast
import difflib
from collections.abc import Iterator
from typing import Any

import msgspec

from slackwater.model.wrapper import WrapperRecord
from slackwater.pipe.frames import Found

MOST_LINES = 60  # lines of a difference; chosen: more is not read in a log
MOST_VALUE = 200  # characters of a finding's value


def is_same(code: str, other: str) -> bool:
    """Check whether two modules do the same.

    Comments do not count: another version may word them differently.
    """
    return code == other or _meaning(code) == _meaning(other)


def changes(before: WrapperRecord, found: Found) -> Iterator[str]:
    """Yield what has changed, for the wrapper's log.

    Finding by finding, then the module line by line.
    """
    old = {each["what"]: each for each in before.definition.findings or ()}
    new = {each.what: each for each in found.findings}
    for what in [*old, *(each for each in new if each not in old)]:
        was = _shown(old[what]["value"]) if what in old else "nothing"
        now = _shown(new[what].value) if what in new else "nothing"
        if was != now:
            yield f"{what}: {was} → {now}" + (f" ({new[what].reason})" if what in new else "")
    lines = difflib.unified_diff(
        (before.definition.generated_code or "").splitlines(),
        found.code.splitlines(),
        "module before",
        "module now",
        lineterm="",
        n=0,
    )
    for number, line in enumerate(lines):
        if number == MOST_LINES:
            yield "…"
            return
        yield line


def _meaning(code: str) -> str:
    try:
        return ast.dump(ast.parse(code))
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # nobody can say, so that each letter counts
        return code


def _shown(value: Any) -> str:
    return msgspec.json.encode(value).decode()[:MOST_VALUE]
