"""What publishers and spreadsheets put beside, behind and into a table is told, asked about or counted."""

from datetime import date, timedelta

import pytest

from discovering import asked, reading
from slackwater.discover.file.table_region import trailing
from slackwater.formats.numbers import infer_number_form
from slackwater.model.instants import parse_iso

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


@pytest.mark.parametrize("first", [2000, 2001])
async def test_a_table_on_the_right_with_other_times_is_asked_about_however_long_it_is(first):
    rows = [f"{first + n},{value(n)},,2020-{n + 1:02},{value(n + 5)}" for n in range(12)]
    question = await asked("\n".join(["year,north,,month,price", *rows]))
    assert question.alternatives == [
        {"time_column": "year", "value_columns": ["north"]},
        {"time_column": "month", "value_columns": ["price"]},
    ]


async def test_the_same_times_once_more_behind_an_empty_column_are_no_other_table():
    rows = [f"{day},{value(n)},,{day[8:]}/{day[5:7]}/{day[:4]},{value(n + 5)}" for n, day in enumerate(DAYS)]
    assert set((await reading("\n".join(["date,temp,,day,wind", *rows]))).points) == {"temp", "wind"}


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


@pytest.mark.parametrize(
    ("corner", "headers", "down", "first"),
    [
        ("Hour", DAYS[:7], [f"{n:02}:00" for n in range(24)], "2024-01-01T00:00"),
        ("Hora", ["01/01/2024", "02/01/2024", "13/01/2024"], [str(n) for n in range(24)], "2024-01-01T00:00"),
        ("Week", ["2019", "2020", "2021"], [str(n) for n in range(1, 53)], "2018-12-31"),
        ("Day", ["Jan 2024", "Feb 2024", "Mar 2024"], [str(n) for n in range(1, 29)], "2024-01-01"),
    ],
)
async def test_parts_of_the_time_down_and_across_are_asked_about_with_their_reading(corner, headers, down, first):
    rows = [";".join([name, *(value(n * 5 + at) for at in range(len(headers)))]) for n, name in enumerate(down)]
    text = "\n".join([";".join([corner, *headers]), *rows])
    question = await asked(text)
    assert question.field == "time_columns"
    [line] = (await reading(text, **question.alternatives[0])).points.values()
    assert (min(line), len(line)) == (parse_iso(first), len(headers) * len(down))


@pytest.mark.parametrize("cell", ["{} (15:{n})", "{} (+1.{n}%)", "{}-4{n}.5"])
async def test_numbers_with_more_than_a_unit_behind_them_are_asked_about(cell):
    rows = [f"{day},{value(n)},{cell.format(value(n), n=n + 10)}" for n, day in enumerate(DAYS)]
    assert (await asked("\n".join(["date,rain,gust", *rows]))).alternatives == [{"value_columns": ["rain"]}]


async def test_a_mark_for_no_value_is_seen_in_the_series_that_it_stands_apart_in():
    low = ["99.9" if n % 8 == 3 else value(n) for n in range(40)]
    high = [f"1{value(n)}" for n in range(40)]  # from 121 to 133
    rows = [
        f"{site},{day},{cell}"
        for site, cells in (("a", low), ("b", high))
        for day, cell in zip(DAYS, cells, strict=True)
    ]
    assert (await asked("\n".join(["site,date,level", *rows]))).field == "missing_values"
    wide = [",".join(["site", *DAYS]), ",".join(["a", *low]), ",".join(["b", *high])]
    assert (await asked("\n".join(wide))).field == "missing_values"


async def test_columns_of_one_time_are_told_apart_by_their_units_or_asked_about():
    rows = [f"{site},{n + 3},{value(n)},{n + 8},{value(n + 1)}" for n, site in enumerate(("north", "south"))]
    points = (await reading("\n".join(["site,2021,,2022,", ",n,%,n,%", *rows]))).points
    assert {name: list(line.values()) for name, line in points.items() if name.startswith("north")} == {
        "north / n": [3, 8],
        "north / %": [float(value(0)), float(value(1))],
    }
    same = "\n".join(["site,2021,2021,2022,2022", *rows])
    question = await asked(same)
    assert question.alternatives[1] == {"value_columns": ["2021 (2)", "2022 (2)"]}
    [line] = [
        line for name, line in (await reading(same, **question.alternatives[1])).points.items() if "north" in name
    ]
    assert list(line.values()) == [float(value(0)), float(value(1))]


@pytest.mark.parametrize("width", [2, 4])
async def test_a_row_that_numbers_the_columns_is_no_data(width):
    names = ["Ano", "Consumo", "Carga", "Perdas"][:width]
    numbers = [str(n) for n in range(1, width + 1)]
    rows = [",".join([str(2000 + n), *(value(n + at) for at in range(1, width))]) for n in range(20)]
    points = (await reading("\n".join([",".join(names), ",".join(numbers), *rows]))).points
    assert [min(line) for line in points.values()] == [parse_iso("2000-01-01")] * (width - 1)


@pytest.mark.parametrize("hour", ["2024-03-{:02}T{:02}:00", "{:02}/03/2024 {:02}:00:00"])
async def test_minutes_across_whole_hours_are_asked_about_with_their_reading(hour):
    hours = [hour.format(n // 24 + 12, n % 24) for n in range(48)]
    rows = [",".join([at, *(value(n * 4 + part) for part in range(4))]) for n, at in enumerate(hours)]
    text = "\n".join(["Hour,00,15,30,45", *rows])
    [line] = (await reading(text, **(await asked(text)).alternatives[0])).points.values()
    assert list(line.values())[:6] == [float(value(n)) for n in range(6)]
    assert (len(line), max(line)) == (192, parse_iso("2024-03-13T23:45"))


async def test_clocks_that_are_called_after_values_are_not_the_time_though_always_as_far_apart():
    rows = [f"{day},{value(n)},14:{10 + n},{value(n + 3)},05:{10 + n}" for n, day in enumerate(DAYS)]
    points = (await reading("\n".join(["date,tmax,time tmax,tmin,time tmin", *rows]))).points
    assert {min(line) for line in points.values()} == {parse_iso("2024-01-01")}


async def test_numbers_alone_behind_an_empty_column_are_of_the_table():
    rows = [f"{row_of(n)},,{value(n + 3) if n < 12 else ''}" for n in range(40)]
    assert len((await reading("\n".join(["date,temp,,wind", *rows]))).points["wind"]) == 12
