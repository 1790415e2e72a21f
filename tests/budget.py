"""How many examples a test tries: few in `make test`, the same each time; many in `make chaos`, others each time."""

import os

LONG = int(os.environ.get("SLACKWATER_CHAOS", "0"))  # how much longer than usual the tests of faults take


def examples(few: int, many: int) -> int:
    """Return the number of examples of a Hypothesis test."""
    return many if LONG else few
