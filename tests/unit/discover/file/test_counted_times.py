"""Times that are numbers or thirds of months, and clocks as words and whole numbers say them: the rule behind each."""

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from discovering import asked, reading
from slackwater.discover.alternatives import answers_of
from slackwater.discover.inference.calendars import rare_forms
from slackwater.discover.inference.period_parts import refuse_days_without_year
from slackwater.errors import Question
from slackwater.formats.annotations import lenient_numbers
from slackwater.formats.counted_times import since_form, tells_again
from slackwater.formats.numbers import number_parser
from slackwater.formats.timestamps import time_parser
from slackwater.model.instants import DAY, HOUR, MINUTE, parse_iso

START = datetime(2024, 2, 1, tzinfo=UTC)


def value(n: int) -> float:
    return n * 7 % 30 + 0.25


async def line(rows, **config):
    [found] = (await reading("\n".join(rows), **config)).points.values()
    return dict(sorted(found.items()))


def evenly(points, count: int, step: int) -> bool:
    return list(points.values()) == [value(n) for n in range(count)] and {b - a for a, b in pairwise(points)} == {step}


@pytest.mark.parametrize(
    ("head", "cell"),
    [
        ("date,hhmm", lambda t: f"{t:%Y-%m-%d},{t.hour * 100 + t.minute}"),
        ("Data,Hora", lambda t: f"{t:%d/%m/%Y},{t.hour * 100 + t.minute}"),
        ("Datum,Zeit", lambda t: f"{t:%d.%m.%Y},{t:%H:%M} Uhr"),
        ("Zeitpunkt", lambda t: f'"{t:%d.%m.%Y, %H:%M} Uhr"'),
        ("minutes since 2024-1-1 0:0:0", lambda t: f"{(t - datetime(2024, 1, 1, tzinfo=UTC)) // timedelta(minutes=1)}"),
    ],
)
async def test_half_hours_however_they_are_counted_are_times(head, cell):
    rows = [f"{cell(START + n * timedelta(minutes=30))},{value(n)}" for n in range(200)]
    assert evenly(await line([f"{head},flow", *rows]), 200, HOUR // 2)


@pytest.mark.parametrize("name", ["travel time (min)", "visits per hour", "valor por hora", "waiting time"])
async def test_what_is_measured_as_a_time_is_no_clock(name):
    rows = [f"{START + timedelta(days=n):%Y-%m-%d},{101 + n * 7 % 58}" for n in range(60)]
    found = await line([f"date,{name}", *rows])
    assert list(found.values()) == [101 + n * 7 % 58 for n in range(60)]


async def test_hours_by_a_word_are_hours():
    rows = [f"{START + timedelta(days=n // 24):%d.%m.%Y};{n % 24} Uhr;{value(n)}" for n in range(400)]
    assert evenly(await line(["Datum;Zeit;Wert", *rows]), 400, HOUR)


async def test_a_line_above_says_since_when_days_are_counted():
    rows = [f"{20_000 + n},{value(n)}" for n in range(40)]
    points = await line(["# time: units = days since 1950-01-01 00:00:00", "time,sst", *rows])
    assert evenly(points, 40, DAY)
    assert next(iter(points)) == parse_iso("1950-01-01") + 20_000 * DAY


@pytest.mark.parametrize("form", ["{y}-{m:02}-D{d},{v}", "{y},{m},{d},{v}", "{y},{of_year},{v}"])
async def test_thirds_of_months_begin_on_the_1st_11th_and_21st(form):
    thirds = [(2022 + n // 36, n // 3 % 12 + 1, n % 3 + 1, value(n)) for n in range(108)]
    rows = [form.format(y=y, m=m, d=d, v=v, of_year=m * 3 - 3 + d) for y, m, d, v in thirds]
    head = {3: "year,month,dekad,rain", 2: "year,dekad,rain", 1: "dekad,rain"}[form.count(",")]
    assert await line([head, *rows]) == {parse_iso(f"{y}-{m:02}-{d * 10 - 9:02}"): v for y, m, d, v in thirds}


async def test_years_with_decimals_are_asked_about_with_the_month_first():
    rows = [f"{1990 + (n + 0.5) / 12:.4f},{value(n)}" for n in range(60)]
    question = await asked("\n".join(["date,co2", *rows]))
    first, *_ = answers_of(question, {})
    points = await line(["date,co2", *rows], **first)
    assert list(points) == [parse_iso(f"{1990 + n // 12}-{n % 12 + 1:02}-01") for n in range(60)]


async def test_the_time_said_again_with_decimals_is_no_measurement():
    days = [START + timedelta(days=n) for n in range(60)]
    rows = [
        f"{t.year},{t.month},{t.day},{t.year + (t.timetuple().tm_yday - 0.5) / 366:.4f},{value(n)}"
        for n, t in enumerate(days)
    ]
    assert evenly(await line(["year,month,day,again,co2", *rows]), 60, DAY)


async def test_when_an_extreme_was_is_a_clock_and_no_measurement():
    rows = [f"202403{n + 1:02},{value(n)},{n % 5 + 3}{n * 7 % 60:02},{13 + n % 4}{n * 11 % 60:02}" for n in range(31)]
    assert evenly(await line(["day,TN,HTN,HTX", *rows]), 31, DAY)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("hours since 1900-01-01", "hours since 1900-01-01 00:00:00"),
        ("days since 0001-01-01", None),  # of another calendar
        ("days since 2001-13-01", None),
        ("hours since 1900-01-01 00:00 -6:00", None),
        ("time since 1900-01-01", None),
    ],
)
def test_what_times_are_counted_since(text, form):
    assert since_form(text) == form


@pytest.mark.parametrize(
    ("form", "cell", "time"),
    [
        ("%Y-%m-%d %H%M", "2024-02-01 5", parse_iso("2024-02-01") + 5 * MINUTE),
        ("%Y-%m-%d %H%M", "2024-02-01 100", parse_iso("2024-02-01") + HOUR),
        ("%Y-%m-%d %H%M", "2024-02-01 2400", parse_iso("2024-02-02")),
        ("%Y-%m-%d %H%M", "2024-02-01 2401", None),
        ("decimal_month", "1990.9583", parse_iso("1990-12-01")),
        ("decimal_month", "1990.9999", parse_iso("1991-01-01")),
        ("decimal_day", "2024.001", parse_iso("2024-01-01")),
        ("decimal_year", "2023.5", parse_iso("2023-07-02") + DAY // 2),
    ],
)
def test_numbers_are_times_of_their_form(form, cell, time):
    assert time_parser(form, UTC)([cell]) == [time]


def test_measurements_that_pass_through_years_say_no_time_again():
    assert not tells_again(
        [1990.0 + n * 3.1 for n in range(20)], [parse_iso("2020-01-01") + n * DAY for n in range(20)]
    )


@pytest.mark.parametrize(("cell", "number"), [("١٢٫٥", 12.5), ("۱٬۲۳۴٫۵", 1234.5), ("11.1 bd", 11.1), ("7 dep", 7.0)])
def test_digits_and_flags_of_other_offices_are_read(cell, number):
    assert lenient_numbers(number_parser(".", ","))([cell]) == ([number], [])


DAYS = [datetime(2020, 3, 1, tzinfo=UTC) + timedelta(hours=6 * n) for n in range(20)]


def since(year: int, month: int, day: int, at: datetime) -> timedelta:
    return at - datetime(year, month, day, tzinfo=UTC)


@pytest.mark.parametrize(
    ("head", "form", "cell"),
    [
        ("MJD", "mjd", lambda t: f"{since(1858, 11, 17, t) / timedelta(days=1):.5f}"),
        ("Time", "mjd", lambda t: f"{since(1858, 11, 17, t) / timedelta(days=1):.5f}"),  # by Excel's days it is 2061
        ("jd", "julian_day", lambda t: f"{since(1970, 1, 1, t) / timedelta(days=1) + 2_440_587.5:.5f}"),
        ("datenum", "matlab_day", lambda t: f"{since(1970, 1, 1, t) / timedelta(days=1) + 719_529:.4f}"),
        ("Time", "filetime", lambda t: str(since(1601, 1, 1, t) // timedelta(microseconds=1) * 10)),
        ("Time", "excel", lambda t: f"{since(1899, 12, 30, t) / timedelta(days=1):.6f}".replace(".", ",")),
        ("Time", "%d%m%Y %H:%M", lambda t: f"{t:%d%m%Y %H:%M}"),
        ("Time", "ticks", lambda t: str(since(1, 1, 1, t) // timedelta(microseconds=1) * 10)),
    ],
)
async def test_numbers_of_the_clocks_of_programs_are_asked_about_with_their_reading(head, form, cell):
    rows = [f"{head};level", *(f"{cell(at)};{value(n)}" for n, at in enumerate(DAYS))]
    question = await asked("\n".join(rows))
    answers = [answer for answer in answers_of(question, {}) if answer["date_format"] == form]
    points = await line(rows, **answers[0])
    assert list(points) == [int(at.timestamp()) * 1_000_000 for at in DAYS]
    assert list(points.values()) == [value(n) for n in range(20)]


async def test_nanoseconds_since_1970_and_days_of_excel_are_times_without_a_question():
    for cell in (
        lambda t: str(since(1970, 1, 1, t) // timedelta(microseconds=1) * 1_000),
        lambda t: f"{since(1899, 12, 30, t) / timedelta(days=1):.6f}",
    ):
        rows = ["time,level", *(f"{cell(at)},{value(n)}" for n, at in enumerate(DAYS))]
        assert list(await line(rows)) == [int(at.timestamp()) * 1_000_000 for at in DAYS]


@pytest.mark.parametrize(
    "cells",
    [
        [f"{n:02}-Jan" for n in range(1, 21)],
        [f"{at:%d-%b}" for at in (datetime(2023, 1, 1, tzinfo=UTC) + timedelta(days=n) for n in range(365))],
        [f"{at:%b %d}" for at in (datetime(2024, 12, 20, tzinfo=UTC) + timedelta(days=n) for n in range(30))],
    ],
)
async def test_days_and_months_without_a_year_are_no_months_of_years(cells):
    question = await asked("\n".join(["day,level", *(f"{cell},{value(n)}" for n, cell in enumerate(cells))]))
    assert question.field == "date_format"
    assert "days of a year that is not said" in str(question)


@pytest.mark.parametrize(
    "cells",
    [
        [f"{month}-{year:02}" for year in range(18, 21) for month in ("Jan", "Apr", "Jul", "Oct")],
        [f"{month}-{year:02}" for year in range(18, 21) for month in ("Jan", "Feb", "Mar", "May")],
        [f"Mar-{year:02}" for year in (*range(95, 100), *range(9))],
    ],
)
async def test_months_of_years_of_two_digits_are_asked_about_no_days(cells):
    assert len(await line(["month,level", *(f"{cell},{value(n)}" for n, cell in enumerate(cells))])) == len(cells)


@pytest.mark.parametrize(("form", "write"), [("%Y%j", "{:%Y%j}"), ("%y%j", "{:%y%j}"), ("%d%m%y", "{:%d%m%y}")])
async def test_days_in_digits_that_few_write_are_asked_about_with_their_reading(form, write):
    days = [datetime(2023, 12, 1, tzinfo=UTC) + timedelta(days=n) for n in range(60)]
    rows = ["Time;level", *(f"{write.format(at)};{value(n)}" for n, at in enumerate(days))]
    answers = answers_of(await asked("\n".join(rows)), {})
    assert form in [answer["date_format"] for answer in answers]
    assert list(await line(rows, date_format=form, time_column="Time")) == [
        int(at.timestamp()) * 1_000_000 for at in days
    ]


@pytest.mark.parametrize("cell", ["44440.041667", "44440.04167", "44440.0416667", "44440.04166666666"])
def test_decimals_of_days_that_were_cut_are_the_second_that_they_were_cut_from(cell):
    assert time_parser("excel", UTC)([cell]) == [parse_iso("2021-09-01T01:00:00Z")]


@pytest.mark.parametrize(
    ("form", "cell", "time"),
    [
        ("excel", "44440.003", "2021-09-01T00:04:19.2Z"),
        ("excel", 44440.003, "2021-09-01T00:04:19.2Z"),
        ("excel", "44440.0028", "2021-09-01T00:04:02Z"),  # of 0.00280, as a program shows it
        ("mjd", "59458.0028", "2021-09-01T00:04:01.92Z"),
    ],
)
def test_few_decimals_of_days_are_what_they_say(form, cell, time):
    assert time_parser(form, UTC)([cell]) == [parse_iso(time)]


def test_zeros_behind_the_decimals_of_days_are_of_their_length():
    assert time_parser("excel", UTC)(["44440.00300"]) == [parse_iso("2021-09-01T00:04:19Z")]


async def test_days_in_digits_without_their_first_zero_are_no_days_of_a_spreadsheet():
    days = [START + timedelta(days=n) for n in range(60)]
    digits = ["Date,level", *(f"{day.month + 1}{day:%d%y},{value(n)}" for n, day in enumerate(days))]
    assert (await asked("\n".join(digits))).field in ("date_format", "time_column")
    assert evenly(await line(["Date,level", *(f"{45_000 + n * 7},{value(n)}" for n in range(60))]), 60, 7 * DAY)


def test_half_a_unit_of_the_last_decimal_of_days_still_tells_the_second():
    assert time_parser("mjd", UTC)(["60000.00063"]) == [parse_iso("2023-02-25T00:00:54Z")]  # 54.432 s


def test_thousandths_of_a_second_in_days_are_kept():
    assert time_parser("excel", UTC)([44440.0 + 1.5 / 86_400]) == [parse_iso("2021-09-01T00:00:01.5Z")]


JUNE = [f"{day:02}0623" for day in range(1, 16)]


@pytest.mark.parametrize(
    ("cells", "numbers", "forms"),
    [
        (JUNE, (), ["%d%m%y"]),
        (JUNE[::-1], (), ["%d%m%y"]),
        ([*JUNE[:7], JUNE[13], *JUNE[7:13]], (), []),  # not in order
        ([f"{day}0623" for day in ("01", "02", "04", "08", "09", "17", "21", "30")], (), []),  # never the same step
        ([f"{cell} 10:00" for cell in JUNE], (), ["%d%m%y %H:%M"]),
        ([*JUNE, "160623 10:00"], (), []),
        (JUNE[:1] * 20, (), []),
        ([], (), []),
        ([f"{44_440 + n},5" for n in range(20)], [44_440.5 + n for n in range(20)], ["excel", "mjd"]),
        ([f"{44_440 + n}" for n in range(20)], [44_440.0 + n for n in range(20)], ["excel", "mjd"]),
        ([f"{59_990 + n}" for n in range(20)], [59_990.0 + n for n in range(20)], ["mjd"]),
        ([f"{29_990 + n}" for n in range(20)], [29_990.0 + n for n in range(20)], []),
    ],
)
def test_rare_forms_are_those_by_which_all_cells_run_evenly(cells, numbers, forms):
    assert rare_forms(cells, numbers) == forms


@pytest.mark.parametrize(
    ("form", "local"), [("matlab_day", True), ("ticks", True), ("mjd", False), ("filetime", False)]
)
def test_clocks_of_programs_are_of_the_place_and_those_of_astronomers_of_none(form, local):
    number = {"matlab_day": 739_000, "ticks": 638_000_000_000_000_000, "mjd": 59_458, "filetime": 133 * 10**15}[form]
    [there], [here] = (time_parser(form, zone)([number]) for zone in (ZoneInfo("Europe/Berlin"), UTC))
    assert (there != here) is local


@pytest.mark.parametrize(
    ("cells", "days"),
    [
        ([f"{n:02}-Jan" for n in range(1, 11)], True),
        ([f"{n:02}-Jan" for n in range(10, 0, -1)], True),
        (["27-Feb", "28-Feb", "29-Feb", "1-Mar", "2-Mar"], True),
        (["01-Jan", "02-Jan", "03-Jan", "04-Jan"], False),  # or four Januaries
        ([f"{n:02}-{name}" for n in (20, 21) for name in ("Jan", "Apr", "Jul", "Oct")], False),
    ],
)
def test_days_and_months_that_follow_one_another_are_of_no_year(cells, days):
    with pytest.raises(Question) if days else nullcontext():
        refuse_days_without_year("%y-%b", cells, "x")
