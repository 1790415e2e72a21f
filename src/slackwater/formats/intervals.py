"""Parses the starts of written intervals: `a/b`, `a to b`, `a/PT1H`, `00:00-00:15`. Pure."""

import re
from collections.abc import Callable, Sequence

_BETWEEN = re.compile(r"\s*/\s*|\s+(?:-|–|—|to|until|till|a|às|até|bis|al|à|tot|do)\s+|\s*[–—]\s*", re.IGNORECASE)
_YEARS = re.compile(r"((?:1[5-9]|2[01])\d\d)\s?[-–/]\s?((?:1[5-9]|2[01])\d\d)", re.ASCII)
_DURATION = re.compile(r"P(?=.)(?:\d+[YMWD])*(?:T(?:\d+(?:\.\d+)?[HMS])+)?")
_CLOCK = re.compile(r"\d{1,2}:\d{2}(?::\d{2})?(?:\s*[ap]\.?m\.?)?", re.IGNORECASE)
_BAND = re.compile(r"(.+\s\d{1,2}:\d{2}(?::\d{2})?)-(\d{1,2}:\d{2}(?::\d{2})?)")
_ONE = r"(\d{1,2})[:h](\d{2})(?::\d{2})?\s*(?:([ap])\.?m?\.?)?"
_CLOCKS = re.compile(rf"{_ONE}(?:\s*(?:-|–|—|/|to|a|às|até|bis)\s*{_ONE})?", re.IGNORECASE)


def parts(text: str) -> tuple[str, str] | None:
    """Return the two sides of an interval.

    None where a text has none: both are alike, or the second is a duration.
    """
    if (years := _YEARS.fullmatch(text.strip())) and years[1] < years[2]:
        return years[1], years[2]
    for match in _BETWEEN.finditer(text):
        begin, end = text[: match.start()].strip(), text[match.end() :].strip()
        if begin and (_DURATION.fullmatch(end) or (len(begin) > 5 and _shape(begin) == _shape(end))):
            return begin, end
        if _CLOCK.fullmatch(end) and re.search(r"\d\D+\d{1,2}:\d{2}", begin):
            return begin, end
    return None


def is_season(cell: object) -> bool:
    """Check whether a cell is a year and the next: `2001/2002`."""
    match = _YEARS.fullmatch(str(cell).strip())
    return match is not None and int(match[1]) + 1 == int(match[2])


def begins(parse: Callable[[Sequence[object]], list[int | None]]) -> Callable[[Sequence[object]], list[int | None]]:
    """Return the parser of intervals whose sides `parse` reads; None for what is no interval."""

    def column(cells: Sequence[object]) -> list[int | None]:
        found = [parts(cell) or _band(cell) if isinstance(cell, str) else None for cell in cells]
        times = parse([each[0] if each else None for each in found])
        return [None if each is None else time for each, time in zip(found, times, strict=True)]

    return column


def _band(text: str) -> tuple[str, str] | None:
    """Return the sides of `2026-03-01 00:15-00:30`, None for a time with an offset."""
    match = _BAND.fullmatch(text)
    return (match[1], match[2]) if match else None


def is_clock(text: str) -> bool:
    """Check whether a text is a clock time or an interval: `00:15`, `1:30 PM`, `00:00-00:15`."""
    return _CLOCKS.fullmatch(text) is not None


def first_clock(cell: object) -> object:
    """Return the clock that a text is, or begins with as an interval, as `13:15`.

    Any other cell as it is.
    """
    match = _CLOCKS.fullmatch(cell.strip()) if isinstance(cell, str) else None
    if match is None:
        return cell
    hour = int(match[1]) % 12 + (12 if match[3] in ("p", "P") else 0) if match[3] else int(match[1])
    return f"{hour:02}:{match[2]}"


def _shape(text: str) -> str:
    """Return a text with its digits and letters made alike."""
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "9", text))
