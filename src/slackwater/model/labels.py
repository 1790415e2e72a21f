"""Defines labels: words that a worker has, and that a source needs of its worker."""

import re
from collections.abc import Collection, Iterable
from itertools import combinations
from typing import Annotated

from pydantic import AfterValidator

LONGEST = 63  # characters; as long as the value of a Kubernetes label, which it often is
MOST = 20  # of one source or worker; chosen: more than anybody tells apart
_LABEL = re.compile(rf"[a-z0-9._-]{{1,{LONGEST}}}")


def label(text: str) -> str:
    """Return a label; ValueError when it is none."""
    if not _LABEL.fullmatch(text):
        raise ValueError(f"{text[: LONGEST + 1]!r} is no label: 1 to {LONGEST} of the characters a-z, 0-9, . _ and -")
    return text


Label = Annotated[str, AfterValidator(label)]


def labels(texts: Iterable[str]) -> tuple[str, ...]:
    """Return labels, each once, by name.

    ValueError when one is none, or there are too many.
    """
    found = tuple(sorted({label(text) for text in texts}))
    if len(found) > MOST:
        raise ValueError(f"these are {len(found)} labels, and {MOST} are the most")
    return found


def joined(found: Iterable[str]) -> str:
    """Return a set of labels as one text, the same for equal sets."""
    return ",".join(sorted(found))


def parted(text: str) -> tuple[str, ...]:
    """Return the labels of a text that `joined` has made."""
    return tuple(text.split(",")) if text else ()


def sets_of(found: Collection[str]) -> list[str]:
    """Return all sets of so many labels, as texts, the empty one first."""
    by_name = sorted(found)
    return [joined(each) for size in range(len(by_name) + 1) for each in combinations(by_name, size)]


def lacking(wanted: Collection[str], workers: Iterable[Collection[str]]) -> str | None:
    """Return in a sentence that no worker has all wanted labels; None when one has."""
    if not wanted or any(set(wanted) <= set(each) for each in workers):
        return None
    named, options = ", ".join(sorted(wanted)), " ".join(f"--label {each}" for each in sorted(wanted))
    return f"No worker has the {'label' if len(wanted) == 1 else 'labels'} {named}; start one with {options}."
