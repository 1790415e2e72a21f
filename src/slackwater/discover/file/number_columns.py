"""Detects the number form of value columns, and their marks for no value."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from slackwater.discover.file.column_profile import Column
from slackwater.discover.inference.evidence import Evidence
from slackwater.discover.inference.mixed_units import Line
from slackwater.discover.inference.number_column import FEW
from slackwater.discover.inference.plausibility import MOST_REJECTED, unread_quantities
from slackwater.discover.inference.sentinels import refuse_doubtful, said_for_none, sentinels_in, sentinels_of_each
from slackwater.discover.inference.signals import weighed
from slackwater.errors import Question
from slackwater.formats.annotations import bare_number, lenient_numbers
from slackwater.formats.cells import cell_text, is_bound, time_part
from slackwater.formats.numbers import NumberForm, infer_number_form, number_parser
from slackwater.formats.quantities import multiples, unit_of
from slackwater.pipe.frames import Alternative

_THOUSANDS = (None, ".", ",", " ", "'")
_ONE_BEFORE = re.compile(r"[+-]?\d,\d{3}")
_PACKED_CODE = re.compile(r"[+-]?(\d{3,})[.,](\d+)", re.ASCII)
_MOST_LINES = 200  # chosen: series of one file in which a number for no value comes first, if at all
_BESIDE_A_WORD = 0.1  # of the cells; chosen: a word for no value may stand in most rows, and a name has no numbers
_MOST_WORDS = 5  # that stand for no value in one column


def number_form(column: Column, config: Mapping[str, Any]) -> NumberForm | None:
    """Return a column's number form by its cells and the configuration, else None."""
    decimal, thousands = config.get("decimal"), config.get("thousands")
    if decimal is None and thousands is None:
        return column.number_form
    cells = [bare_number(cell) for cell in column.filled]
    if not cells:
        return None
    forms = [
        NumberForm(point, group)
        for point in ([decimal] if decimal else [".", ","])
        for group in ([thousands] if thousands else _THOUSANDS)
        if point != group
    ]
    misfits = {form: len(number_parser(form.decimal, form.thousands)(cells)[1]) for form in forms}
    best = min(forms, key=lambda form: misfits[form])
    return best if misfits[best] * 5 <= len(cells) else None


def settled(
    columns: Sequence[tuple[Column, NumberForm]], delimiter: str | None, evidence: Evidence
) -> list[tuple[Column, NumberForm]]:
    """Return unambiguous forms: the rest of the file decides what 1.250 means.

    Question when nothing in the file tells.
    """
    clear = Counter(form.decimal for column, form in columns if not form.doubtful and _uses(column, form.decimal))
    doubted = [column for column, form in columns if form.doubtful]
    rare = all(_ONE_BEFORE.fullmatch(cell_text(bare_number(cell))) for column in doubted for cell in column.filled)
    done = []
    for column, form in columns:
        if form.doubtful:
            form = _without_doubt(column, form, clear, delimiter, rare=rare)  # noqa: PLW2901 - the same form, decided
        done.append((column, form))
    forms = {column.name: form for column, form in done}
    marks = sorted({(form.decimal, form.thousands or "none") for form in forms.values()})
    doubtful = [column.name for column, form in columns if form.doubtful]
    evidence.add(
        "numbers",
        [list(pair) for pair in marks],
        0.8 if doubtful else 0.95,
        "; ".join(f"decimal {decimal!r}, thousands {thousands!r}" for decimal, thousands in marks)
        + (f"; {', '.join(map(repr, doubtful))} by the marks of the rest of the file" if doubtful else ""),
        "decimal",
        [Alternative(value=other, reason="the digits would fit it as well") for other in (".", ",") if doubtful],
    )
    return done


def _uses(column: Column, mark: str) -> bool:
    return any(isinstance(cell, str) and mark in cell for cell in column.filled)


def _without_doubt(
    column: Column, form: NumberForm, clear: Counter[str], delimiter: str | None, *, rare: bool
) -> NumberForm:
    """Return what the rest of the file tells; Question where it tells nothing.

    `rare`: all numbers have one digit before the mark, none two and none is below a thousand.
    """
    mark, other = form.decimal, "," if form.decimal == "." else "."
    if len(clear) == 1:
        return NumberForm(mark) if mark in clear else NumberForm(other, mark)
    if (
        delimiter == ","
        and not (rare and mark == ",")
        and (mark == "," or all(mark in cell_text(cell) for cell in column.filled))
    ):
        return NumberForm(".") if mark == "." else NumberForm(".", ",")  # what a comma divides has points for decimals
    if delimiter == ";" and mark == "," and all(cell_text(cell).endswith("0") for cell in column.filled):
        return NumberForm(",")  # semicolons divide where commas are decimals, and these are filled up with zeros
    raise Question(
        f"the numbers in column {column.name!r}, such as {column.examples(2)}, can be thousands or have three "
        "decimals, and nothing in the file tells which; give decimal",
        field="decimal",
        choices=[".", ","],
    )


def contradiction(columns: Iterable[Column]) -> Question | None:
    """Return the question for a column of numbers that fit no single form."""
    for column in columns:
        if column.contradicts and not all(time_part(cell) for cell in column.filled):
            return Question(
                f"the numbers in column {column.name!r} do not have one form: {column.examples(4)}; give decimal, and "
                "thousands, for those that are meant",
                field="decimal",
                choices=[".", ","],
            )
    return None


def refuse_packed(columns: Sequence[tuple[Column, NumberForm]]) -> None:
    """Raise a Question for numbers and codes in one cell, such as `+0150,1`."""
    packed = next((column for column, _ in columns if _is_packed(column)), None)
    if packed is not None:
        rest = [column.name for column, _ in columns if column is not packed]
        raise Question(
            f"the cells in column {packed.name!r}, such as {packed.examples(2)}, look like a number filled up with "
            "zeros and a code behind it, and not like decimals; give value_columns without it, or with it if they are "
            "decimals",
            field="value_columns",
            alternatives=[{"value_columns": rest}] if rest else [],
        )


def _is_packed(column: Column) -> bool:
    """Check for wholes filled up with zeros before mostly the same decimals."""
    if len(column.filled) < 2 * FEW or not all(map(_PACKED_CODE.fullmatch, map(cell_text, column.filled))):
        return False
    found = [match.groups() for match in map(_PACKED_CODE.fullmatch, map(cell_text, column.filled)) if match]
    wholes, decimals = zip(*found, strict=True)
    [(_, most)] = Counter(decimals).most_common(1)
    return (
        len(set(map(len, wholes))) == 1
        and any(whole.startswith("0") for whole in wholes)
        and len(set(wholes)) >= FEW
        and most * 5 >= len(found) * 4
        and set(decimals) != {"0" * len(decimals[0])}
    )


def refuse_unread_numbers(
    columns: Iterable[Column],
    chosen: Sequence[tuple[Column, NumberForm]],
    config: Mapping[str, Any],
    *,
    needed: bool = False,
) -> None:
    """Raise a Question if over a tenth of a numeric column's cells are no numbers.

    Numeric is a column with numbers in half of its cells or more.

    `needed`: no other column is clearly one of values, so that few different numbers do.
    """
    if config.get("value_columns"):
        return
    forms = {column.name: form for column, form in chosen}
    for column in columns:
        form = forms.get(column.name) or _form_among_words(column)
        if form is None or (column.name not in forms and not _measures(column, form, 1 if needed else FEW)):
            continue
        _, places = lenient_numbers(number_parser(form.decimal, form.thousands))(column.filled)
        wrong = [cell_text(column.filled[place]) for place in places if not is_bound(column.filled[place])]
        if len(column.filled) < FEW or len(wrong) <= MOST_REJECTED * len(column.filled):
            continue
        words = list(dict.fromkeys(wrong))
        raise Question(
            f"{len(wrong):,} of {len(column.filled):,} cells in column {column.name!r} are no numbers, such as "
            f"{', '.join(map(repr, words[:3]))}; their points would be missing. Give missing_values with the words "
            "that stand for no value, decimal and thousands if these are numbers, or value_columns",
            field="missing_values",
            alternatives=[
                *([{"missing_values": words}] if len(words) <= _MOST_WORDS else []),
                {"value_columns": [name for name in forms if name != column.name]},
            ][: 1 + bool(forms.keys() - {column.name})],
        )


def _form_among_words(column: Column) -> NumberForm | None:
    """Return the form of numbers that are half of a column or more."""
    cells = [bare_number(cell) for cell in column.filled]
    words = {text for text in map(cell_text, cells) if not any(map(str.isdigit, text))}
    return infer_number_form(cells, least=_BESIDE_A_WORD if len(words) == 1 else 0.5)


def refuse_quantities(texts: Mapping[str, Sequence[object]], chosen: Sequence[tuple[Column, NumberForm]]) -> None:
    """Raise a Question if text columns hold numbers with units, which would be lost."""
    if unread := unread_quantities(texts):
        listed = ", ".join(f"{name!r} (such as {cell!r:.40})" for name, cell in unread.items())
        rest = [column.name for column, _ in chosen]
        raise Question(
            f"the numbers with units in column {listed} are not understood; give missing_values with the words "
            "among them, value_columns to do without them (with them where letters are thousands, millions and "
            "billions), or write the units into the header",
            field="value_columns",
            alternatives=[
                *([{"value_columns": [*rest, *unread]}] if all(multiples(texts[name]) for name in unread) else []),
                *_without_words(texts[name] for name in unread),
                *([{"value_columns": rest}] if rest else []),
            ],
        )


def _without_words(columns: Iterable[Sequence[object]]) -> list[dict[str, Any]]:
    """Return the words among quantities as an answer, if all else is understood."""
    words: dict[str, None] = {}
    for cells in columns:
        texts = [text for text in map(cell_text, cells) if text]
        others = [text for text in texts if not any(map(str.isdigit, text))]
        if not others or unit_of([text for text in texts if text not in others]) is None:
            return []
        words |= dict.fromkeys(others)
    return [{"missing_values": list(words)}]


def _measures(column: Column, form: NumberForm, least: int) -> bool:
    """Check whether a column would hold values in spite of many texts."""
    if column.time_rank or column.part or len(set(map(cell_text, column.filled))) < least:
        return False
    return weighed(column.as_numbers(form)).is_value


def sentinels(
    columns: Sequence[tuple[Column, NumberForm]], lines: Sequence[Line] = (), said: Mapping[float, bool] | None = None
) -> dict[str, list[str]]:
    """Return each column's numbers that mean no value: far from all others, such as -999.

    `lines` are the cells of single series by the name of their column, if there are several.
    """
    parsers = {column.name: lenient_numbers(number_parser(form.decimal, form.thousands)) for column, form in columns}
    read: list[tuple[str, Sequence[float | None]]] = [
        (column.name, column.as_numbers(form).numbers) for column, form in columns
    ]
    read += [(name, parsers[name](cells)[0]) for name, cells in lines[:_MOST_LINES]]
    found = sentinels_in([numbers for _, numbers in read], said or {})
    own = sentinels_of_each(read, said or {}) if found.doubtful else None
    if own is None:
        refuse_doubtful(found)
        own = {column.name: found.sure for column, _ in columns} if found.sure else {}
    return {
        name: [str(int(number) if number.is_integer() else number) for number in numbers]
        for name, numbers in own.items()
    }


def missing_values(
    values: list[tuple[Column, NumberForm]],
    lines: Sequence[Line],
    above: Sequence[str],
    config: Mapping[str, Any],
    evidence: Evidence,
) -> list[str] | dict[str, list[str]]:
    """Return what stands for no value, as given or detected; by column if different.

    `lines` are the cells of single series, where there are several, `above` the rows above the table.
    """
    given = config.get("missing_values")
    if given is not None:
        evidence.add("missing values", list(given), 1, "given", "missing_values")
        return list(given)
    each = sentinels(values, lines, said_for_none(above))
    found = sorted({word for words in each.values() for word in words}, key=float)
    if not found:
        return []
    reason = f"{', '.join(found)} stands where nothing was measured: all other numbers are far from it"
    alike = len(each) == len(values) and all(words == found for words in each.values())
    if not alike:
        reason += f"; in {', '.join(map(repr, each))} alone"
    evidence.add("missing values", found, 0.85, reason, "missing_values")
    return found if alike else each
