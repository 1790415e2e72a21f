"""Numbers as sources write them → floats, a column at a time.

And how a column writes them.

A column has one form: which mark divides the decimals and which the thousands is decided from all of the sample,
never from a single cell.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite

from slackwater.formats.column_memo import ColumnMemo

Numbers = Callable[[Sequence[object]], tuple[list[float | None], list[int]]]
"""Turns a column of cells into floats, None where there is none, and the places of cells that are no number at all."""

MISSING = frozenset(
    {
        "",
        "-",
        "--",
        "---",
        "–",
        "—",
        ".",
        "..",
        "...",
        "…",
        ":",
        "*",
        "x",
        "?",
        "na",
        "n/a",
        "n.a.",
        "n.a",
        "n/d",
        "n.d.",
        "nd",
        "nan",
        "+inf",
        "-inf",
        "null",
        "none",
        "nil",
        "missing",
        "#n/a",
        "#n/d",
        "#na",
        "#value!",
        "#div/0!",
        "#ref!",
        "#num!",
        "#name?",
        "#null!",
    }
)
"""What tables write where they have no value, in lower case."""

_WHOLE = re.compile(r"[+-]?0*[1-9]\d*-?")  # a whole number that is not 0, without any mark
_NINES = re.compile(r"-?9{2,}")  # often written for no value
_SPACES = re.compile("[\\u00a0\\u2009\\u202f]")
_GROUP = 3  # digits between two marks of thousands
_ENOUGH = 30  # grouped numbers in a sample; decimals would have ended in a zero, and been cut short, in three of them


@dataclass(frozen=True)
class NumberForm:
    """How a column writes its numbers.

    `doubtful`: the sample would fit the other reading of the mark as well.
    """

    decimal: str = "."
    thousands: str | None = None
    doubtful: bool = False


def is_missing(cell: object) -> bool:
    """Check whether a cell stands for no value: empty, `n/a`, `-`, `..`, NaN and similar."""
    if isinstance(cell, str):
        return cell.strip().lower() in MISSING
    return cell is None or (isinstance(cell, float) and cell != cell)  # noqa: PLR0124 - NaN alone differs from itself


def number_parser(decimal: str = ".", thousands: str | None = None) -> Numbers:
    """Return the parser of a column with those decimal and thousands marks (None: no mark).

    Missing cells become None silently; what is no finite number becomes None and is listed. A percentage is the number
    it means, 12.5 % = 0.125, as a spreadsheet holds it.
    """
    read = _reader(decimal, thousands)

    def column(cells: Sequence[object]) -> tuple[list[float | None], list[int]]:
        values = _at_once(cells, decimal)
        if values is not None:
            return values, []  # type: ignore[return-value]
        filled = [cell for cell in cells if cell is not None and cell != ""]
        values = _at_once(filled, decimal) if len(filled) < len(cells) else None
        if values is None:
            return _one_by_one(cells, read)
        each = iter(values)
        return [None if cell is None or cell == "" else next(each) for cell in cells], []

    return column


def without(missing: frozenset[float], numbers: Numbers) -> Numbers:
    """Return the parser for a source in which some numbers stand for no value."""
    if not missing:
        return numbers

    def column(cells: Sequence[object]) -> tuple[list[float | None], list[int]]:
        values, wrong = numbers(cells)
        return [None if value in missing else value for value in values], wrong

    return column


def are_plain(cells: Sequence[object]) -> bool:
    """Check at little cost whether all cells are plainly numbers.

    None of them then stands for no value, and each looks like a number.
    """
    numbers = _at_once(cells, ".") or _at_once(cells, ",")
    return numbers is not None and all(cell.isascii() for cell in cells if isinstance(cell, str))


def _at_once(cells: Sequence[object], decimal: str) -> list[float] | None:
    """Return the whole column if it is plain numbers without thousands.

    None if any cell needs a closer look.
    """
    try:
        joined = "\n".join(cells)  # type: ignore[arg-type]
    except TypeError:
        return list(map(float, cells)) if set(map(type, cells)) <= {int, float} and _finite(cells) else None  # type: ignore[arg-type]
    if "_" in joined:
        return None
    try:
        if decimal == ".":
            values = list(map(float, cells))  # type: ignore[arg-type]
        elif "." in joined:
            return None
        else:
            values = list(map(float, joined.replace(decimal, ".").split("\n")))
    except ValueError:
        return None
    return values if len(values) == len(cells) and _finite(values) else None


def _finite(values: Sequence[object]) -> bool:
    try:
        return all(map(isfinite, values))  # type: ignore[arg-type]
    except OverflowError:
        return False


def _one_by_one(
    cells: Sequence[object], read: Callable[[object], float | None]
) -> tuple[list[float | None], list[int]]:
    values: list[float | None] = []
    wrong: list[int] = []
    for place, cell in enumerate(cells):
        missing = is_missing(cell)
        value = None if missing else read(cell)
        if value is None and not missing:
            wrong.append(place)
        values.append(value)
    return values, wrong


def _reader(decimal: str, thousands: str | None) -> Callable[[object], float | None]:
    point = re.escape(decimal)
    grouped = rf"\d{{1,3}}(?:{re.escape(thousands)}\d{{3}})+|" if thousands else ""
    grouped += r"\d{1,2}(?:,\d{2})+,\d{3}|" if thousands == "," else ""  # `12,34,567`, as in India
    pattern = re.compile(
        rf"(?P<number>[+-]?(?:(?:{grouped}\d+)(?:{point}\d*)?|{point}\d+)(?:e[+-]?\d+)?)(?P<minus>-)?(?P<percent>\s*%)?",
        re.IGNORECASE | re.ASCII,
    )

    def read(cell: object) -> float | None:
        if isinstance(cell, bool) or not isinstance(cell, str | int | float):
            return None
        if isinstance(cell, str):
            match = pattern.fullmatch(_plain(cell, thousands))
            if match is None or (match["minus"] and match["number"][0] in "+-"):
                return None
            digits = match["number"].replace(thousands, "") if thousands else match["number"]
            value = float(digits.replace(decimal, "."))
            value = value / 100 if match["percent"] else value
            value = -value if match["minus"] else value  # as accounting programs write it: 1.234,56-
        else:
            try:
                value = float(cell)
            except OverflowError:
                return None
        return value if isfinite(value) else None

    return read


def _plain(text: str, thousands: str | None) -> str:
    text = text.strip().replace("−", "-")
    if thousands == " ":
        return _SPACES.sub(" ", text)
    return text.replace("’", "'") if thousands == "'" else text


def infer_number_form(samples: Sequence[object], least: float = 0.8) -> NumberForm | None:
    """Return the form that a column's numbers have.

    None when under `least` of the cells with content are numbers.

    Real numbers (of a spreadsheet, of JSON) count for every form.
    """
    return _inferred(samples, least)


def _infer_number_form(samples: Sequence[object], least: float) -> NumberForm | None:
    cells = samples if are_plain(samples) else [cell for cell in samples if not is_missing(cell)]
    if not cells:
        return None
    best, unread = NumberForm(), set(number_parser()(cells)[1])
    if unread:
        written = _SPACES.sub(" ", "".join(_plain(cell, "'") for cell in cells if isinstance(cell, str)))
        # One whose mark stands nowhere explains what one before it does.
        for decimal, thousands in (each for each in _CANDIDATES if (each[1] or each[0]) in written):
            _, wrong = number_parser(decimal, thousands)(cells)
            if len(wrong) < len(unread):
                best, unread = NumberForm(decimal, thousands), set(wrong)
            if not unread:
                break
    if len(cells) - len(unread) < least * len(cells):
        return None
    # What is no number, such as one with a footnote behind it, says nothing about the mark in the others.
    return _weighed(best, [cell for at, cell in enumerate(cells) if isinstance(cell, str) and at not in unread])


_inferred = ColumnMemo(_infer_number_form)


_CANDIDATES = [  # behind decimal points alone, simplest first: a later one must explain more cells
    (",", None),
    (".", ","),
    (",", "."),
    (".", " "),
    (",", " "),
    (".", "'"),
    (",", "'"),
]


def _weighed(form: NumberForm, texts: list[str]) -> NumberForm:
    """Re-examine a single mark before three digits: 1.234 may be above a thousand."""
    mark, other = form.decimal, "," if form.decimal == "." else "."
    grouped = re.compile(rf"[+-]?[1-9]\d{{0,2}}(?:{re.escape(mark)}\d{{3}})+-?")
    if form.thousands or not all(grouped.fullmatch(text.strip()) for text in texts if mark in text):
        return form
    texts = [text.strip() for text in texts]
    marked = [text for text in texts if mark in text]
    if not marked:
        return form
    # Decimals are written to a fixed length, or cut short where they end in zeros; whole numbers do neither. A zero
    # among them decides nothing: some write it without its decimals. A whole number of four digits and more would have
    # the mark as well if it were one of thousands.
    wholes = [text for text in texts if _WHOLE.fullmatch(text) and not _NINES.fullmatch(text)]
    if len(marked) >= _ENOUGH and wholes and all(len(text.strip("+-")) <= _GROUP for text in wholes):
        return NumberForm(other, mark)
    return NumberForm(mark, None, doubtful=True)
