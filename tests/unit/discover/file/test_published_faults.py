"""What publishers and spreadsheets put beside, behind and into a table is told, asked about or counted."""

from datetime import date, timedelta

import pytest

from discovering import asked, reading
from slackwater.discover.file.table_region import trailing
from slackwater.formats.numbers import infer_number_form

DAYS = [str(date(2024, 1, 1) + timedelta(n)) for n in range(40)]


def value(n: int) -> str:
    return f"{20 + n * 7 % 13}.{n % 9 + 1}"


def beside(rows: list[str]) -> str:
    """A table of 40 days with another one to its right, behind an empty column."""
    other = [*rows, *[","] * (41 - len(rows))]
    return "\n".join(
        f"{row},,{right}" for row, right in zip(["date,temp", *map(row_of, range(40))], other, strict=True)
    )


def row_of(n: int) -> str:
    return f"{DAYS[n]},{value(n)}"


@pytest.mark.parametrize(
    "rows", [["summary,", "mean,15.2", "max,22.1", "min,9.9"], ["region,people", "north,1500", "south,2300"]]
)
async def test_a_short_table_on_the_right_is_another_one(rows):
    points = (await reading(beside(rows))).points
    assert {name: len(line) for name, line in points.items()} == {"temp": 40}


async def test_a_short_table_on_the_right_with_years_is_asked_about():
    question = await asked(beside(["year,mean", *(f"{2019 + n},{value(n)}" for n in range(5))]))
    assert question.alternatives == [{"value_columns": ["temp"]}, {"time_column": "year", "value_columns": ["mean"]}]


async def test_a_column_that_ends_early_is_of_the_table_without_an_empty_one_before_it():
    rows = [f"{row_of(n)},{value(n + 3) if n < 12 else ''}" for n in range(40)]
    assert len((await reading("\n".join(["date,temp,wind", *rows]))).points["wind"]) == 12


@pytest.mark.parametrize("clock", ["", " 10:30"])
async def test_days_taken_for_months_by_a_spreadsheet_are_asked_about(clock):
    days = [f"{day[5:7]}/{day[8:]}/2024" if int(day[8:]) <= 12 else f"{day[8:]}/{day[5:7]}/2024" for day in DAYS]
    rows = [f"{day}{clock},{value(n)}" for n, day in enumerate(days)]
    question = await asked("\n".join(["date,temp", *rows]))
    assert question.alternatives == [{"date_format": "%d/%m/%Y" + (" %H:%M" if clock else "")}]
    right = [f"{day[8:]}/{day[5:7]}/2024{clock},{value(n)}" for n, day in enumerate(DAYS)]
    assert (await reading("\n".join(["date,temp", *right[:20], right[25], *right[20:]]))).points["temp"]


def test_numbers_with_letters_behind_them_do_not_tell_the_mark_of_the_others():
    form = infer_number_form([*(f"9,{n:03}" for n in range(10, 27)), "9,052 (a)", "9,234 (b)"])
    assert form is not None
    assert form.doubtful


def test_a_row_at_the_end_with_a_year_and_no_number_is_no_footer():
    rows = [["2019", "812"], ["2020", "934"], ["2021", "921)"]]
    assert trailing(list(enumerate(rows, 1))) == (None, [])
    assert trailing(list(enumerate([*rows[:2], ["2021 is provisional", ""]], 1)))[0] == 2


@pytest.mark.parametrize("name", ["Notes", "Footnote", "Observações"])
async def test_the_numbers_of_notes_are_no_values(name):
    rows = [f"{2000 + n},{value(n)},{(n % 7 == 3) * '1'}" for n in range(20)]
    assert set((await reading("\n".join([f"Year,Rate,{name}", *rows]))).points) == {"Rate"}
