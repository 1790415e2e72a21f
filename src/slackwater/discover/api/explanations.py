"""Words the findings about values, series, numbers, order and period."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from slackwater.discover.api.records.value_fields import numbers
from slackwater.discover.inference.roles import Roles, why_left_out
from slackwater.discover.inference.words import listed
from slackwater.errors import Question
from slackwater.formats.numbers import NumberForm
from slackwater.model.instants import DAY, HOUR, MINUTE, SECOND
from slackwater.pipe.frames import Alternative, Finding

_FEWEST = 5  # numbers that end in a zero by no chance
_UNITS = ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute"), (SECOND, "second"))


def about_values(values: tuple[str, ...], roles: Roles | None) -> Finding:
    """Explain the value fields and why other numeric fields are left out.

    Without `roles` the fields were given.
    """
    name = "value_field" if len(values) == 1 else "value_fields"
    if roles is None:
        reason = f"{listed(values)} {'is' if len(values) == 1 else 'are'} given."
        return Finding(what="values", value=list(values), confidence=1.0, reason=reason, field=name)
    others = {path: verdict for path, verdict in roles.verdicts.items() if path not in values}
    left = "; ".join(f"left out: {why_left_out(path, verdict)}" for path, verdict in others.items())
    return Finding(
        what="values",
        value=list(values),
        confidence=roles.confidence,
        reason=f"{listed(values)} hold{'s' if len(values) == 1 else ''} numbers{f'; {left}' if left else ''}.",
        field=name,
        alternatives=[
            Alternative(value=path, reason=f"{why_left_out(path, verdict)}.") for path, verdict in others.items()
        ],
    )


def about_unread(fields: Sequence[str], lists: Sequence[str]) -> Finding | None:
    """Report numbers of the sample outside the records, or in lists within them."""
    if not fields and not lists:
        return None
    told = [f"{listed(fields)}"] if fields else []
    told += [f"the lists {listed(lists)}"] if lists else []
    return Finding(
        what="not read",
        value=[*fields, *lists],
        confidence=0.9,
        reason=f"Other numbers of the source are not read: {' and '.join(told)}.",
        field="value_fields" if fields else "records_path",
    )


def about_series(columns: dict[str, list[Any]], series: tuple[str, ...], given: bool) -> Finding | None:
    """Say which fields name the series."""
    if not series:
        return None
    distinct = len(set(zip(*(map(repr, columns[path]) for path in series), strict=True)))
    reason = f"{listed(series)} name{'s' if len(series) == 1 else ''} the series ({distinct} in the sample)."
    return Finding(
        what="series", value=list(series), confidence=1.0 if given else 0.85, reason=reason, field="series_field"
    )


def number_form(
    columns: dict[str, list[Any]], values: tuple[str, ...], config: dict[str, Any], told: str | None = None
) -> tuple[NumberForm, Finding | None]:
    """Return how the values are written, and why; a Question for an ambiguous mark.

    A mark may be of decimals or of thousands. `told` is the mark before decimals that the source's framework is known
    to write.
    """
    decimal, thousands = config.get("decimal"), config.get("thousands")
    if decimal or thousands:
        form = NumberForm(decimal or ("," if thousands == "." else "."), thousands)
        return form, _about_numbers(form, 1.0, "The marks of the numbers are given.")
    forms = {field: numbers(columns[field]) or NumberForm() for field in values}
    written = {field: form for field, form in forms.items() if form != NumberForm()}
    if not written:
        return NumberForm(), None
    sure = [form for form in written.values() if not form.doubtful]
    if not sure:
        field, doubtful = next(iter(written.items()))
        plain = [other for other in values if other not in written and _has_marks(columns[other], doubtful.decimal)]
        if plain:
            clear = NumberForm(doubtful.decimal)
            return clear, _about_numbers(clear, 0.8, f"`{plain[0]}` shows what the mark means.")
        if told == doubtful.decimal or all(_padded(columns[each], form.decimal) for each, form in written.items()):
            clear = NumberForm(doubtful.decimal)
            return clear, _about_numbers(clear, 0.9, "The numbers are texts, filled up to three decimals with zeros.")
        seen = next(cell for cell in columns[field] if isinstance(cell, str) and doubtful.decimal in cell)
        raise Question(
            f"The numbers in `{field}`, such as {seen!r:.60}, may have decimals or thousands after the mark. Give "
            "decimal.",
            field="decimal",
            choices=[".", ","],
        )
    form = sure[0]
    by_mark = {mark: [field for field, each in written.items() if each.decimal == mark] for mark in (".", ",")}
    if not any(each.doubtful for each in written.values()) and by_mark["."] and by_mark[","]:
        raise Question(
            f"The numbers in {listed(by_mark['.'])} have decimals after a point, and those in {listed(by_mark[','])} "
            "after a comma. Give value_fields with those of one writing.",
            field="value_fields",
            alternatives=[{"value_fields": fields} for fields in by_mark.values()],
        )
    marks = f"decimals after {form.decimal!r}" + (f", thousands after {form.thousands!r}" if form.thousands else "")
    return form, _about_numbers(form, 0.9, f"The numbers are texts with {marks}.")


def _padded(cells: list[Any], mark: str) -> bool:
    """Check whether all numbers are padded to three decimals with zeros, unlike thousands."""
    marked = [cell for cell in cells if isinstance(cell, str) and mark in cell]
    return mark == "." and len(marked) >= _FEWEST and sum(cell.endswith("0") for cell in marked) * 10 >= len(marked) * 9


def _has_marks(cells: list[Any], mark: str) -> bool:
    return any(isinstance(cell, str) and mark in cell for cell in cells)


def _about_numbers(form: NumberForm, confidence: float, reason: str) -> Finding:
    value = {"decimal": form.decimal, "thousands": form.thousands}
    return Finding(what="numbers", value=value, confidence=confidence, reason=reason, field="decimal")


def about_order(times: list[int | None]) -> Finding:
    """Say in which order the records come."""
    known = [time for time in times if time is not None]
    ups, downs = (any(a < b for a, b in pairwise(known)), any(a > b for a, b in pairwise(known)))
    if ups and downs:
        said, value = "in no order of time", "unsorted"
    elif downs:
        said, value = "newest first", "descending"
    else:
        said, value = "oldest first", "ascending"
    return Finding(what="order", value=value, confidence=0.9, reason=f"The records come {said}.")


def about_period(period: int | None) -> Finding | None:
    """Say how far apart the points of a series are."""
    if period is None:
        return None
    unit, name = next(((unit, name) for unit, name in _UNITS if period >= unit), (1, "microsecond"))
    count = period / unit
    said = name if count == 1 else f"{count:g} {name}s"
    return Finding(
        what="period",
        value=period // SECOND,
        confidence=0.9,
        reason=f"Within a series there is a point every {said} (the median).",
        field="periodicity",
    )
