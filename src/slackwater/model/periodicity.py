"""Words and durations → µs.

`Diário`, `Hourly`, `6h`, `P1M` all name how often a source has something new.
"""

import re
import unicodedata

from slackwater.model.instants import DAY, HOUR, MINUTE, SECOND, WEEK, YEAR

MONTH = YEAR // 12  # a mean month; calendars are the source's business

_WORDS: dict[str, int] = {
    **dict.fromkeys(("realtime", "real-time", "tempo real", "minutely", "por minuto", "every minute"), MINUTE),
    **dict.fromkeys(("hourly", "horario", "horaria", "por hora", "every hour"), HOUR),
    **dict.fromkeys(("daily", "diario", "diaria", "diariamente", "every day"), DAY),
    **dict.fromkeys(("weekly", "semanal", "semanalmente", "every week"), WEEK),
    **dict.fromkeys(("biweekly", "fortnightly", "quinzenal"), 2 * WEEK),
    **dict.fromkeys(("monthly", "mensal", "mensalmente", "every month"), MONTH),
    **dict.fromkeys(("bimonthly", "bimestral"), 2 * MONTH),
    **dict.fromkeys(("quarterly", "trimestral", "trimestralmente", "every quarter"), 3 * MONTH),
    **dict.fromkeys(("half-yearly", "semiannual", "semi-annual", "biannual", "semestral"), 6 * MONTH),
    **dict.fromkeys(("yearly", "annual", "annually", "anual", "anualmente", "every year"), YEAR),
    **dict.fromkeys(("decennial", "decenal", "every ten years"), 10 * YEAR),
}
_UNITS = {"s": SECOND, "m": MINUTE, "min": MINUTE, "h": HOUR, "d": DAY, "w": WEEK, "mo": MONTH, "y": YEAR}
_SHORT = re.compile(r"(\d{1,12})\s*(s|m|min|h|d|w|mo|y)")
_ISO = re.compile(
    r"P(?:(?P<years>\d+(?:[.,]\d+)?)Y)?(?:(?P<months>\d+(?:[.,]\d+)?)M)?(?:(?P<weeks>\d+(?:[.,]\d+)?)W)?"
    r"(?:(?P<days>\d+(?:[.,]\d+)?)D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d+(?:[.,]\d+)?)H)?(?:(?P<minutes>\d+(?:[.,]\d+)?)M)?(?:(?P<seconds>\d+(?:[.,]\d+)?)S)?)?",
    re.IGNORECASE,
)
_ISO_UNITS = {
    "years": YEAR,
    "months": MONTH,
    "weeks": WEEK,
    "days": DAY,
    "hours": HOUR,
    "minutes": MINUTE,
    "seconds": SECOND,
}
# How long the periods are that have a name (µs): months, quarters and years are not all alike.
_NAMED = {
    "hourly": (HOUR, HOUR),
    "daily": (DAY, DAY),
    "weekly": (WEEK, WEEK),
    "monthly": (28 * DAY, 31 * DAY),
    "quarterly": (90 * DAY, 92 * DAY),
    "half-yearly": (181 * DAY, 184 * DAY),
    "yearly": (365 * DAY, 366 * DAY),
}
LONGEST = 1000 * YEAR  # µs; chosen: beyond any source, far from the bounds of 64 bits


def parse_duration(text: str) -> int:
    """Return an ISO 8601 duration (`P30D`, `PT6H`) in µs; ValueError when it is none.

    `P0D` is 0.
    """
    match = _ISO.fullmatch(text.strip())
    parts = {unit: amount for unit, amount in match.groupdict().items() if amount} if match else {}
    if not parts:
        raise ValueError(f"{text!r} is not an ISO 8601 duration such as P30D or PT6H")
    micros = sum(float(amount.replace(",", ".")) * _ISO_UNITS[unit] for unit, amount in parts.items())
    if micros > LONGEST:
        raise ValueError(f"{text!r} is longer than 1,000 years")
    return round(micros)


def parse_periodicity(text: str) -> int:
    """Parse a periodicity to µs: `Monthly`, `Mensal` and similar words, `15m`, ISO 8601 durations.

    ValueError names the text and the forms that are understood.
    """
    plain = _plain(text)
    if plain in _WORDS:
        return _WORDS[plain]
    if match := _SHORT.fullmatch(plain):
        micros = int(match[1]) * _UNITS[match[2]]
    else:
        try:
            micros = parse_duration(plain.upper())
        except ValueError:
            micros = 0
    if not SECOND <= micros <= LONGEST:
        raise ValueError(
            f"{text!r} is not a periodicity; use a word (Hourly, Daily, Semanal, Mensal, Trimestral, Anual…), "
            "a short form (15m, 6h, 2w) or an ISO 8601 duration (P1M), from 1 second to 1,000 years"
        )
    return micros


def known_periodicity(text: str | None) -> int | None:
    """Parse a periodicity to µs; None for empty texts and `Irregular`, `N/A` and similar."""
    try:
        return parse_periodicity(text) if text else None
    except ValueError:
        return None


def name_of(period: int) -> str | None:
    """Return what a period (µs) is called: `monthly`; None for one without a name."""
    return next((name for name, (least, most) in _NAMED.items() if least <= period <= most), None)


def poll_interval(period: int) -> int:
    """Return the poll interval (µs) for a period (µs): at least daily."""
    return min(period, DAY)


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.strip().casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))
