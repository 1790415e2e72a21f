"""Sheets of a workbook with the same columns: one a year, one a place, one a release."""

from datetime import datetime

import pytest

from discovering import asked, reading
from slackwater.model.instants import from_micros
from workbooks import workbook

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun"]


async def lines(content, **config):
    """What is read, each line as its months and values."""
    run = await reading(content, **config)
    assert not run.rejected_count
    return sorted(
        [(f"{from_micros(at):%Y-%m}", value) for at, value in sorted(line.items())] for line in run.points.values()
    )


def down(year):
    rows = [[name, year + n, n] for n, name in enumerate(MONTHS, 1)]
    return [
        [f"Guests in {year}"],
        [],
        ["Month", "Guests", "Nights"],
        *rows,
        ["Total" if year % 2 else "Insgesamt", 9, 9],
        ["Source: Office"],
    ]


def across(year):
    return [["Region", *MONTHS, "Total"], ["Guests", *(year + n for n in range(1, 7)), 9], ["Nights", *range(1, 7), 9]]


def dated(year):
    return [["Date", "Guests", "Nights"], *([datetime(year, n, 1), year + n, n] for n in range(1, 7))]


@pytest.mark.parametrize("table", [down, across, dated])
async def test_sheets_of_one_year_each_are_one_table(table):
    seen = await lines(
        workbook(Cover=[["Guests and nights"]], **{f"Year {year}": table(year) for year in (2022, 2023)})
    )
    times = [(year, n) for year in (2022, 2023) for n in range(1, 7)]
    assert seen == [
        [(f"{year}-{n:02}", float(n)) for year, n in times],
        [(f"{year}-{n:02}", float(year + n)) for year, n in times],
    ]


async def test_sheets_of_places_can_be_read_together_or_alone():
    places = {
        name: [["Year", "Guests"], *([y, y + more] for y in range(2015, 2023))] for name, more in (("N", 1), ("S", 700))
    }
    question = await asked(workbook(**places))
    assert question.alternatives == [{"sheet_name": "*"}, {"sheet_name": "N"}, {"sheet_name": "S"}]
    assert [len(line) for line in await lines(workbook(**places), sheet_name="*")] == [8, 8]
    assert [len(line) for line in await lines(workbook(**places), sheet_name="S")] == [8]


async def test_releases_of_the_same_years_are_asked_about():
    releases = {f"Release {y}": [["Year", "GDP"], *([z, z * y % 97] for z in range(2010, y))] for y in (2020, 2021)}
    assert (await asked(workbook(**releases))).field == "sheet_name"


def titled(title):
    return [[title], *down(2022)[1:]]


@pytest.mark.parametrize(
    "sheets",
    [
        {"2021-22": down(2021), "2022-23": down(2022)},  # seasons
        {"Births 2022": down(2022), "Deaths 2023": down(2023)},
        {"2022": titled("Guests, in thousands"), "2023": titled("Guests, in millions")},
        {"2021": down(2021), "2022": down(2022), "2023": [["Preliminary"], *down(2023)]},  # which would be missing
        {"2021": dated(2021), "2022": dated(2022), "Rain": [["Day", "mm"], *dated(2022)[1:]]},
    ],
)
async def test_sheets_that_differ_by_more_than_their_year_are_asked_about(sheets):
    assert (await asked(workbook(**sheets))).field == "sheet_name"


async def test_a_title_with_a_mark_for_one_year_is_the_same_title():
    sheets = {str(year): [[f"Guests in {year}{mark}"], *down(year)[1:]] for year, mark in ((2022, ""), (2023, " (p)"))}
    assert [len(line) for line in await lines(workbook(**sheets))] == [12, 12]


async def test_months_in_sheets_that_end_in_another_year_are_asked_about():
    turned = [["Month", "Guests"], *([name, n + 0.5] for n, name in enumerate(["Jul", "Dec", *MONTHS]))]
    assert (await asked(workbook(FY2021=turned, FY2022=turned))).field == "time_columns"


async def test_days_without_their_year_name_no_series_of_sheets():
    days = [["Day", "Guests"], *([f"{day:02}.01.", day + 0.5] for day in range(1, 8))]
    assert (await asked(workbook(**{"2022": days, "2023": days}))).field == "time_columns"
