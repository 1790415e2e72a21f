"""How much a test tries: few examples in `make test`, the same each time; many in `make chaos`, others each time.

What is marked `long` is run by `make chaos` alone: further cases of what a quicker one shows, and whole campaigns.
"""

import os
from collections.abc import Iterable
from typing import Any

import pytest

LONG = int(os.environ.get("SLACKWATER_CHAOS", "0"))  # how much longer than usual the tests of faults take


def examples(few: int, many: int) -> int:
    """Return the number of examples of a Hypothesis test."""
    return many if LONG else few


def further(*case: Any) -> Any:
    """Return a case of a test that `make chaos` alone looks at."""
    return pytest.param(*case, marks=pytest.mark.long)


def every(one_in: int, values: Iterable[Any]) -> list[Any]:
    """Leave all cases but one in so many to `make chaos`; a tuple is a case of several parameters."""
    kept = [(place % one_in == 0, value) for place, value in enumerate(values)]
    return [value if here else further(*(value if isinstance(value, tuple) else (value,))) for here, value in kept]


def some(values: Iterable[Any], *kept: Any) -> list[Any]:
    """Leave all cases of a test but those that are kept to `make chaos`."""
    values = list(values)
    assert set(kept) <= set(values), f"no such case: {set(kept) - set(values)}"
    return [value if value in kept else further(value) for value in values]
