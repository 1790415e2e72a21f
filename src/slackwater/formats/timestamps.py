"""Times as sources write them → µs since the epoch, a column at a time.

A form is `iso`, `year`, `month`, `quarter`, `half`, `week`, `day` (the periods of `periods`), `period` (any of them),
`epoch_s`, `epoch_ms`, `epoch_us`, `epoch_ns`, `hours since 1900-01-01`, `decimal_month`,
`mjd`, `julian_day`, `matlab_day`, `filetime`, `ticks` (`counted_times`), `excel`,
`words` (a date with a month's name and a clock), `dotnet`,
`parts` (a list of year, month, day and so on) or a strptime format, with `|YYYY` behind it where two-digit years are
not those of 1969 to 2068 (`centuries`), `:pl` where the names of months are of a language that has to be named
(`month_names`), and `|minguo` or `|buddhist` where its years are of those calendars (`calendars`). With `/` at its
end it is the form of the beginning of intervals (`intervals`). ` #30m` after a date is the number of a period of that
length in its day; ` #m` and ` #s` are the minutes and seconds since its midnight.
` +h`, ` +m` and ` +s` after a form are numbers behind its times that say by
how many hours, minutes or seconds these are ahead of UTC, with `-` behind it. Dates and clock times repeat in a column
far more often than they change, so each is parsed once and remembered.
"""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache

from slackwater.formats.calendars import in_calendar, split_calendar
from slackwater.formats.centuries import in_century, split_century
from slackwater.formats.civil_time import (
    FIRST_YEAR,
    Memo,
    checked,
    day_reader,
    epoch,
    excel,
    iso_clock,
    iso_day,
    localised,
    moment,
    new_year,
    new_year_of,
    number_reader,
    plain_clock,
    strptime_clock,
    zoned_clock,
    zoned_iso_clock,
    zoned_twelve_hours,
)
from slackwater.formats.counted_times import CLOCK_FORMS, DECIMAL_FORMS, counted
from slackwater.formats.intervals import begins
from slackwater.formats.month_names import split_language
from slackwater.formats.periods import PERIODS, period_reader, period_readers
from slackwater.formats.textual_dates import dotnet, in_words, zoned
from slackwater.formats.time_parts import PARTS, in_parts
from slackwater.model.instants import EARLIEST, HOUR, LATEST, MINUTE, SECOND

Times = Callable[[Sequence[object]], list[int | None]]
"""Turns a column of cells into µs since the epoch; None where a cell is no time of the form."""

EPOCH_UNITS = {"epoch_s": SECOND, "epoch_ms": 1000, "epoch_us": 1, "epoch_ns": 0.001}  # form → µs in one
OUR_FORMS = frozenset(
    {*EPOCH_UNITS, *PERIODS, *DECIMAL_FORMS, *CLOCK_FORMS, "iso", "year", "excel", "period", "words", "dotnet", PARTS}
)
"""The forms that are no strptime formats."""
_COUNTS = {"excel": excel, "year": new_year}
NUMERIC_FORMS = frozenset({*EPOCH_UNITS, "year", "excel"})
NUMBERED = re.compile(r"(?P<day>.+?) (?P<before>[^%#]*)#(?P<length>1h|30m|15m|m|s)(?P<after>[^%#]*)")
_LENGTHS = {"1h": (HOUR, 1), "30m": (HOUR // 2, 1), "15m": (HOUR // 4, 1), "m": (MINUTE, 0), "s": (SECOND, 0)}
"""How long what is counted is, and its first number."""
OFFSET_UNITS = {"h": HOUR, "m": MINUTE, "s": SECOND}
"""What numbers count that say how far times are from UTC."""
_OFFSET_BEHIND = re.compile(r"(?P<time>.+) (?P<sign>[+-])(?P<unit>[hms])")
_LONGEST_DAY = 25 * HOUR  # µs of the day on which clocks go back
_COMMON_CLOCKS = frozenset({"%H:%M", "%H:%M:%S", "%H:%M:%S.%f", "%X", "%T"})


def time_parser(form: str | None, zone: tzinfo) -> Times:
    """Return the parser of a column; `form` None is `iso`.

    Cells that are dates or datetimes already are taken as they are. A time without a zone of its own is in `zone`;
    one that a change of clocks skips or repeats is read with the offset before the change. Raises ValueError for a
    form that is neither one of ours nor a strptime format.
    """
    form, calendar = split_calendar(form or "iso")
    if calendar is not None:
        return in_calendar(time_parser(form, zone), calendar)
    form, century = split_century(form)
    local = localised(zone)
    if century is not None and "%y" in form:
        return in_century(time_parser(form, UTC), century, local)
    first_year = FIRST_YEAR if century is None else century
    form, language = split_language(form)
    if form.endswith("/"):
        return begins(time_parser(form[:-1], zone))
    if form in EPOCH_UNITS:
        return _each(number_reader(epoch(EPOCH_UNITS[form])), local)
    if form in _COUNTS:
        return _each(number_reader(lambda number: checked(local, _COUNTS[form](number))), local)
    if found := counted(form):
        convert, is_local = found
        return _each(number_reader(lambda number: checked(local if is_local else None, convert(number))), local)
    if form == "iso":
        return _iso_column(zone, local)
    if form in PERIODS:
        start = period_reader(form, first_year=first_year, language=language)
        return _text_column(lambda text: checked(local, start(text)), local)
    if form == "period":
        readers = [new_year_of, *period_readers(first_year, language)]
        return _text_column(lambda text: checked(local, first_read(readers, text)), local)
    if form == PARTS:
        return lambda cells: [checked(local, in_parts(cell)) for cell in cells]
    if form == "dotnet":
        return _text_column(lambda text: checked(None, dotnet(text)), local)
    if form == "words":
        return _words_column(local, first_year, language)
    read = _with_number_behind(form, zone) or _format_column(form, zone, local)
    return _of_numbers(read) if form == "%Y.%m" else read


def _of_numbers(months: Times) -> Times:
    """Return the parser of months that may be numbers: 2023.1 is October.

    So it is among texts with zeros before their months, `2023.09`, whose last zero is lost. It is January beside
    `2023.9`, and neither where nothing tells.
    """

    def column(cells: Sequence[object]) -> list[int | None]:
        texts = [f"{cell:.2f}" if isinstance(cell, float) else cell for cell in cells]
        behind = {text.strip().partition(".")[2] for text in texts if isinstance(text, str)}
        padded, bare = any(month[:1] == "0" for month in behind), not behind.isdisjoint("23456789")
        first = None if padded == bare else "10" if padded else "1"
        return months([_with_month(text, first) if isinstance(text, str) else text for text in texts])

    return column


def _with_month(text: str, first: str | None) -> str | None:
    """Return a year and a month, the month `1` replaced."""
    year, _, month = text.strip().partition(".")
    if month != "1":
        return text
    return None if first is None else f"{year}.{first}"


def _with_number_behind(form: str, zone: tzinfo) -> Times | None:
    """Return the parser of times with an offset or the number of a period behind."""
    if match := _OFFSET_BEHIND.fullmatch(form):
        towards = -1 if match["sign"] == "+" else 1
        return _shifted_column(time_parser(match["time"], UTC), towards * OFFSET_UNITS[match["unit"]])
    if match := NUMBERED.fullmatch(form):
        days, numbered = time_parser(match["day"], zone), _LENGTHS[match["length"]]
        return _numbered_column(days, *numbered, match["before"], match["after"])
    return None


def _shifted_column(times: Times, unit: int) -> Times:
    """Return the parser of times shifted by the number of units (µs) behind them."""

    def shifted(shift: float, time: int | None) -> int | None:
        return checked(lambda micros: micros + round(shift * unit), time)

    def column(cells: Sequence[object]) -> list[int | None]:
        parts = [str(cell).rpartition(" ") for cell in cells]
        shifts = [_number(number) for _, _, number in parts]
        return [
            None if shift is None else shifted(shift, time)
            for shift, time in zip(shifts, times([head for head, _, _ in parts]), strict=True)
        ]

    return column


def _number(text: str) -> float | None:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None


def _numbered_column(days: Times, length: int, first: int, before: str, after: str) -> Times:
    """Return the parser of dates with numbered periods.

    They are `length` µs long and numbered from `first` on; `before` and `after` stand around the number, as in `HE1`.
    A clock such as `01:00` is the number of its hour.
    """

    def column(cells: Sequence[object]) -> list[int | None]:
        parts = [str(cell).removesuffix(after or ":00").rpartition(f" {before}") for cell in cells]
        numbers = [
            int(number) - first
            if number.isdecimal() and 0 <= int(number) - first <= (_LONGEST_DAY - 1) // length
            else None
            for _, _, number in parts
        ]
        midnights = days([day for day, _, _ in parts])
        return [
            None if number is None or midnight is None else midnight + number * length
            for number, midnight in zip(numbers, midnights, strict=True)
        ]

    return column


def _each(read: Callable[[object], int | None], local: Callable[[int], int]) -> Times:
    def column(cells: Sequence[object]) -> list[int | None]:
        return [
            moment(cell, local) if isinstance(cell, date) else read(cell.strip() if isinstance(cell, str) else cell)
            for cell in cells
        ]

    return column


def _column(
    fast: Callable[[Sequence[str]], list[int]], text: Callable[[str], int | None], local: Callable[[int], int]
) -> Times:
    """Try the whole column at full speed.

    Go cell by cell where one of them is unusual.
    """

    def read(cell: object) -> int | None:
        if isinstance(cell, float) and cell.is_integer():
            cell = int(cell)
        return None if cell is None or isinstance(cell, bool) else text(str(cell).strip())

    careful = _each(read, local)

    def column(cells: Sequence[object]) -> list[int | None]:
        try:
            times = fast(cells)  # type: ignore[arg-type]
            if times and min(times) >= EARLIEST and max(times) <= LATEST:
                return times  # type: ignore[return-value]
        except (TypeError, AttributeError):
            pass
        return careful(cells)

    return column


def _iso_column(zone: tzinfo, local: Callable[[int], int]) -> Times:
    days, plain, zoned = Memo(iso_day), Memo(iso_clock), Memo(zoned_iso_clock)

    def fast_utc(cells: Sequence[str]) -> list[int]:
        return [days[cell[:10]] + zoned[cell[10:]] for cell in cells]  # type: ignore[operator]

    def fast_local(cells: Sequence[str]) -> list[int]:
        return [local(days[cell[:10]] + plain[cell[10:]]) for cell in cells]  # type: ignore[operator]

    def text(cell: str) -> int | None:
        day, tail = days[cell[:10]], cell[10:]
        if day is not None and (clock := plain[tail]) is not None:
            return checked(local, day + clock)
        if day is not None and (clock := zoned[tail]) is not None:
            return checked(None, day + clock)
        try:
            return checked(None, moment(datetime.fromisoformat(cell), local))
        except ValueError:
            return None

    return _column(fast_utc if zone is UTC else fast_local, text, local)


def _format_column(form: str, zone: tzinfo, local: Callable[[int], int]) -> Times:
    date_form, separator, clock_form = _divided(form)
    if date_form is None:
        return _whole_column(form, local)
    days = Memo(day_reader(date_form))
    divided = str.rpartition if separator and separator in date_form else str.partition
    read_clock = plain_clock if clock_form in _COMMON_CLOCKS else strptime_clock(clock_form)
    clocks = Memo(lambda text: 0 if not text else read_clock(text))

    def fast(cells: Sequence[str]) -> list[int]:
        if not separator:
            times = [days[cell] for cell in cells]
        else:
            parts = [divided(cell, separator) for cell in cells]
            times = [days[day] + clocks[clock] for day, _, clock in parts]  # type: ignore[operator]
        return times if zone is UTC else [local(time) for time in times]  # type: ignore[arg-type, return-value]

    def text(cell: str) -> int | None:
        day, _, clock = divided(cell, separator) if separator else (cell, "", "")
        at, since = days[day.rstrip()], clocks[clock.strip()]
        if at is not None and since is not None:
            return checked(local, at + since)
        if at is None:
            return None
        zoned = zoned_clock if clock_form in _COMMON_CLOCKS else zoned_twelve_hours if "%p" in clock_form else None
        if zoned is not None and (since := zoned(clock.strip())) is not None:
            return checked(None, at + since)
        return None

    return _column(fast, text, local)


def first_read(readers: Sequence[Callable[[str], int | None]], text: str) -> int | None:
    """Return what the first reader that understands a text makes of it."""
    return next((start for read in readers if (start := read(text)) is not None), None)


def _words_column(local: Callable[[int], int], first_year: int, language: str | None) -> Times:
    def text(cell: str) -> int | None:
        found = in_words(cell, first_year, language)
        return None if found is None else checked(None if zoned(cell) else local, found[0] + found[1])

    return _text_column(text, local)


def _whole_column(form: str, local: Callable[[int], int]) -> Times:
    def text(cell: str) -> int | None:
        try:
            return checked(None, moment(datetime.strptime(cell, form), local))  # noqa: DTZ007 - local() gives it its zone
        except ValueError:
            return None

    return _text_column(text, local)


def _text_column(read: Callable[[str], int | None], local: Callable[[int], int]) -> Times:
    """Return the parser of a column whose whole texts `read` turns into µs of UTC."""
    memo = Memo(read)
    return _column(lambda cells: [memo[cell] for cell in cells], lambda cell: memo[cell], local)  # type: ignore[misc]


@lru_cache(maxsize=512)
def _divided(form: str) -> tuple[str | None, str, str]:
    """Split a strptime format into its date, what separates, and its clock.

    (None, "", "") where that cannot be.
    """
    try:
        datetime.strptime(datetime(2001, 12, 29, 13, 14, 15, tzinfo=UTC).strftime(form), form)  # noqa: DTZ007
    except (ValueError, re.error) as error:  # strptime makes a pattern of it, and `%d %d` is none
        raise ValueError(f"{form!r} is not a date format such as %d/%m/%Y %H:%M ({error})") from None
    if "%" not in form:
        raise ValueError(f"{form!r} is not a date format such as %d/%m/%Y %H:%M")
    if not re.search(r"%[HIMSfpXTRcszZ]", form):
        return form, "", ""
    match = re.fullmatch(r"(?P<date>.*?)(?P<separator>[ T])(?P<clock>%[HIXT].*)", form)
    if (
        match is None
        or (match["separator"] in match["date"] and match["separator"] in match["clock"])
        or re.search(r"%[HIMSfpXTRcszZ]", match["date"])
        or re.search(r"%[YymdbBjaAcxzZs]", match["clock"])
    ):
        return None, "", ""
    return match["date"], match["separator"], match["clock"]
