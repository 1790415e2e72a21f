"""Classifies single cells of tables: units, words for totals, years and months alone. Pure."""

import re
from datetime import date, datetime
from functools import lru_cache
from math import isfinite

from slackwater.formats.annotations import bare_number, bare_time
from slackwater.formats.intervals import is_clock
from slackwater.formats.month_names import names_month, plain
from slackwater.formats.periods import half_number, quarter_number
from slackwater.formats.time_forms import is_time

JOIN = " / "  # between the parts of a name that comes of several header rows or dimension columns

YEARS = range(1500, 2200)
_SUMS = frozenset(
    {
        "total",
        "totals",
        "totais",
        "subtotal",
        "sum",
        "soma",
        "suma",
        "somme",
        "media",
        "mean",
        "average",
        "avg",
        "promedio",
        "moyenne",
        "annual",
        "anual",
        "annuel",
        "ano",
        "year",
        "annee",
        "acumulado",
        "accumulated",
        "summe",
        "gesamt",
        "gesamtergebnis",
        "insgesamt",
        "jahressumme",
        "jahresmittel",
        "jahresdurchschnitt",
        "mittel",
        "mittelwert",
        "durchschnitt",
        "totale",
        "totaal",
        "gemiddelde",
        "somma",
        "razem",
        "ogolem",
        "srednia",
        "ogołem",  # whose letter has no accent to be removed
        "toplam",
        "yillik",
        "tahunan",
        "arstotal",
        "celkem",
        "spolu",
        "ukupno",
        "osszesen",
        "yhteensa",
        "totalt",
        "συνολο",
        "итого",
        "всего",
    }
)
_UNITS = frozenset(
    {
        "%",
        "‰",
        "n",
        "no",
        "n.o",
        "nº",
        "n°",
        "no.",
        "n.º",
        "º",
        "o",
        "oc",
        "of",
        "°c",
        "°f",
        "k",
        "mm",
        "cm",
        "m",
        "km",
        "m2",
        "m3",
        "m³",
        "m²",
        "hm3",
        "hm³",
        "dam3",
        "ha",
        "km2",
        "km²",
        "l",
        "ml",
        "t",
        "kg",
        "g",
        "mg",
        "hpa",
        "mbar",
        "pa",
        "kpa",
        "bar",
        "m/s",
        "km/h",
        "kt",
        "kn",
        "w",
        "mw",
        "gw",
        "kwh",
        "mwh",
        "gwh",
        "twh",
        "wh",
        "j",
        "kj",
        "mj",
        "gj",
        "tj",
        "v",
        "a",
        "hz",
        "db",
        "bpm",
        "rpm",
        "ppm",
        "ppb",
        "lux",
        "s",
        "h",
        "min",
        "d",
        "€",
        "eur",
        "m€",
        "k€",
        "euro",
        "euros",
        "usd",
        "$",
        "£",
        "gbp",
        "milhares",
        "milhoes",
        "millions",
        "million",
        "thousands",
        "thousand",
        "mil",
        "10^3",
        "10^6",
        "number",
        "index",
        "indice",
        "numero",
        "nombre",
        "unit",
        "unidade",
        "unidades",
        "percent",
        "percentagem",
        "persons",
        "pessoas",
        "individuos",
        "µg/m3",
        "µg/m³",
        "ug/m3",
        "mg/l",
        "mg/m3",
        "m3/s",
        "m³/s",
        "l/s",
        "w/m2",
        "w/m²",
        "kg/ha",
        "t/ha",
        "deg",
        "degrees",
        "graus",
        "degc",
        "degf",
        "degt",
        "sec",
        "nmi",
        "hours",
        "days",
    }
)
_LETTER = re.compile(r"[^\W\d_]")
_BEYOND = re.compile(r"m13|q05|s03")  # the thirteenth month of statistics offices is the year's average
_BASE = re.compile(r"(?:10\s?[\^]?\s?[3369]|10[³⁶⁹])\s?(?:eur|€|euros|t|kg|l|m3|n)?")


def is_unit(text: str) -> bool:
    """Check whether a text is only a unit of measurement: `°C`, `(mm)`, `milhares`, `10^6 EUR`."""
    bare = plain(text).strip("()[] .")
    return bare in _UNITS or text.strip("()[] ").lower() in _UNITS or _BASE.fullmatch(bare) is not None


def is_sum(cell: object) -> bool:
    """Check whether a cell in the time column names a total: `Total`, `Ano`, `Média anual`."""
    if not isinstance(cell, str) or not _LETTER.search(cell):
        return False
    text = plain(cell)
    words = re.findall(r"[^\W\d_]+", text)
    return (bool(words) and (words[0] in _SUMS or words[:2] == ["grand", "total"])) or _BEYOND.fullmatch(
        text
    ) is not None


def is_year(cell: object) -> bool:
    """Say whether a cell is a whole year of the last centuries."""
    if isinstance(cell, bool):
        return False
    if isinstance(cell, int | float):
        return isfinite(cell) and cell == int(cell) and int(cell) in YEARS
    return isinstance(cell, str) and re.fullmatch(r"\d{4}", cell.strip()) is not None and int(cell) in YEARS


_SHORT = 60  # characters of a text that is remembered; chosen: twice the longest number with its marks
_GROUP = r"[.,'’ \u00a0\u2009\u202f]"
_NUMBER = re.compile(
    rf"[+-]?(?:\d{{1,3}}(?:({_GROUP})\d{{3}})(?:\1\d{{3}})*(?:[.,]\d+)?|\d{{1,2}}(?:,\d\d)+,\d{{3}}(?:\.\d+)?|\d+(?:[.,]\d*)?|[.,]\d+)(?:e[+-]?\d+)?-?\s*%?",
    re.IGNORECASE | re.ASCII,
)


def is_bound(cell: object) -> bool:
    """Say whether a cell only says where a number lies: `<0.5`."""
    return isinstance(cell, str) and _BOUND.fullmatch(cell.strip()) is not None


def time_part(cell: object) -> str | None:
    """Return which part of a time a cell holds alone.

    One of `full`, `year`, `month`, `quarter`, `half`, `clock`; None for no part of a time.
    """
    if isinstance(cell, date):
        return "full"
    if is_year(cell):
        return "year"
    return _part_of_text(cell) if isinstance(cell, str) else None


@lru_cache(maxsize=1 << 14)  # texts; chosen: the cells of the rows that the header is looked for in, asked for often
def _part_of_text(cell: str) -> str | None:
    if not cell.strip():
        return None
    text = str(bare_time(cell))
    if is_year(text):
        return "year"
    if names_month(text):
        return "month"
    if quarter_number(text):
        return "quarter"
    if half_number(text):
        return "half"
    if is_clock(text):
        return "clock"
    return "full" if _SEASON.fullmatch(text) or _is_two_years(text) or is_time(text) else None


def _is_two_years(text: str) -> bool:
    """Check for a year and the next one: `2012-13`, which is no month."""
    match = _TWO_YEARS.fullmatch(text)
    return match is not None and (int(match[1]) + 1) % 100 == int(match[2]) % 100


_TWO_YEARS = re.compile(r"((?:1[5-9]|2[01])\d\d)-(\d\d)", re.ASCII)
_SEASON = re.compile(r"\d{4}/\d{2}", re.ASCII)  # a month or two years, which is for the whole column to say
_BOUND = re.compile(r"[<>≤≥~]=?\s*[+-]?\d[\d.,]*", re.ASCII)  # `<0.5`: no number, and no name either


def looks_number(cell: object) -> bool:
    """Check whether a cell is written as a number, in any notation, annotations allowed."""
    if isinstance(cell, int | float):
        return not isinstance(cell, bool)
    if not isinstance(cell, str):
        return False
    return _is_short_number(cell) if len(cell) <= _SHORT else _is_number(cell)


@lru_cache(maxsize=1 << 16)  # texts; chosen: the cells of a sample, which are asked for several times each
def _is_short_number(text: str) -> bool:
    return _is_number(text)


def _is_number(text: str) -> bool:
    if _NUMBER.fullmatch(text.strip()):
        return True
    return any(map(str.isdigit, text)) and _NUMBER.fullmatch(str(bare_number(text))) is not None


def cell_text(cell: object) -> str:
    """Return a cell as text: white space tidied, 2019.0 as `2019`, dates in ISO 8601."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return " ".join(cell.split())
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return (cell.date() if cell.time() == datetime.min.time() else cell).isoformat()
    return cell.isoformat() if isinstance(cell, date) else " ".join(str(cell).split())
