"""Sheets of a workbook with the same columns: one a year, one a place, one a release."""

import io
from datetime import datetime

import openpyxl
import pytest

from discovering import asked, reading
from slackwater.model.instants import from_micros

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun"]


def book(**sheets):
    """A workbook of sheets by name, each a list of rows."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


async def lines(content, **config):
    """What is read, each line as its months and values."""
    run = await reading(content, **config)
    assert not run.rejected_count
    return sorted(
        [(f"{from_micros(at):%Y-%m}", value) for at, value in sorted(line.items())] for line in run.points.values()
    )


def down(year):
    rows = [[name, year + n, n] for n, name in enumerate(MONTHS, 1)]
    return [[f"Guests in {year}"], [], ["Month", "Guests", "Nights"], *rows, ["Total", 9, 9], ["Source: Office"]]


def across(year):
    return [["Region", *MONTHS, "Total"], ["Guests", *(year + n for n in range(1, 7)), 9], ["Nights", *range(1, 7), 9]]


def dated(year):
    return [["Date", "Guests", "Nights"], *([datetime(year, n, 1), year + n, n] for n in range(1, 7))]


@pytest.mark.parametrize("table", [down, across, dated])
async def test_sheets_of_one_year_each_are_one_table(table):
    seen = await lines(book(Cover=[["Guests and nights"]], **{f"Year {year}": table(year) for year in (2022, 2023)}))
    times = [(year, n) for year in (2022, 2023) for n in range(1, 7)]
    assert seen == [
        [(f"{year}-{n:02}", float(n)) for year, n in times],
        [(f"{year}-{n:02}", float(year + n)) for year, n in times],
    ]


async def test_sheets_of_places_can_be_read_together_or_alone():
    places = {
        name: [["Year", "Guests"], *([y, y + more] for y in range(2015, 2023))] for name, more in (("N", 1), ("S", 700))
    }
    question = await asked(book(**places))
    assert question.alternatives == [{"sheet_name": "*"}, {"sheet_name": "N"}, {"sheet_name": "S"}]
    assert [len(line) for line in await lines(book(**places), sheet_name="*")] == [8, 8]
    assert [len(line) for line in await lines(book(**places), sheet_name="S")] == [8]


async def test_releases_of_the_same_years_are_asked_about():
    releases = {f"Release {y}": [["Year", "GDP"], *([z, z * y % 97] for z in range(2010, y))] for y in (2020, 2021)}
    assert (await asked(book(**releases))).field == "sheet_name"
