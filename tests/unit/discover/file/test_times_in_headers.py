"""Headers with words, marks and sums around their times, and times that are written as numbers across."""

from datetime import datetime, timedelta

import pytest

from discovering import asked, reading
from slackwater.formats.cells import time_part
from slackwater.model.instants import from_micros


async def lines(text, **config):
    """What is read, as lists of months and values, one a series."""
    run = await reading(text.encode(), **config)
    assert not run.rejected_count
    return sorted(
        [(f"{from_micros(at):%Y-%m}", value) for at, value in sorted(line.items())] for line in run.points.values()
    )


def table(*headers, rows=2):
    """A table of rows of numbers below headers."""
    body = [";".join([f"R{row}", *(str(row + place + 0.5) for place in range(len(headers)))]) for row in range(rows)]
    return "\n".join([";".join(["Region", *headers]), *body]) + "\n"


@pytest.mark.parametrize(
    ("headers", "months"),
    [
        (["Q1/2023", "Q2/2023", "Q3/2023 prel.", "Q4/2023 prel."], ["2023-01", "2023-04", "2023-07", "2023-10"]),
        (["Year 2020", "Year 2021", "Year 2022 (rev.)", "Year 2023 (prel.)"], None),
        (["2020 r.", "2021 r.", "2022 r.", "2023 r."], None),
        (["2020", "2021", "2022 1)", "2023 forecast"], None),
        (["Nights 2020", "Nights 2021", "Nights 2022", "Nights 2023"], None),
        (["2020: Nights", "2021: Nights", "2022: Nights", "2023: Nights"], None),
        (["Visitors in Jan 2023", "Visitors in Feb 2023", "Visitors in Mar 2023"], ["2023-01", "2023-02", "2023-03"]),
        ([f"2022.{month:02}" for month in range(1, 13)], [f"2022-{month:02}" for month in range(1, 13)]),
        (["20240131", "20240229", "20240331"], ["2024-01", "2024-02", "2024-03"]),
        (["1672531200", "1675209600", "1677628800"], ["2023-01", "2023-02", "2023-03"]),
    ],
)
async def test_times_with_words_and_as_numbers_are_times_of_one_line_a_row(headers, months):
    months = months or [f"{year}-01" for year in range(2020, 2024)]
    assert await lines(table(*headers)) == [
        [(month, row + place + 0.5) for place, month in enumerate(months)] for row in range(2)
    ]


async def test_several_words_beside_times_are_series():
    seen = await lines(table("Men 2022", "Total 2022", "Men 2023", "Total 2023", rows=1))
    assert seen == [[("2022-01", 0.5), ("2023-01", 2.5)], [("2022-01", 1.5), ("2023-01", 3.5)]]


@pytest.mark.parametrize(
    "headers",
    [
        ["2023-01", "2023-02", "2023-03", "2023"],
        ["jan/23", "fev/23", "mar/23", "TOTAL 2023"],
        ["Visitors Jan 2023", "Visitors Feb 2023", "Visitors Mar 2023", "Visitors 2023"],
    ],
)
async def test_the_sum_of_a_year_is_no_point_of_its_months(headers):
    seen = await lines(table(*headers, rows=1))
    assert seen == [[("2023-01", 0.5), ("2023-02", 1.5), ("2023-03", 2.5)]]


async def test_sums_below_each_of_two_years_are_left_out():
    text = "Region;2022;;;2023;;\n;Jan;Feb;Total;Jan;Feb;Total\nN;1;2;3;4;5;9\nS;2;2;4;1;5;6\n"
    assert await lines(text) == [
        [("2022-01", 1), ("2022-02", 2), ("2023-01", 4), ("2023-02", 5)],
        [("2022-01", 2), ("2022-02", 2), ("2023-01", 1), ("2023-02", 5)],
    ]


async def test_a_time_that_only_words_have_is_asked_about():
    text = table("2021", "2022", "Plan 2023")
    [answer] = (await asked(text)).alternatives
    assert (await lines(text, **answer))[0] == [("2021-01", 0.5), ("2022-01", 1.5)]


async def test_columns_named_by_words_and_years_beside_dates_are_series():
    text = "date,Capacity 2015,Capacity 2020\n" + "".join(f"2023-{n:02}-01,{n}.5,{n + 1}.5\n" for n in range(1, 8))
    assert [len(line) for line in await lines(text)] == [7, 7]


async def test_months_with_points_run_on_in_a_workbook_and_in_text():
    text = "Period;a\n" + "".join(f"2022.{n:02};{n}.5\n" for n in range(1, 13))
    assert await lines(text) == [[(f"2022-{n:02}", n + 0.5) for n in range(1, 13)]]


async def test_seconds_after_2030_may_be_hours_of_1901():
    text = "time,v\n" + "".join(f"{1_901_020_200 + 600 * n},{n}.5\n" for n in range(5))
    assert "epoch_s" in (await asked(text)).choices
    assert await lines(text, date_format="epoch_s") == [[("2030-03", n + 0.5) for n in range(5)]]


async def test_rows_between_two_times_the_same_names_are_of_the_table():
    names, days = "Data,Goście\n", [f"2016-01-0{day},{day}.521\n" for day in range(3, 7)]
    text = "".join([names, "2016-01-02,hors service\n", days[0], names, *days[1:]])
    assert {"missing_values": ["hors service"]} in (await asked(text)).alternatives
    [line] = await lines(text, missing_values=["hors service"])
    assert [value for _, value in line] == [3.521, 4.521, 5.521, 6.521]


async def test_comments_have_no_say_in_the_delimiter():
    days = "".join(f"2000-01-0{day};{day}1.042,80;2{day},16\n" for day in range(1, 6))
    seen = await lines(f"// by a; all, in UTC\n// see https://example.org/;x=1\n// a,b,c\nDate;Price;Flow\n{days}")
    assert [value for _, value in seen[0]] == [21.16, 22.16, 23.16, 24.16, 25.16]


async def test_seasons_across_are_asked_about_with_their_answer():
    text = table("2017/18", "2018/19", "2019/20")
    [answer] = (await asked(text)).alternatives
    assert (await lines(text, **answer))[0] == [("2017-01", 0.5), ("2018-01", 1.5), ("2019-01", 2.5)]


async def test_exchange_rates_are_no_months():
    rows = "".join(f"EXR.{cur},2022-0{n},{n % 2}.{n:02}26,A\n" for cur in ("USD", "GBP") for n in range(1, 9))
    assert [len(line) for line in await lines(f"KEY,TIME_PERIOD,OBS_VALUE,OBS_STATUS\n{rows}")] == [8, 8]


async def test_rows_of_quarters_among_months_can_be_left_out():
    rows = [f"2023-{n:02};{n}.5" + f"\n{n // 3}. quarter;{n * 3}.5" * (n % 3 == 0) for n in range(1, 13)]
    text = "\n".join(["Month;Guests", *rows])
    answer = next(each for each in (await asked(text)).alternatives if each.get("date_format") == "iso")
    run = await reading(text, **answer)
    assert [sorted(line.values()) for line in run.points.values()] == [[n + 0.5 for n in range(1, 13)]]
    assert run.rejected_count == 4


async def test_the_date_in_utc_goes_before_the_date_of_a_place():
    hours = [datetime(2023, 3, 1) + timedelta(hours=n) for n in range(60)]
    rows = "".join(f"{at:%Y-%m-%d,%H:%M},{at + timedelta(hours=6):%Y-%m-%d,%H:%M},{at.hour}.5\n" for at in hours)
    run = await reading(f"Date Local,Time Local,Date GMT,Time GMT,Sample\n{rows}")
    assert {
        from_micros(at).replace(tzinfo=None): value for line in run.points.values() for at, value in line.items()
    } == {at + timedelta(hours=6): at.hour + 0.5 for at in hours}


@pytest.mark.parametrize("year", ["{}p", "{} 1)", "{} (rev.)"])
async def test_a_mark_behind_one_year_of_a_column_is_none_of_its_time(year):
    rows = [f"{year.format(y) if y == 2015 else y};{y}.5" for y in range(2012, 2020)]
    assert await lines("\n".join(["År;Folkmängd", *rows])) == [[(f"{y}-01", y + 0.5) for y in range(2012, 2020)]]


@pytest.mark.parametrize("name", ["NO2", "NO"])
async def test_a_gas_is_no_clock(name):
    rows = "".join(f"2023-01-{1 + n // 24:02};{n % 24:02}:00;{n * 7 % 90 / 10};{20 + n * 13 % 81}\n" for n in range(96))
    assert [len(line) for line in await lines(f"Data;Hora;PM10;{name}\n{rows}")] == [96, 96]


@pytest.mark.parametrize(
    "headers",
    [
        ["before 1919", "1919-1948", "1949-1990", "since 1991"],
        ["Built before 1919", "Built 1919-1945", "Built 1946-1960", "Built 1961-1970", "Built after 1970"],
        ["until 2019", "until 2020", "until 2021", "2022 onwards"],
        ["2019", "2020", "2021", "Q1 2022", "Q2 2022", "Q3 2022", "Q4 2022"],  # these years are no sums of the quarters
        ["2022", "Jan 2023", "Feb 2023", "Mar 2023"],
        ["Guests 2019", "Guests 2020", "Guests Q1 2021", "Guests Q2 2021", "Guests Q3 2021"],
    ],
)
async def test_years_that_are_bounds_and_years_before_the_months_are_left_out_in_no_silence(headers):
    assert (await asked(table(*headers))).field == "time_column"


@pytest.mark.parametrize(
    "headers",
    [
        ["Pop 2020", "Pop 2021", "Pop 2022", "Change 2020-2021", "Change 2021-2022"],
        ["2020", "2021", "2022", "Change 2022/2021"],
    ],
)
async def test_spans_beside_years_are_no_further_times(headers):
    assert (await lines(table(*headers)))[0] == [("2020-01", 0.5), ("2021-01", 1.5), ("2022-01", 2.5)]


@pytest.mark.parametrize("words", ["Sales ", ""])
async def test_a_span_of_months_is_no_month_with_a_word_beside_it(words):
    headers = [f"{words}{month} 2023" for month in ("Jan", "Feb", "Mar", "Jan-Mar")]
    assert [len(line) for line in await lines(table(*headers))] == [3, 3]


async def test_units_beside_years_are_words_even_if_they_are_signs():
    seen = await lines(table("2022 (t)", "2023 (t)", "2022 (€)", "2023 (€)", rows=1))
    assert seen == [[("2022-01", 0.5), ("2023-01", 1.5)], [("2022-01", 2.5), ("2023-01", 3.5)]]


async def test_codes_with_a_letter_behind_a_year_are_no_years():
    text = "Model;Price\n1990e;10.5\n2000p;11.5\n2010r;12.5\n2015e;13.5\n"
    assert (await asked(text)).field == "time_column"


async def test_projections_and_a_unix_time_are_times():
    text = "Country,2022,2023 (est.),2024 (proj.)\nA,1.5,2.5,3.5\nB,2.5,4.5,4.75"
    assert set(map(len, await lines(text))) == {3}
    assert {len(line) for line in await lines("Name,2022,2023\nProj 1,1.5,2.5\nProj 2,2.5,4.5\nProj 3,1,2")} == {2}
    assert (await asked(table("2019-2020", "2020-2021", "Total since 2010"))).field == "date_format"  # of seasons
    rows = [f"{1701011000 + 7 * n},{n * 7 % 9}.5" for n in range(30)]
    [line] = await lines("\n".join(["unixtime,kW", *rows]))
    assert len(line) == 30


@pytest.mark.parametrize("mark", ["-", "/"])
async def test_fiscal_years_across_and_lakhs_are_read_with_the_answer(mark):
    years = [f"{year}{mark}{(year + 1) % 100:02}" for year in range(2012, 2022)]
    rows = [
        f"{name};{';'.join(f'{more},23,{456 + n}.5' for n in range(10))}" for name, more in (("GDP", 12), ("Tax", 3))
    ]
    text = "\n".join([";".join(["Item", *years]), *rows])
    question = await asked(text)
    [answer] = [answer for answer in question.alternatives if answer["date_format"] == f"%Y{mark}%y"]
    points = (await reading(text, **answer)).points
    assert [next(iter(line.values())) for line in points.values()] == [1_223_456.5, 323_456.5]
    assert [len(line) for line in points.values()] == [10, 10]


@pytest.mark.parametrize(
    ("text", "part"), [("2012-13", "full"), ("1999-00", "full"), ("2012-15", None), ("2012-42", None)]
)
def test_two_years_follow_one_another(text, part):
    assert time_part(text) == part
