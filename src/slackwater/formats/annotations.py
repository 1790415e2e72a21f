"""Removes footnotes, flags and currencies from beside the numbers and times of published tables. Pure.

Everything here is for the cells that were not understood as they are: a plain table never comes here.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

from slackwater.formats.calendars import without_era
from slackwater.formats.month_names import same_month
from slackwater.formats.numbers import Numbers, is_missing

_FLAGS = (
    r"a|b|be|bp|bu|c|d|e|ep|est|f|fe|i|n|p|pe|po|pr|pre|pro|prov|r|rev|rp|rv|s|u|z"
    r"|bd|bde|bdp|bep|de|dep|dp|du|ep|eu|pu"  # several of Eurostat's, in their order
    r"|ᵖ|ʳ|ᵉ"
    r"|prel|prelim|preliminary|provisional|provisory|estimated?|fcst|forecast|revised|final"
    r"|preliminar(?:es)?|provis[oó]ri[oa]s?|provisoires?|estimativas?|estimad[oa]s?|revist[oa]s?|revisad[oa]s?"
    r"|vorl|vorläufig|geschätzt|prov?v|estim[ée]e?s?|r[ée]vis[ée]e?s?|stima|voorlopig|wst"
)
_NOTES = r"[*¹²³⁴-⁹⁰⁽⁾†‡§┴⊥#]"  # one at a time: what is repeated below must not be repeated in here
_AHEAD = r"proj|projections?|projected|prognosen?"  # in brackets alone: `Proj 1` may be a name
_BRACKETED = rf"\((?:{_FLAGS}|{_AHEAD}|\d{{1,2}})\.?\)|\[(?:{_FLAGS}|\d{{1,2}}|yr\d{{4}}|notes?\s[^\]]*)\.?\]"
_SLASHED = r"(?<=\d)\s+/[a-z]\d{1,2}|(?<=[\d%)])\s+\d{1,2}\)"  # `2023/01 /p1`, as INEGI marks it; `2023 1)`
_TRAILING = re.compile(
    rf"(?:\s*(?:{_NOTES}|{_BRACKETED})|{_SLASHED}|(?<=[\d%)])\s*,?\s*\b(?:{_FLAGS})\b\.?)+$", re.IGNORECASE
)
_LEADING = re.compile(
    rf"^(?!i\s(?:19|20)\d\d)(?:(?:{_NOTES}|{_BRACKETED})\s*|(?:{_FLAGS})\.?\s+)+(?=[-+(–−.,\d])", re.IGNORECASE
)
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹٫٬", "01234567890123456789.,")  # Arabic and Persian ones, and their marks
_BARE = re.compile(r"[+-]?\d[\d:.,/+T-]*(?: [\d:.]+)?", re.ASCII)  # a number or a time with nothing beside it
_FLAGGED_YEAR = re.compile(r"(?<=\b(?:19|20)\d\d)[pre]$")  # `2023p`, `4. Quartal 2023p`
_AFTER_CLOCK = re.compile(r"(?<=\d)\s?(?:uhr|uur|hrs|hod\.?)$", re.IGNORECASE)
_HOUR_RANGE = re.compile(r"(?<=\s)(\d{1,2})\s?[-–]\s?(\d{1,2})$", re.ASCII)
_HOUR_RANGE_BEFORE = re.compile(r"(\d{1,2})\s?[-–]\s?(\d{1,2})(?=\s\d{1,4}[-/.]\d)", re.ASCII)
_HOURS = 24  # of a day
_QUOTED = re.compile(r"'(\d{1,2}:[\d:]+)'", re.ASCII)  # so that a spreadsheet leaves 24:00 as it is
_DAY_ENDS = "day|tag|woch|abend|dag|di|dì|manche|nes|tes|coles|ves|ado|ingo|nda|ato|ica"
_WEEKDAY = re.compile(  # before a date by numbers or with a month's name behind its day; `Mar 15` is one of March
    r"^(?:mon|tues?|weds?|thu(?:rs?)?|fri|sat|sun|lun|mar|mer|mi[eé]|jeu|jue|ven|vie|sam|s[aá]b|dim|dom|seg|ter|qua|qui"
    r"|sex|gio|mo|di|do|fr|sa|so|die|mit|don|fre|son|ma|wo|vr|zo|woe|vri|zat|zon)"
    rf"(?:(?:es|[cç]a|r?ta|nta|[^\W\d_]*(?:{_DAY_ENDS}))(?:-feira)?)?\.?,?\s+"
    r"(?=\d{1,2}[./-]\d{1,2}[./-]\d{2}|\d{1,2}\.?\s+(?:de\s+)?[^\W\d_]{3}|\d{4}-\d\d-\d\d)",
    re.IGNORECASE,
)
_CALLED_MONTH = re.compile(r"^(?:luna|month of|m[eê]s de|mois de|monat|maand|miesiąc)\s+(?=[^\W\d_]{3})", re.IGNORECASE)
_TWO_NAMES = re.compile(r"([^\W\d_]{3,})\s?[-–/]\s?([^\W\d_]{3,})")
_REMEMBERED = 1 << 14  # texts; chosen: the cells of a sample, which are asked for several times each
_LONGEST = 200  # characters of a number or a time with all that stands beside it
_CURRENCY = re.compile(r"(?:us|r|a|c)?\$|[€£¥฿\u20a0-\u20c0]|\b(?:eur|usd|gbp|brl|chf)\b", re.IGNORECASE)
_CURRENCY_CODES = {"€": "EUR", "$": "USD", "US$": "USD", "£": "GBP", "R$": "BRL"}  # signs of what has a code, too
_IN_PARENTHESES = re.compile(r"\(\s*([\d.,'\s\u00a0\u2009\u202f]+%?)\s*\)")
_DASHES = re.compile(r"^\s*[–—‐‑−]\s*(?=[\d.,])")
_NOTHING = re.compile(
    r"[\[(]\s*[a-z]{1,4}\s*[\])]|(?::|\.\.)\s?[a-z]{1,2}|s/d|s/i|n\.?s\.?|confidential|suppressed", re.IGNORECASE
)


def without_notes(text: str) -> str:
    """Return a header's text without footnote marks at its end: `Total*`, `Norte¹`, `Algarve (1)`."""
    bare = re.sub(r"(?:\s*(?:[*¹²³⁴-⁹†‡]|\(\d\)))+$", "", text).strip() if len(text) <= _LONGEST else text
    return bare or text


def has_currency(text: str) -> bool:
    """Check whether the sign or the code of a currency stands anywhere in a text."""
    return _CURRENCY.search(text) is not None


def currency_of(text: str) -> str | None:
    """Return the currency that stands beside a number, None where there is none."""
    match = _CURRENCY.search(text) if len(text) <= _LONGEST else None
    if match is None or not any(char.isdigit() for char in text):
        return None
    return _CURRENCY_CODES.get(match[0].upper(), match[0].upper())


def is_nothing(cell: object) -> bool:
    """Check whether a cell of a published table stands for no value: `(c)`, `[x]`, `s/d`."""
    return is_missing(cell) or (isinstance(cell, str) and _NOTHING.fullmatch(cell.strip()) is not None)


def bare_number(cell: object) -> object:
    """Return a text without its footnotes, flags and currency, negative where it is in parentheses."""
    if not isinstance(cell, str) or len(cell) > _LONGEST or _BARE.fullmatch(cell):
        return cell
    return _bare_number(cell)


@lru_cache(maxsize=_REMEMBERED)
def _bare_number(cell: str) -> str:
    text = _CURRENCY.sub("", _western(cell)).strip()
    if match := _IN_PARENTHESES.fullmatch(text):
        return f"-{match[1].strip()}"
    text = _TRAILING.sub("", _LEADING.sub("", text)).strip()
    return _DASHES.sub("-", text)


def are_bare(cells: Iterable[object]) -> bool:
    """Check quickly whether no cell has a note, and none names a sum."""
    return all(not isinstance(cell, str) or _BARE.fullmatch(cell) for cell in cells)


def bare_time(cell: object) -> object:
    """Return a text without the footnotes and flags around it; a number stays one."""
    if not isinstance(cell, str) or len(cell) > _LONGEST or _BARE.fullmatch(cell):
        return cell
    return _bare_time(cell)


@lru_cache(maxsize=_REMEMBERED)
def _bare_time(cell: str) -> str:
    text = _hour_of(_AFTER_CLOCK.sub("", _QUOTED.sub(r"\1", _western(cell).strip())))
    text = _WEEKDAY.sub("", text)
    text = _TWO_NAMES.sub(_said_twice, _CALLED_MONTH.sub("", text))
    text = text if text.isascii() else without_era(text)
    if text.replace(".", "").isdecimal():
        return text
    return _TRAILING.sub("", _LEADING.sub("", _FLAGGED_YEAR.sub("", text))).strip()


def _western(text: str) -> str:
    return text if text.isascii() else text.translate(_DIGITS)


def _hour_of(text: str) -> str:
    """Return a date and an hour range, `2024-01-01 00-01`, with its first hour alone."""
    match = _HOUR_RANGE.search(text) or _HOUR_RANGE_BEFORE.match(text)
    if match is None or (int(match[1]) + 1) % _HOURS != int(match[2]) % _HOURS:
        return text
    return f"{text[: match.end(1)]}{text[match.end() :]}"


def _said_twice(match: re.Match[str]) -> str:
    """Return a month's name that stands there in two languages once: `Ocak-January`."""
    first, second = match.groups()
    return str(first if same_month(first, second) else match[0])


def lenient_numbers(parse: Numbers, missing: Iterable[str] = ()) -> Numbers:
    """Return a parser that retries, without annotations, the cells that `parse` rejects.

    `missing` are further texts that stand for no value; one that is a number, such as -999, is none however written.
    """
    words = frozenset(word.strip().casefold() for word in missing)
    sentinels = frozenset(number for number in map(_number, words) if number is not None)

    def column(cells: Sequence[object]) -> tuple[list[float | None], list[int]]:
        values, wrong = parse(cells)
        if wrong:
            wrong = [place for place in wrong if not _looked_at(place, cells[place], values)]
        if sentinels and not sentinels.isdisjoint(values):
            values = [None if value in sentinels else value for value in values]
        return values, wrong

    def _looked_at(place: int, cell: object, values: list[float | None]) -> bool:
        if is_nothing(cell) or str(cell).strip().casefold() in words:
            return True
        bare = bare_number(cell)
        if is_nothing(bare):
            return True
        [value], wrong = parse([bare])
        values[place] = value
        return not wrong

    return column


def _number(word: str) -> float | None:
    try:
        return float(word)
    except ValueError:
        return None


def lenient_times(
    parse: Callable[[Sequence[object]], list[int | None]],
) -> Callable[[Sequence[object]], list[int | None]]:
    """Return a parser that retries, without annotations, the cells that `parse` rejects."""

    def column(cells: Sequence[object]) -> list[int | None]:
        times = parse(cells)
        if None in times:
            for place, time in enumerate(times):
                if time is None and (bare := bare_time(cells[place])) != cells[place]:
                    [times[place]] = parse([bare])
        return times

    return column
