"""Parses single dates, clock times and numbers to µs, and applies time zones."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, tzinfo

from slackwater.model.instants import DAY, EARLIEST, HOUR, LATEST, MINUTE, SECOND, to_micros

MEMO = 20_000  # remembered texts or days, in one memo: about 3 MB

FIRST_YEAR = 1969  # of the hundred that two-digit years are of where nothing says another; POSIX strptime's

_UNIX_DAY = date(1970, 1, 1).toordinal()
_EXCEL_ZERO = (date(1899, 12, 30).toordinal() - _UNIX_DAY) * DAY
_EXCEL_LAST = 2_958_466  # the serial number after 9999-12-31
_WALL_ZERO = datetime(1970, 1, 1)  # noqa: DTZ001 - the wall clock's
_CLOCK = re.compile(
    r"(\d{1,2}):(\d{2})(?::(\d{2})(?:(?:[.,]|:(?=\d{3}(?!\d)))(\d+))?)?\s*(?:(Z|UTC|GMT)|(?:UTC|GMT)?\s?([+-])(\d{1,2}):?(\d{2})?)?",
    re.IGNORECASE | re.ASCII,
)
_TWELVE_FORM = re.compile(r"%I:%M(?::%S)? ?%p")
_TWELVE = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([ap])\.?\s?(?:m\.?)?", re.IGNORECASE | re.ASCII)
_ZONE_BEHIND = re.compile(
    r"(?<=[apAP.mM])\s*\(?(?P<zone>(?:UTC|GMT|Z)(?:\s?[+-]\d{1,2}(?::?\d{2})?)?|[+-]\d{2}:?\d{2})\)?$"
)
_PARTS = {"Y": r"(?P<Y>\d{4})", "y": r"(?P<y>\d{2})", "m": r"(?P<m>\d{1,2})", "d": r"(?P<d>\d{1,2})"}


class Memo(dict[str, int | None]):
    """What a parser made of each text, so that a hit costs one look-up.

    Emptied when full.
    """

    def __init__(self, parse: Callable[[str], int | None]) -> None:
        super().__init__()
        self._parse = parse

    def __missing__(self, text: str) -> int | None:
        if len(self) >= MEMO:
            self.clear()
        value = self[text] = self._parse(text)
        return value


def full_year(short: int, first: int = FIRST_YEAR) -> int:
    """Return the year of two digits that is one of the hundred from `first` on."""
    return first + (short - first) % 100


def iso_day(text: str) -> int | None:
    """Return the midnight of an ISO 8601 date, `2020-01` and `2020` included."""
    if len(text) == 7 and text[4] == "-":
        text += "-01"
    elif len(text) == 4:
        text += "-01-01"
    try:
        return (date.fromisoformat(text).toordinal() - _UNIX_DAY) * DAY
    except ValueError:
        return None


def day_reader(form: str) -> Callable[[str], int | None]:
    """Return the parser of dates of a strptime format that has no clock in it."""
    pattern = _date_pattern(form)

    def by_strptime(text: str) -> int | None:
        try:
            return (datetime.strptime(text, form).toordinal() - _UNIX_DAY) * DAY  # noqa: DTZ007 - a date alone
        except ValueError:
            return None

    if pattern is None:
        return by_strptime

    def by_pattern(text: str) -> int | None:
        match = pattern.fullmatch(text)
        if match is None:
            return None
        part = match.groupdict()
        year = int(part["Y"]) if "Y" in part else full_year(int(part["y"]))
        try:
            return (date(year, int(part.get("m") or 1), int(part.get("d") or 1)).toordinal() - _UNIX_DAY) * DAY
        except ValueError:
            return None

    return by_pattern


def _date_pattern(form: str) -> re.Pattern[str] | None:
    """Return a regular expression for a date of digits and marks.

    None when it takes strptime to read it.
    """
    pieces = re.findall(r"%.|[^%]+", form)
    directives = [piece[1] for piece in pieces if piece[0] == "%"]
    if not set(directives) <= _PARTS.keys() or len(set(directives)) < len(directives):
        return None
    if not {"Y", "y"} & set(directives):
        return None
    packed = all(piece[0] == "%" for piece in pieces)
    expression = "".join(_PARTS[piece[1]] if piece[0] == "%" else re.escape(piece) for piece in pieces)
    return re.compile(expression.replace("{1,2}", "{2}") if packed else expression)


def strptime_clock(form: str) -> Callable[[str], int | None]:
    """Return the parser (µs since midnight) of a strptime format without a date."""
    if form == "%H":  # a column of hours, of which the 24th is the end of the day
        return lambda text: int(text) * HOUR if re.fullmatch(r"[01]?\d|2[0-4]", text, re.ASCII) else None

    if form == "%H%M":  # which loses its zeros in front where it is kept as a number: 5 is 00:05
        return _plain_hours_and_minutes

    if _TWELVE_FORM.fullmatch(form):
        return _twelve_hours

    if form == "%I %p":
        return lambda text: _twelve_hours(re.sub(r"^\d{1,2}(?=\s)", r"\g<0>:00", text, flags=re.ASCII))

    def clock(text: str) -> int | None:
        try:
            time = datetime.strptime(text, form)  # noqa: DTZ007 - a clock alone
        except ValueError:
            return None
        return (time.hour * 60 + time.minute) * MINUTE + time.second * SECOND + time.microsecond

    return clock


def _twelve_hours(text: str) -> int | None:
    """Return the µs since midnight of `1:30 PM`, `1:30:15 p.m.`, `11:00p`.

    Noon may be `0:00 PM`.
    """
    match = _TWELVE.fullmatch(text)
    if match is None or int(match[1]) > 12 or int(match[2]) > 59 or int(match[3] or 0) > 59:
        return None
    hours = int(match[1]) % 12 + (12 if match[4] in "pP" else 0)
    return hours * HOUR + int(match[2]) * MINUTE + int(match[3] or 0) * SECOND


def zoned_twelve_hours(text: str) -> int | None:
    """Return the µs from midnight to a twelve-hour clock in UTC: `1:30 PM GMT-5`."""
    match = _ZONE_BEHIND.search(text)
    since = _twelve_hours(text[: match.start()]) if match else None
    midnight = _clock(f"00:00 {match['zone']}") if match else None
    return None if since is None or midnight is None else since - (midnight[1] or 0)


def _clock(text: str) -> tuple[int, int | None] | None:
    """Return (µs since midnight, offset from UTC in µs or None).

    24:00 is the end of the day.
    """
    match = _CLOCK.fullmatch(text)
    if match is None:
        return None
    hour, minute, second, fraction, utc, sign, zone_hours, zone_minutes = match.groups()
    micros = int(hour) * HOUR + int(minute) * MINUTE + int(second or 0) * SECOND
    micros += int((fraction or "0")[:6].ljust(6, "0"))
    if int(minute) > 59 or int(second or 0) > 59 or micros > DAY:
        return None
    if utc:
        return micros, 0
    if not sign:
        return micros, None
    offset = int(zone_hours) * HOUR + int(zone_minutes or 0) * MINUTE
    return micros, -offset if sign == "-" else offset


def _plain_hours_and_minutes(text: str) -> int | None:
    match = re.fullmatch(r"([01]\d|2[0-4])([0-5]\d)", text.zfill(len("2359")), re.ASCII)
    since = match and int(match[1]) * HOUR + int(match[2]) * MINUTE
    return since if since is None or since <= DAY else None


def plain_clock(text: str) -> int | None:
    """Return the µs since midnight of `13:14[:15[.16]]` without a zone."""
    clock = _clock(text)
    return clock[0] if clock and clock[1] is None else None


def zoned_clock(text: str) -> int | None:
    """Return the µs between midnight and a clock time in UTC.

    Its zone, if it has one, is taken off.
    """
    clock = _clock(text)
    return clock[0] - (clock[1] or 0) if clock else None


def iso_clock(tail: str) -> int | None:
    """Parse the clock time behind an ISO 8601 date to µs since midnight.

    Nothing there is 0; None where it is no clock time.
    """
    return 0 if not tail else plain_clock(tail[1:].strip()) if tail[0] in "Tt " else None


def zoned_iso_clock(tail: str) -> int | None:
    """Return the same as `zoned_clock` for what follows an ISO 8601 date."""
    return 0 if not tail else zoned_clock(tail[1:].strip()) if tail[0] in "Tt " else None


class _Written(float):
    """A number that knows how many decimals it was written with."""

    def __init__(self, text: str) -> None:
        self.decimals = len(text.partition(".")[2])


def number_reader(convert: Callable[[int | float], int | None]) -> Callable[[object], int | None]:
    """Return the parser of numeric cells whose numbers `convert` turns into times (µs)."""

    def read(cell: object) -> int | None:
        if isinstance(cell, bool) or not isinstance(cell, int | float | str) or cell == "":
            return None
        try:
            if isinstance(cell, str):
                return convert(int(cell) if cell.isdecimal() else _Written(cell.replace(",", ".")))
            return convert(cell)
        except (ValueError, OverflowError):
            return None

    return read


def epoch(unit: float) -> Callable[[int | float], int | None]:
    """Return what turns a count since 1970 into µs; `unit` is the µs in one."""
    if unit < 1:
        parts = round(1 / unit)
        return lambda number: checked(None, int(number) // parts)

    def convert(number: int | float) -> int | None:
        return checked(None, round(number * unit))

    return convert


def counted_days(days: int | float, least: int = 5) -> int:
    """Return days in µs: the second that their decimals were cut from, else the millisecond.

    Fewer decimals than the `least` tell no second: they are what they say.
    """
    seconds = days * _SECONDS
    decimals = days.decimals if isinstance(days, _Written) else _fewest(days)
    if decimals >= least:
        decimals = max(decimals, _CUT[0])
    if decimals in _CUT and abs(seconds - round(seconds)) <= _SECONDS / 10**decimals / 2 + _BIT:
        return round(seconds) * SECOND
    return round(seconds * 1_000) * 1_000


def _fewest(number: int | float) -> int:
    """Return the decimals that a number needs, at most one more than are cut."""
    return next((decimals for decimals in range(_CUT[-1] + 1) if round(number, decimals) == number), _CUT[-1] + 1)


_BIT = 1e-5  # s; chosen: doubles tell days of this age apart by 6e-7 s
_SECONDS = 86_400  # of a day
_CUT = (5, 6, 7)  # decimals of a day, of which one of the last is 0.9 s, 0.09 s and 0.009 s


def excel(serial: int | float) -> int | None:
    """Return the day number of a spreadsheet as µs; None outside 1900 to 9999."""
    if not 1 <= serial < _EXCEL_LAST:
        return None
    # Excel believes in 1900-02-29, so the days before it are numbered one too low; a millisecond is all it knows.
    # It shows five decimals of the days of now, and no zeros behind them.
    return _EXCEL_ZERO + (DAY if serial < 60 else 0) + counted_days(serial, least=4)


def new_year(year: int | float) -> int | None:
    """Return the first of January of a whole year from 1 to 9999."""
    if year != int(year) or not 1 <= year <= 9999:
        return None
    return (date(int(year), 1, 1).toordinal() - _UNIX_DAY) * DAY


def new_year_of(text: str) -> int | None:
    """Return the first of January of a year in four digits."""
    return new_year(int(text)) if len(text) == 4 and text.isdecimal() and text.isascii() else None


def localised(zone: tzinfo) -> Callable[[int], int]:
    """Return the function that turns µs of the zone's wall clock into µs of UTC.

    A time that a change of clocks skips or repeats is read with the offset before the change.
    """
    if zone is UTC:
        return lambda wall: wall
    shifts: dict[int, int | None] = {}  # day → its offset in µs; None where the clocks change

    def offset(wall: int) -> int:
        shift = (_WALL_ZERO + timedelta(microseconds=wall)).replace(tzinfo=zone).utcoffset()
        return shift // timedelta(microseconds=1) if shift else 0

    def to_utc(wall: int) -> int:
        day = wall // DAY
        if day not in shifts:
            if len(shifts) >= MEMO:
                shifts.clear()
            first, last = offset(day * DAY), offset(day * DAY + DAY - 1)
            shifts[day] = first if first == last else None
        shift = shifts[day]
        return wall - (offset(wall) if shift is None else shift)

    return to_utc


def moment(cell: date, local: Callable[[int], int]) -> int | None:
    """Return a date or datetime as µs of UTC.

    `local` applies where it has no zone.
    """
    if isinstance(cell, datetime) and cell.tzinfo is not None:
        return checked(None, to_micros(cell))
    midnight = cell if isinstance(cell, datetime) else datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001
    return checked(local, to_micros(midnight.replace(tzinfo=UTC)))


def checked(local: Callable[[int], int] | None, micros: int | None) -> int | None:
    """Return the instant in UTC if it lies in the years 1 to 9999."""
    if micros is None:
        return None
    try:
        micros = local(micros) if local else micros
    except OverflowError:
        return None
    return micros if EARLIEST <= micros <= LATEST else None
