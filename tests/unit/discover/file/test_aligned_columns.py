"""Tables whose columns blanks align: which words are rows, which are names, and where a blank cell is."""

from datetime import UTC, datetime, timedelta

import pytest

from discovering import asked, reading
from slackwater.formats.table.aligned import aligned_rows, aligned_width
from slackwater.model.instants import HOUR, MINUTE, parse_iso

MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"
ROWS = [f"{1990 + n}  {n * 7 % 30:5}  {n * 11 % 40:5}" for n in range(20)]


def value(n: int) -> float:
    return n * 7 % 30 + 0.25


async def points(rows, **config):
    run = await reading("\n".join(rows), **config)
    assert not run.rejected_count
    return {name: dict(sorted(line.items())) for name, line in run.points.items()}


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ("1990      7     11", ["1990", "7", "11"]),
        ("1990            11", ["1990", "", "11"]),
        ("1990      7     11  Provisional", ["1990", "7", "11"]),
        ("1990      7     11   13", ["1990", "7", "11", "13", "?"]),  # too long: rejected, and counted
        ("1990   7", ["1990", "7", "", "?"]),  # below no column for certain: the same
        ("Station 7 in Horta", ["Station 7 in Horta"]),
        ("# year  rain  sun", ["year", "rain", "sun"]),
    ],
)
def test_each_word_stands_below_its_column(line, cells):
    assert list(aligned_rows([*ROWS, line]))[-1] == cells


@pytest.mark.parametrize(
    "rows", [["a text of five words"] * 9, ["1 2", "3 4"], ["1 2 3", "4 5", "6 7 8 9", "1 2 3 4 5"] * 3]
)
def test_other_text_has_no_aligned_columns(rows):
    assert aligned_width(rows) == 0


async def test_a_buoy_with_two_rows_of_names_is_read():
    times = [datetime(2024, 3, 1, 0, 50, tzinfo=UTC) + timedelta(hours=n) for n in range(60)]
    rows = [f"{t:%Y %m %d %H %M} {value(n):5} {20 - value(n) / 2:6.3f}" for n, t in enumerate(times)]
    found = await points(["#YY  MM DD hh mm  WSPD  ATMP", "#yr  mo dy hr mn   m/s  degC", *rows])
    assert set(found) == {"WSPD (m/s)", "ATMP (degC)"}
    assert list(found["WSPD (m/s)"]) == [parse_iso("2024-03-01") + 50 * MINUTE + n * HOUR for n in range(60)]


async def test_comments_above_years_and_months_without_names_are_none():
    rows = [f"{1990 + n // 12}  {n % 12 + 1:2}  {1990 + (n + 0.5) / 12:9.4f}  {value(n):8.2f}" for n in range(120)]
    [line] = (
        await points(["# USE OF THESE DATA", "#   decimal  monthly", "#      date  average  of days", *rows])
    ).values()
    assert list(line.values()) == [value(n) for n in range(120)]


async def test_months_between_two_columns_of_years_are_times():
    rows = [f"{y} " + " ".join(f"{y * m % 91 - 40:4}" for m in range(1, 13)) + f"  7 {y}" for y in range(1950, 1990)]
    head = f"Year  {MONTHS}  J-D Year"
    [line] = (await points(["Anomalies (0.01 degrees Celsius)", "", head, *rows[:20], "", head, *rows[20:]])).values()
    assert line[parse_iso("1989-12-01")] == 1989 * 12 % 91 - 40
    assert len(line) == 40 * 12


async def test_a_word_in_most_rows_is_asked_about_and_not_left_out():
    rows = [f"2024-03-{n + 1:02},{value(n)},{value(n + 3) if n % 3 == 0 else 'MM'}" for n in range(31)]
    question = await asked("\n".join(["date,temp,waves", *rows]))
    assert {"missing_values": ["MM"]} in question.alternatives


async def test_three_months_by_their_initials_name_no_series():
    codes = ["DJF", "JFM", "FMA", "MAM", "AMJ", "MJJ", "JJA", "JAS", "ASO", "SON", "OND", "NDJ"]
    rows = [f"{codes[n % 12]}  {1990 + n // 12}  {value(n):5.2f}" for n in range(96)]
    assert (await asked("\n".join(["SEAS  YR  ANOM", *rows]))).field in {"time_columns", "time_column"}


@pytest.mark.parametrize("mark", [",", ";", "|"])
@pytest.mark.parametrize("before", ["", " "])
async def test_blanks_beside_marks_do_not_align_columns(mark, before):
    first = [["Year", "Guests"], *([str(year), str(year % 7 + 0.5)] for year in range(1980, 2020))]
    second = [["Date", "Nights", "Rooms", "Notes"], *([f"2001-01-{n:02}", str(n), f"{n}.5", "A"] for n in range(1, 25))]
    lines = [f"{before}{mark} ".join(row) for row in (*first, [], *second)]
    assert (await asked("\n".join(lines))).field == "last_row"


@pytest.mark.parametrize("names", ["Year      Guests     Nights", ""])
async def test_blanks_within_numbers_are_thousands_where_names_or_zeros_tell(names):
    rows = [
        f"{1990 + n}   {12_045 + n * 1_007:>9,}  {2_345_678 + n * n % 7 * 1_009:>10,}".replace(",", " ")
        for n in range(12)
    ]
    found = await points([names, *rows] if names else rows)
    assert [list(line.values()) for line in found.values()] == [
        [12_045 + n * 1_007 for n in range(12)],
        [2_345_678 + n * n % 7 * 1_009 for n in range(12)],
    ]


def test_numbers_one_blank_apart_are_of_two_columns_where_names_tell():
    rows = [f"{1990 + n}   {n + 10} {n * 97 % 1_000:03}   {n}.5" for n in range(12)]  # the digits of thousands
    assert aligned_width(["Year   Speed Counted   Gust", *rows]) == 4
    assert aligned_width(["Year   Sp Counted   Gust (m/s)", *rows]) == 4  # told by the blank that stands above theirs
    assert aligned_width(["Year   Visits   Gust", *rows]) == 3
    bare = [f"{1990 + n}   {n + 10} {n * 53 + 101}   {n}.5" for n in range(12)]  # no zero behind a blank
    assert aligned_width(["Year   Visits   Gust", *bare]) == 4


@pytest.mark.parametrize("names", ["# year  speed dir  gust", "Year      spd dir   gust", "Day and year   gust", ""])
async def test_directions_behind_speeds_are_no_thousands(names):
    rows = [f"{1990 + n}   {n * 7 % 23 + 10:4} {n * 29 % 360:03}   {n}.5" for n in range(24)]
    found = await points([names, *rows] if names else rows)
    assert [float(n * 7 % 23 + 10) for n in range(24)] in [list(line.values()) for line in found.values()]
    assert aligned_width(["Year   Wind   Gust", *rows]) == 4


async def test_commas_within_words_divide_few_rows_of_dates_in_words_above_notes():
    rows = [f"{day} May 2005 07:00,{n + 0.5},{1650 + n}.25,{n},8" for n, day in enumerate(range(8, 13))]
    assert aligned_width([*rows, "Source: somebody"]) == 0
    read = await points(
        ["Date,Flow (m3/s),Visitors,Price,Energy (kWh)", *rows, "", "(a) Provisional data.", "Source: me"]
    )
    assert list(read["Flow (m3/s)"].values()) == [0.5, 1.5, 2.5, 3.5, 4.5]


def test_thousands_with_several_commas_are_one_word():
    assert aligned_width([f"{1990 + n}  1,234,{567 + n}" for n in range(9)]) == 2


async def test_commas_of_thousands_beside_aligned_dates_divide_nothing():
    numbers = [1_912_345 + n * 7_919 for n in range(30)]
    rows = [f"2024-01-{n:02}   {number:>12,}" for n, number in enumerate(numbers, 1)]
    found = await points(["Date        Population", *rows])
    assert [list(line.values()) for line in found.values()] == [numbers]


async def test_rounded_thousands_are_one_number():
    rows = [f"2024-01-{n:02}   {n * 7 % 31 + 10} 000" for n in range(1, 31)]
    found = await points(["Date         Turnover", *rows])
    assert [list(line.values()) for line in found.values()] == [[(n * 7 % 31 + 10) * 1_000 for n in range(1, 31)]]


async def test_sentences_above_names_name_no_columns():
    names = f"  Year  {'   '.join(MONTHS.split())}  Annual"
    rows = [f"  {1990 + n}  {'  '.join(f'{value(n + m):5.2f}' for m in range(12))}  {value(n):5.2f}" for n in range(9)]
    found = await points(["Monthly_mean.txt", " Monthly mean air", " (degrees C)", names, *rows])
    assert [len(line) for line in found.values()] == [9 * 12]


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ("     Water level above", ["Water level above"]),  # a sentence, each word of which stands above a month
        ("          12.50 13.50", ["", "", "12.50", "13.50", *[""] * 10]),  # a row whose other cells are blank
    ],
)
def test_words_one_blank_apart_are_placed_only_where_they_are_a_row(line, cells):
    names = f"Year {' '.join(f'{name:>5}' for name in MONTHS.split())} Total"
    rows = [f"{1990 + n} {' '.join(f'{20 + value(n + m):5.2f}' for m in range(13))}" for n in range(9)]
    assert next(iter(aligned_rows([line, names, *rows]))) == cells
