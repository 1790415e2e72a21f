"""Refuses to cut an account into series: its balance runs on over all rows. Pure."""

from collections.abc import Mapping, Sequence
from math import isclose

from slackwater.discover.inference.number_column import FEW
from slackwater.errors import Question

_MOST = 0.9  # of the steps; chosen: a sample has gaps, and an account has corrections
_CENT = 1e-3  # half of the smallest coin there is

Numbers = Sequence[float | None]


def refuse_account(
    values: Mapping[str, Numbers], keys: Sequence[object], series: Sequence[str], time: Sequence[str]
) -> None:
    """Raise a Question where a column is the running balance over rows of different series.

    The rows follow one another, and `keys` are the texts of each in the columns `series`.
    """
    places = [at for at in range(1, len(keys)) if keys[at] != keys[at - 1]]
    if len(places) < FEW or len(values) < len(("amount", "balance")):
        return
    for name, balance in values.items():
        others = [numbers for other, numbers in values.items() if other != name]
        down = _runs(balance, others, places, 0)
        if not down and not _runs(balance, others, places, -1):
            continue
        # Newest first, the last row of a day is its first one.
        last = [{_field(time): list(time) if len(time) > 1 else time[0], "value_columns": [name]}] if down else []
        raise Question(
            f"column {name!r} is the balance of all rows together, and {', '.join(map(repr, series))} would cut them "
            "into series. Give value_columns with it and the time again to keep the last balance of each time, or "
            "series_columns to cut them all the same",
            field="series_columns",
            alternatives=[*last, {"series_columns": list(series)}],
        )


def _field(time: Sequence[str]) -> str:
    return "time_columns" if len(time) > 1 else "time_column"


def _runs(balance: Numbers, others: Sequence[Numbers], places: Sequence[int], behind: int) -> bool:
    """Check whether most steps of a balance are amounts, `behind` rows on."""
    held = 0
    for at in places:
        later, earlier = balance[at], balance[at - 1]
        amounts = [abs(amount) for numbers in others if (amount := numbers[at + behind])]
        if later is not None and earlier is not None:
            step = abs(later - earlier)
            held += any(isclose(step, amount, rel_tol=0, abs_tol=_CENT) for amount in amounts)
    return held >= _MOST * len(places)
