"""Builds column names from header rows, and reads times in headers. Pure."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import zip_longest

from slackwater.formats.annotations import bare_time, without_notes
from slackwater.formats.cells import JOIN, cell_text, is_sum, is_unit, is_year, time_part
from slackwater.formats.intervals import first_clock
from slackwater.formats.month_names import ROMAN, ROMAN_MONTHS, names_month, plain, split_language
from slackwater.formats.periods import is_span
from slackwater.formats.table.reader import Row
from slackwater.formats.time_forms import may_be
from slackwater.formats.timestamps import Times, time_parser
from slackwater.model.instants import from_micros
from slackwater.model.points import MAX_SERIES_NAME

_PERIOD = re.compile(r"(?P<before>[^#]*)#(?:1h|30m|15m)(?P<after>[^#]*)")
_MANY = 12  # headers; chosen: so many whole times are no chance, whatever stands between them
_UNITS_OF_TIMES = frozenset({"yr", "mo", "dy", "hr", "mn"})  # as buoys have them in their row of units
_BETWEEN = re.compile(r"[\s:,;|/–-]+")  # a word and a time in one header
_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|2[01])\d\d(?!\d)|\d{2}\b")  # which each whole time has, if of two digits
_WORD = re.compile(r"[^\W\d_]+")
_BOUNDS = re.compile(
    r"before|after|until|since|from|older|newer|onwards|prior|pre|post|avant|apres|depuis|jusque|partir|vor|nach|bis|seit"
    r"|ab|antes|depois|desde|despues|hasta|ate|prima|dopo|dal|fino|sinds|vanaf|przed"
)
"""Words beside a year that say that all times before or after it are meant."""
_SPAN = re.compile(r"(?<!\d)(\d{4})\D+(\d{4})(?!\d)", re.ASCII)
_QUARTERS = frozenset("1234")  # beside a year
_LAST_PART = re.compile(r"%[dmHjM]\D*$")

Level = list[object]
"""The cells of one header row, one a column, with what spans several columns repeated over each."""


def header_levels(rows: Sequence[Row]) -> list[Level]:
    """Return the header's rows, each label repeated over the columns that it spans.

    A label spans the gaps to its right as far as there are labels under them; one with nothing under it spans nothing.
    """
    width = max(map(len, rows), default=0)
    levels = [[*row, *[None] * (width - len(row))] for row in rows]
    for place, level in enumerate(levels[:-1]):
        below = [any(cell_text(lower[at]) for lower in levels[place + 1 :]) for at in range(width)]
        label: object = None
        for at, cell in enumerate(level):
            if cell_text(cell):
                label = cell if below[at] else None
            elif below[at]:
                level[at] = label
    return levels


def header_names(levels: Sequence[Level]) -> list[str]:
    """Return one name per column: its labels from top to bottom, its unit in parentheses.

    A label above all columns distinguishes none and is left out; a repeated name gets a number.
    """
    units: Level = []
    if len(levels) > 1 and is_unit_row(levels[-1]):
        *levels, units = levels
    names = []
    for cells, unit in zip_longest(zip(*_distinguishing(levels), strict=True), units):
        parts = list(dict.fromkeys(part for part in map(_label, cells or ()) if part))
        name = JOIN.join(parts)
        shown = cell_text(unit).strip("()[]")
        names.append(f"{name} ({shown})" if shown and name else name or shown)
    return numbered(names)


def _label(cell: object) -> str:
    return without_notes(cell_text(cell))


def _distinguishing(levels: Sequence[Level]) -> Sequence[Level]:
    """Drop each header level with one label above another level."""
    kept = []
    for place, level in enumerate(levels):
        lower = levels[place + 1 :]
        spanning = [
            at
            for at, cell in enumerate(level)
            if any(cell_text(under[at]) not in ("", cell_text(cell)) for under in lower)
        ]
        labels = {cell_text(level[at]) for at in spanning} - {""}
        if len(labels) == 1 and len(spanning) > 1:
            kept.append([None if at in spanning else cell for at, cell in enumerate(level)])
        else:
            kept.append(level)
    return kept


def is_unit_row(level: Sequence[object]) -> bool:
    """Say whether all that a header row has are units of measurement."""
    texts = [text for text in map(cell_text, level) if text]
    others = {text.strip("#").lower() for text in texts if not is_unit(text)}
    return bool(texts) and len(others) < len(texts) and others <= _UNITS_OF_TIMES


def numbered(names: Sequence[str]) -> list[str]:
    """Return the names, `column 3` where there is none, `Total (2)` where one repeats."""
    given: list[str] = []
    seen: dict[str, int] = {}
    for number, name in enumerate(names, 1):
        plain = name[: MAX_SERIES_NAME - 8] or f"column {number}"
        unique = plain
        while unique in seen:
            seen[plain] += 1
            unique = f"{plain} ({seen[plain]})"
        seen[unique] = 1
        given.append(unique)
    return given


@dataclass(frozen=True)
class TimeHeader:
    """Holds the time in each column's header, and what else the header says."""

    times: dict[int, object]  # column → its time, or the part of it that the header has
    labels: dict[int, str]  # column → the labels beside the time
    kinds: tuple[str, ...]  # of the parts: year, month, quarter, half, clock, full
    among_words: bool = False  # whether words stand beside the times in one cell


def in_headers(date_format: str | None, parse: Times, columns: int) -> Callable[[object], bool]:
    """Return what recognises headers that are times, or the rest of them.

    Of `%Y %m D%d` with two columns of times the headers are `D1` to `D31`.
    """
    parts = (date_format or "").split(" ", columns)
    rest = parts[columns] if 0 < columns < len(parts) else ""
    if match := _PERIOD.fullmatch(rest):
        rest = f"{match['before']}%j{match['after']}"  # whose digits may be three
    last = rest.rpartition(" ")[2]  # the hours beside whose minutes stand across have their day before them
    if columns and split_language(date_format or "")[1] == ROMAN:
        return lambda cell: cell_text(cell).lower() in ROMAN_MONTHS
    if columns and date_format == "quarter":
        return lambda cell: cell_text(cell) in _QUARTERS or parse([cell]) != [None]
    numbered = [each for each in {rest, last if "%M" in last else rest} if _LAST_PART.search(each)]
    return lambda cell: parse([cell]) != [None] or any(may_be(each, [cell_text(cell)]) for each in numbered)


def time_header(levels: Sequence[Level], understood: Callable[[object], bool] | None = None) -> TimeHeader | None:
    """Return the times that header rows hold, None where under two columns have one.

    A level is of times when two or more of its cells are times or parts of times, and half of those between the first
    and the last of them; `understood` says what else counts as one. Where no level is, words may stand beside the
    times in its cells: `Nights 2023M01`.
    """
    plain = _time_header(levels, understood)
    if plain is not None or (divided := _without_words(levels)) == list(levels):
        return plain
    found = _time_header(divided, understood)
    return found and replace(found, among_words=True)


def _without_words(levels: Sequence[Level]) -> list[Level]:
    """Return the levels, those of times with words above them divided into two."""
    apart: list[Level] = []
    for level in levels:
        both = [divided_header(cell) for cell in level]
        kinds = [time_part(time) for _, time in both]
        if kinds.count("full") >= kinds.count("year"):  # beside months, a year is their sum
            alike = are_sums([time for _, time in both], kinds)
            kept = "full"
        else:
            alike, kept = True, "year"  # beside years, a span is no further one: `Change 2020-2021`
        both = [each if kind == kept else (cell, None) for each, kind, cell in zip(both, kinds, level, strict=True)]
        if alike and sum(time is not None for _, time in both) > 1 and not any(map(_is_open, level)):
            apart.append([words for words, _ in both])
            apart.append([time for _, time in both])
        else:
            apart.append(level)
    return apart


def divided_header(cell: object) -> tuple[object, object]:
    """Return a header's words and the whole time beside them, else all and None."""
    text = cell_text(cell) if isinstance(cell, str) and _YEAR.search(cell) else ""
    if text and time_part(text):
        return cell, None  # `December of 2023`, in Portuguese, is a time and no word beside a year
    for words_first in (True, False):
        for mark in _BETWEEN.finditer(text):
            words, time = text[: mark.start()], text[mark.end() :]
            if not words_first:
                words, time = time, words
            worded = (any(map(str.isalpha, words)) or is_unit(words)) and not any(map(str.isdigit, words))
            if worded and time_part(time) in ("full", "year") and not names_month(_nearest(words, first=words_first)):
                return words, time
    return cell, None


def _nearest(words: str, *, first: bool) -> str:
    """Return the word that stands beside the time: `Jan` of `Guests Jan-Mar 2023`."""
    each = _WORD.findall(words) or [words]
    return str(each[-1 if first else 0])


def _is_open(cell: object) -> bool:
    """Check whether a header names all times on one side of a year: `before 1919`."""
    words, time = divided_header(cell)
    if time is None:
        return False
    first = cell_text(cell).startswith(cell_text(words))
    return _BOUNDS.fullmatch(plain(_nearest(cell_text(words), first=first))) is not None


def are_sums(cells: Sequence[object], kinds: Sequence[str | None]) -> bool:
    """Check whether all years beside months are the years of these: their sums."""
    whole = [cell_text(cell) for cell, kind in zip(cells, kinds, strict=True) if kind == "full"]
    years = [cell_text(bare_time(cell)) for cell, kind in zip(cells, kinds, strict=True) if kind == "year"]
    return all(any(re.search(rf"(?<!\d)(?:{year}|{year[2:]}(?!\d))", text) for text in whole) for year in years)


def _time_header(levels: Sequence[Level], understood: Callable[[object], bool] | None) -> TimeHeader | None:

    def told(cell: object) -> object:
        whole = understood is not None and time_part(cell) is None and bool(cell_text(cell)) and understood(cell)
        return cell if whole else bare_time(cell)  # `P 1` is no provisional 1

    def kind(cell: object) -> str | None:
        return time_part(cell) or ("full" if cell_text(cell) and understood and understood(told(cell)) else None)

    kinds = [_without_sums(level, [kind(cell) for cell in level]) for level in levels]
    timed = []
    for place, level in enumerate(levels):
        found = [at for at, each in enumerate(kinds[place]) if each]
        if len(found) < 2 or _are_classes(level):
            continue
        among = [cell for cell in level[found[0] : found[-1] + 1] if cell_text(cell) and not is_sum(cell)]
        if len(found) * 2 >= len(among) or sum(kinds[place][at] == "full" for at in found) >= _MANY:
            timed.append(place)
    whole = [place for place in timed if "full" in kinds[place]]
    timed = whole[:1] or timed
    columns = [at for at in range(len(levels[0]) if levels else 0) if timed and all(kinds[p][at] for p in timed)]
    if len(columns) < 2:
        return None
    others = [level for place, level in enumerate(levels) if place not in timed]
    times = {at: joined([first_clock(told(levels[place][at])) for place in timed]) for at in columns}
    labels = _beside(others, columns)
    if others and is_unit_row(others[-1]):  # left out, but where it tells columns of one time apart
        bare = _beside(others[:-1], columns)
        if len({(cell_text(times[at]), bare[at]) for at in columns}) == len(columns):
            labels = bare
    return TimeHeader(times=times, labels=labels, kinds=tuple(str(kinds[place][columns[0]]) for place in timed))


def _are_classes(level: Level) -> bool:
    """Check whether bounds adjoin spans of years: `before 1919`, `1919-1948`, as of buildings."""
    spans = [(int(span[1]), int(span[2])) for cell in level if (span := _SPAN.search(cell_text(cell)))]
    bounds = [int(cell_text(time)) for _, time in map(divided_header, filter(_is_open, level)) if is_year(time)]
    edges = [edge for span in spans for edge in span]
    return bool(edges) and any(abs(bound - edge) <= 1 for bound in bounds for edge in (min(edges), max(edges)))


def _without_sums(cells: Sequence[object], kinds: list[str | None]) -> list[str | None]:
    """Return the kinds of cells, without spans and years beside more months: their sums."""
    spans = [each == "full" and is_span(cell) for cell, each in zip(cells, kinds, strict=True)]
    if any(spans) and _repeat_months(cells, kinds, spans):
        kinds = [None if span else each for span, each in zip(spans, kinds, strict=True)]
    if kinds.count("full") > max(1, kinds.count("year")) and are_sums(cells, kinds):
        return [None if each == "year" else each for each in kinds]
    return kinds


def _repeat_months(cells: Sequence[object], kinds: Sequence[str | None], spans: Sequence[bool]) -> bool:
    """Check whether spans only repeat what stands beside them.

    They are sums of months that are there, or the same quarter of several years, beside whole years.
    """
    placed = list(zip(cells, kinds, spans, strict=True))
    quarters = _starts([cell for cell, _, span in placed if span], "quarter")
    beside = [cell for cell, kind, span in placed if kind and not span]
    if kinds.count("full") == sum(spans):
        return len(beside) > 1 and len({at.month for at in quarters}) == 1
    return quarters <= _starts(beside, "iso") | _starts(beside, "month")


def _starts(cells: Sequence[object], form: str) -> set[datetime]:
    return {from_micros(at) for at in time_parser(form, UTC)([bare_time(cell) for cell in cells]) if at is not None}


def _beside(levels: Sequence[Level], columns: Sequence[int]) -> dict[int, str]:
    """Return what the other header rows say of each column.

    Nothing where they say the same of all of them.
    """
    parts = {at: [_label(level[at]) for level in levels] for at in columns}
    distinguishing = [place for place in range(len(levels)) if len({parts[at][place] for at in columns}) > 1]
    return {at: JOIN.join(parts[at][place] for place in distinguishing if parts[at][place]) for at in columns}


def joined(parts: Sequence[object]) -> object:
    """Return the parts of a time as one text; a single one as it is.

    None where one is missing.
    """
    if len(parts) == 1:
        return parts[0]
    texts = [cell_text(part) for part in parts]
    return " ".join(texts) if all(texts) else None
