"""Refuses implausible readings: time-named series, one series per row, untimed rows. Pure.

Each is a question and never a reading, however well all else fits.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from slackwater.discover.inference.period_parts import part_of_time
from slackwater.discover.inference.vocabulary import plain_words, words_for
from slackwater.errors import Question
from slackwater.formats.cells import cell_text
from slackwater.formats.column_memo import PLAIN
from slackwater.formats.numbers import infer_number_form
from slackwater.formats.quantities import multiples
from slackwater.formats.timestamp_inference import infer_time_form

MOST_UNREAD = 5  # numbers in lists below the records, for each that is read: the account would leave out most of all
DEEPEST = 8  # objects and lists within each other that are looked into; a reading in XML has seven
_SECONDS = 60  # of a minute
_OF_A_DAY = (1_440, 86_400)  # minutes, and seconds
_SHORT_LIST = 12  # values that a list may have without being a series
_MOST_ENTRIES = 50  # of a list, that are looked into
_PLACES = frozenset(
    {"geometry", "coordinates", "bbox", "polygon", "shape", "path", "line", "ring", "rings", "boundary"}
)
FEW_ROWS = 10  # below them a series of one point is no wonder
_MANY_TEXTS = 8  # different ones; chosen: sizes and depths that tell things apart are fewer
_FEW_TEXTS = 5  # cells of which a third differ: as many as make a column of measurements
_MOST_WORDS = 5  # that stand for no value among the quantities of one column; chosen: offices use one to three
_DIGIT = re.compile(r"\d")
MOST_REJECTED = 0.1  # of the rows: what one odd row in ten is for a form of times, too
_CLOCK = r"(?:\d{1,2}(?:[:h]\d{2}){1,2}|\d{1,2}(?=\s*[ap]))(?:[.,]\d+)?\s*(?:[ap](?:\.?m\.?)?)?"
_CLOCKS = re.compile(rf"{_CLOCK}(?:\s*(?:-|–|/|to|a|as|às|bis)\s*{_CLOCK})?", re.IGNORECASE)
_PERIOD_CODES = re.compile(r"(?:HE|SP|QH|PTU|H|P)[\s_]?\d{1,3}", re.IGNORECASE)
_TRAILING_MINUS = re.compile(r"\d{1,3}(?:[.,' ]?\d{3})*(?:[.,]\d+)?(?P<unit>-)?")
_BRACKETED = re.compile(r"[-+]?\d[\d.,]*\s?[(\[][^()\[\]]{1,20}[)\]]")  # with the hour of an extreme, or a change
_SPANNED = re.compile(r"\d+[.,]\d+\s?[-–±]\s?\d+[.,]\d+")  # from a number to another
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*")
_SIGN = r"[^\w\s.,:;!?(){}#&@§№*/\\|+\[\]-]"  # which no key has beside its digits
_QUANTITY = re.compile(rf"[-+]?\d[\d.,' ]*\s?(?P<unit>(?:[^\W\d_]|{_SIGN})[\w%°µ²³/]{{0,7}})")
_MARKED = re.compile(rf"(?P<unit>{_SIGN}{{1,2}})\s?[-+]?\d[\d.,' ]*")  # `< 0.5`, `▲ 12`


@dataclass(frozen=True)
class Fields:
    """The fields of source_config that change what is decided about time, series and values."""

    time: str
    time_form: str
    series: str
    values: str


FILE = Fields("time_columns", "date_format", "series_columns", "value_columns")
API = Fields("date_field", "date_format", "series_field", "value_fields")


def names_of_times(texts: Sequence[object]) -> bool:
    """Check whether at least three texts are times, not names of series."""
    different = {text for text in map(cell_text, texts) if text}
    if len(different) < 3:
        return False
    if all(map(_CLOCKS.fullmatch, different)) or (len(different) > 5 and all(map(_PERIOD_CODES.fullmatch, different))):
        return True
    if sum(map(bool, map(_TIMESTAMP.fullmatch, different))) * 2 > len(different):
        return True
    form = infer_time_form(sorted(different))
    return form is not None and (not form.numeric or (form.form in ("%Y%m", "%Y%m%d") and len(different) > _FEW_TEXTS))


def _listed(names: Sequence[str], fields: Fields) -> list[str] | str:
    """Return names as source_config takes them: a file's as a list, an API's with commas."""
    return list(names) if fields is FILE else ",".join(names)


def refuse_unread_lists(held: Counter[str], read: int) -> None:
    """Question where lists within the records hold most of the numbers, and nothing reads them.

    `held` is of `numbers_in_lists`, `read` is how many numbers the layout reads. Coordinates do not count.
    """
    path, most = held.most_common(1)[0] if held else ("", 0)
    if most > MOST_UNREAD * max(read, 1):
        raise Question(
            f"The lists at `{path}` within the records hold {most:,} numbers, and what was found reads {read:,} "
            "others. Give records_path with `*` for every record if these are the values, or value_field to keep what "
            "was found.",
            field="records_path",
        )


def numbers_in_lists(records: Sequence[object]) -> Counter[str]:
    """Return the paths of the lists within the records, and how many numbers they hold."""
    held: Counter[str] = Counter()
    for record in records:
        if isinstance(record, Mapping):
            for path, number in _numbers_below(record, "", 0):
                held[path] += number
    return held


def _numbers_below(node: Mapping[str, object], above: str, deep: int) -> list[tuple[str, int]]:
    """Count the numbers in the lists below a record, by list path."""
    found: list[tuple[str, int]] = []
    for name, child in node.items() if deep < DEEPEST else ():
        if type(child) in PLAIN:
            continue
        path = f"{above}.{name}" if above else name
        if isinstance(child, Mapping):
            found += _numbers_below(child, path, deep + 1)
        elif isinstance(child, list) and child and all(isinstance(each, Mapping) for each in child):
            if len(child) > 2:
                cells = [cell for each in child for cell in each.values() if cell_text(cell)]
                found.append((path, sum(infer_number_form([cell]) is not None for cell in cells)))
            for each in child[:_MOST_ENTRIES]:
                found += _numbers_below(each, path, deep + 1)
        elif isinstance(child, list) and len(child) > _SHORT_LIST and not _PLACES.intersection(plain_words(name)):
            cells = [cell for each in child for cell in (each if isinstance(each, list) else [each])]
            numbers = [cell for cell in cells if type(cell) in (int, float)]
            found.append((path, len(numbers)))
    return found


def refuse_series(
    series: Mapping[str, Sequence[object]], times: Sequence[int | None], time: Sequence[str], fields: Fields
) -> None:
    """Raise a Question if series are named by times, or mostly single points."""
    for name, cells in series.items():
        if names_of_times(cells) or part_of_time("".join(plain_words(name)), cells, times):
            shown = ", ".join(repr(text) for text in list(dict.fromkeys(map(cell_text, cells)))[:3])
            raise Question(
                f"`{name}` would name the series, but its cells, such as {shown}, are parts of the time. Give "
                f"{fields.time} with all that make the time, or {fields.series} with what names the series.",
                field=fields.time,
                alternatives=[{fields.time: _listed([*time, name], fields)}],
            )
    if not series or len(times) < FEW_ROWS or len({time for time in times if time is not None}) < 2:
        return
    keys = Counter(zip(*(map(cell_text, cells) for cells in series.values()), strict=True))
    if len(keys) * 2 > len(times):
        named = ", ".join(f"`{name}`" for name in series)
        raise Question(
            f"{named} would name a series for almost each row ({len(keys):,} in {len(times):,} rows), so it names "
            f"events and no series. Give {fields.series}, or another {fields.time}.",
            field=fields.series,
            alternatives=[{fields.series: list(series)}],
        )


def refuse_value_names(names: Sequence[str], fields: Fields) -> None:
    """Raise a Question if value columns are named like times."""
    stamped = next((name for name in names if _TIMESTAMP.fullmatch(name)), None)
    if stamped is not None:
        raise Question(
            f"A column of values is called {stamped!r:.60}, which is a time and no name: data stands where the names "
            f"of the columns should be. Give {fields.time}, and {fields.values}, or another address or row of names.",
            field=fields.time,
        )
    bare = [name.rpartition(".")[2] for name in names]
    if len(names) > 1 and len(set(bare)) == 1:  # as of `h01.price`, `h02.price`
        bare = [name.rpartition(".")[0].rpartition(".")[2] for name in names]
    if names_of_times(bare) or _evenly_numbered(bare):
        raise Question(
            f"The columns of values are called {bare[0]!r:.40}, {bare[1]!r:.40}…, which are times and no names of "
            f"series; how they make a time with the rest is not understood. Give {fields.values} with those that are "
            "values.",
            field=fields.values,
            alternatives=[{fields.values: list(names)}] if _evenly_numbered(bare) else (),
        )


def _evenly_numbered(names: Sequence[str]) -> bool:
    """Check for names that count the seconds or minutes of a day: `0`, `300`, `600`.

    Depths and wavelengths are evenly numbered as well, but fill no day, and are no whole minutes apart.
    """
    if len(names) <= _SHORT_LIST or not all(name.isdecimal() for name in names):
        return False
    numbers = sorted(map(int, names))
    steps = {later - earlier for earlier, later in pairwise(numbers)}
    step, length = min(steps), numbers[-1] - numbers[0]
    even = len(steps) == 1 and step > 1
    return even and (step % _SECONDS == 0 or not {length, length + step}.isdisjoint(_OF_A_DAY))


def refuse_times(times: Sequence[int | None], told: Sequence[object], name: str, example: str, fields: Fields) -> None:
    """Raise a Question if over a tenth of the time cells are unreadable."""
    rows = [time for time, cell in zip(times, told, strict=True) if cell not in (None, "")]
    unread = sum(time is None for time in rows)
    if len(rows) >= FEW_ROWS and unread > MOST_REJECTED * len(rows):
        raise Question(
            f"{unread:,} of {len(rows):,} times in {name} are not understood, such as {example}; their rows would be "
            f"missing. Give {fields.time_form}, or another {fields.time}.",
            field=fields.time_form,
        )


def refuse_untimed(
    untimed: int, rows: int, name: str, alternatives: Sequence[dict[str, object]], fields: Fields
) -> None:
    """Raise a Question if over a tenth of the `rows` with values have no time."""
    if rows >= FEW_ROWS and untimed > MOST_REJECTED * rows:
        raise Question(
            f"{untimed:,} of {rows:,} rows with values have no time in {name}; they would be missing. Give fill_down "
            f"with it if the time above is theirs, or another {fields.time}.",
            field="fill_down",
            alternatives=alternatives,
        )


_KEY = re.compile(r"\d{9,}\.?[^\W\d_]+")  # right before a word; measurements have fewer, and a blank


def unread_quantities(columns: Mapping[str, Sequence[object]]) -> dict[str, str]:
    """Return column → example of text columns with quantities: `4 kWh`, `12,50-`, `9 (13h)`."""
    found = {}
    for name, cells in columns.items():
        texts = [text for text in map(cell_text, cells) if text]
        if len(texts) < _FEW_TEXTS or len(set(texts)) < min(_MANY_TEXTS, len(texts) / 3):
            continue
        if len(set(texts)) == len(texts) and all(map(_KEY.fullmatch, texts)):
            continue  # keys of the records that end in a word
        both = next((each for each in (_BRACKETED, _SPANNED) if _nearly_all(each, texts)), None)
        if both:
            found[name] = next(filter(both.fullmatch, texts))
        for form in (_QUANTITY, _MARKED, _TRAILING_MINUS):
            matches = [match for text in texts if (match := form.fullmatch(text))]
            units = {match["unit"] for match in matches if match["unit"]}
            others = {text for text in texts if not form.fullmatch(text)}
            enough = len(matches) * 10 >= len(texts) * 9 or (
                len(matches) * 2 >= len(texts) and len(others) <= _MOST_WORDS and not any(map(_DIGIT.search, others))
            )
            if enough and (0 < len(units) <= 2 or multiples(texts)):
                found[name] = next(match[0] for match in matches if match["unit"])
    return found


def _nearly_all(form: re.Pattern[str], texts: Sequence[str]) -> bool:
    return sum(map(bool, map(form.fullmatch, texts))) * 10 >= len(texts) * 9


def refuse_unread_quantities(columns: Mapping[str, Sequence[object]], values: Sequence[str]) -> None:
    """Raise a Question if texts hold numbers with several or unknown units."""
    if unread := unread_quantities(columns):
        listed = ", ".join(f"`{name}` (such as {cell!r:.40})" for name, cell in unread.items())
        raise Question(
            f"The numbers with units in {listed} are not understood: the unit is not known, or changes along the "
            "series. Give value_fields with those that are values, without them.",
            field="value_fields",
            alternatives=[{"value_fields": list(values)}],
        )


def is_unit(name: str) -> bool:
    """Say whether a column is called a unit of measurement."""
    return bool(words_for("unit").intersection(plain_words(name.rpartition(".")[2])))
