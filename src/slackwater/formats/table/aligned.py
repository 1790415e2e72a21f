"""Reads tables whose columns are aligned by blanks, as text of fixed width is.

A row with as many words as the table has columns is cut at its blanks. In one with fewer, each word belongs to the
column that it stands below; where that is not clear, the row is handed on too long, so that it is counted as rejected.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain, islice, pairwise

from slackwater.formats.cells import looks_number, time_part
from slackwater.formats.numbers import is_missing

HEAD = 500  # lines; chosen: beyond all preambles, by which the number of columns is told
_SHARE = 0.5  # of the lines but comments that have one number of words; chosen: a preamble is shorter than its table
_FEWEST = 5  # rows; chosen: so many lines of text do not have as many words and numbers by chance
_MOST_PADDED = 366  # degrees, or days of a year, which are written with zeros in front
_UNPLACED = "?"  # behind the last column of a row whose words have no certain place

_MARKS = frozenset(",;|")  # what divides cells
_WORD = re.compile(r"\S+")
_GROUPED = re.compile(
    r"(?:^|(?<=\s\s))[+-]?\d{1,3}(?: \d{3})+(?:[.,]\d+)?(?=\s\s|\s*$)", re.ASCII
)  # `12 345` as a number
_GROUPED_WORD = re.compile(rf"{_GROUPED.pattern}|\S+", re.ASCII)
_WITH_COMMAS = re.compile(r"(?<=\s\s)[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\S)", re.ASCII)
Span = tuple[int, int]


def aligned_width(lines: Sequence[str]) -> int:
    """Return how many columns a text has that blanks align, 0 for other text."""
    pattern = _pattern(lines)
    rows = [words for words in map(pattern.findall, lines) if _is_row(words)]
    if sum(map(_is_divided, rows)) * 2 > len(rows):
        return 0
    counts = Counter(map(len, rows))
    [(width, alike)] = counts.most_common(1) or [(0, 0)]
    told = sum(bool(line.strip()) and not line.startswith("#") for line in lines)
    return width if alike >= _FEWEST and alike > _SHARE * told else 0


def without_thousands(text: str) -> str:
    """Return a text without the commas of thousands, where it has no others.

    `2024-01-01   4,912,345` has two cells.
    """
    bare = _WITH_COMMAS.sub(lambda match: match[0].replace(",", ""), text)
    return text if "," in bare else bare


def _pattern(lines: Sequence[str]) -> re.Pattern[str]:
    """Return the pattern of a word, which is `12 345` where that is one number.

    The names tell, by their count and their places, and the digits have to look like those of one number.
    """
    rows = [line for line in lines if _is_row(line.split())]
    matches = [match for line in rows for match in _GROUPED.finditer(line)]
    if not matches or not _are_thousands([match[0] for match in matches]):
        return _WORD
    names = [line.replace("#", " ", 1) for line in lines[: lines.index(rows[0])] if line.strip()]
    plain, together = ({len(pattern.findall(line)) for line in rows} for pattern in (_WORD, _GROUPED_WORD))
    if not names:
        return _GROUPED_WORD if any(match[0].count(" ") > 1 for match in matches) else _WORD
    between = {match.start() + place for match in matches for place, char in enumerate(match[0]) if char == " "}
    if any(len(line.split()) in plain or _divides(line, between) for line in names):
        return _WORD
    counts = [{len(line.split()), len(re.split(r"\s{2,}", line.strip()))} for line in names]
    return _GROUPED_WORD if any(not count.isdisjoint(together) for count in counts) else _WORD


def _are_thousands(numbers: Sequence[str]) -> bool:
    """Check whether digits after blanks are those of one number, and none of a second.

    No two numbers are written with zeros in front of the second, but for directions and days of years.
    """
    parts = [re.sub(r"[.,].*", "", number).split(" ") for number in numbers]
    behind = [part for each in parts for part in each[1:]]
    padded = any(part[0] == "0" for part in behind) and max(map(int, behind)) > _MOST_PADDED
    return padded or set(behind) == {"000"}  # thousands that are rounded


def _divides(names: str, places: Collection[int]) -> bool:
    """Check whether names are one blank apart where the numbers below them are."""
    return any(match.start() in places for match in re.finditer(r"(?<=\S) (?=\S)", names))


def _is_divided(words: Sequence[str]) -> bool:
    """Check whether marks divide a row, beside its blanks or within its words.

    `2001 , 74.5`, `2001, 74.5` and `8 May 2001 07:00,74.5,12`.
    """
    if any(word.count(mark) > 1 and not looks_number(word) for word in words for mark in _MARKS):
        return True
    return sum(word[-1] in _MARKS for word in words) >= sum(word not in _MARKS for word in words) - 1


def _is_row(words: Sequence[str]) -> bool:
    """Check whether most words are numbers, times or marks for no value."""
    valued = sum(bool(looks_number(word) or is_missing(word) or time_part(word)) for word in words)
    return len(words) > 1 and valued * 2 > len(words)


def aligned_rows(text: Iterable[str]) -> Iterator[list[str]]:
    """Yield the rows of a text that blanks align; other lines are one cell."""
    lines = iter(text)
    head = list(islice(lines, HEAD))
    width, pattern = aligned_width(head), _pattern(head)
    spans: list[Span] = []
    for line in head:
        words = pattern.findall(line)
        if _is_row(words) and len(words) == width:
            spans = _wider(spans, _spans(line, pattern))
    for line in chain(head, lines):
        found = _spans(line, pattern)
        words = [line[begin:end] for begin, end in found]
        if words[:1] == ["#"]:  # of a comment, which may name the columns if it stands above them
            found, words = found[1:], words[1:]
            if len(found) == len(spans) and not all(map(_above, found, spans)):
                yield [line.strip()]
                continue
        if len(found) > width > 0 and _is_row(words[:width]) and not any(map(_has_digit, words[width:])):
            words = words[:width]  # a note behind the row, such as Provisional
        if len(words) == width:
            yield words
        else:
            yield _placed(found, words, spans) or _whole(line, words, width)


def _whole(line: str, words: Sequence[str], width: int) -> list[str]:
    """Return a text as one cell, a row that cannot be cut as too long."""
    return [*words, *[""] * (width - len(words)), _UNPLACED] if _is_row(words) else [line.strip()]


def _above(word: Span, column: Span) -> bool:
    return word[0] < column[1] and column[0] < word[1]


def _has_digit(word: str) -> bool:
    return any(char.isdigit() for char in word)


def _spans(line: str, pattern: re.Pattern[str]) -> list[Span]:
    return [match.span() for match in pattern.finditer(line)]


def _wider(spans: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    if not spans:
        return list(others)
    return [(min(a, c), max(b, d)) for (a, b), (c, d) in zip(spans, others, strict=True)]


def _placed(found: Sequence[Span], words: Sequence[str], spans: Sequence[Span]) -> list[str] | None:
    """Return words below their own columns; None where that is not clear.

    The words of a sentence above the columns name none of them.
    """
    if len(words) > 1 and all(later - end == 1 for (_, end), (later, _) in pairwise(found)) and not _is_row(words):
        return None
    if not 1 < len(found) < len(spans) or any(end > begin for (_, end), (begin, _) in pairwise(spans)):
        return None
    row = [""] * len(spans)
    for (begin, end), word in zip(found, words, strict=True):
        below = [place for place, (first, last) in enumerate(spans) if begin < last and first < end]
        if len(below) != 1 or row[below[0]]:
            return None
        row[below[0]] = word
    return row
