"""Columns that are not of one unit, one calendar or one kind are asked about, or left out with a reason."""

import pytest

from discovering import asked, reading

DAYS = [f"2024-01-{n:02}" for n in range(1, 31)]


def value(n: int) -> str:
    return f"{20 + n * 7 % 13}.{n % 9 + 1}"


@pytest.mark.parametrize(
    "cells",
    [
        [f"{value(n)} %" if n % 3 else value(n) for n in range(30)],
        [f"{'€' if n % 3 else '$'}{value(n)}" for n in range(30)],
        [f"{value(n)} {'GBP' if n < 15 else 'EUR'}" for n in range(30)],
    ],
    ids=["percent and bare", "signs of currencies", "codes of currencies"],
)
async def test_a_column_of_several_units_is_asked_about(cells):
    rows = ["day,level,price", *(f"{day},{value(n)},{cells[n]}" for n, day in enumerate(DAYS))]
    question = await asked("\n".join(rows))
    assert (question.field, question.alternatives) == ("value_columns", [{"value_columns": ["level"]}])
    assert (await reading("\n".join(rows), value_columns=["level", "price"])).points["price"]


async def test_one_unit_for_each_series_is_no_doubt():
    rows = [f"{day},{name},{value(n)}{unit}" for n, day in enumerate(DAYS) for name, unit in (("a", " %"), ("b", ""))]
    assert len((await reading("\n".join(["day,kind,value", *rows]))).points) == 2
    across = [",".join([name, *(f"{value(n)}{unit}" for n in range(9))]) for name, unit in (("a", "%"), ("b", ""))]
    assert len((await reading("\n".join(["kind," + ",".join(map(str, range(2010, 2019))), *across]))).points) == 2


async def test_a_currency_that_changes_in_a_column_of_its_own_makes_series():
    rows = [f"{day},{value(n)},{'EUR' if n % 3 else 'USD'}" for n, day in enumerate(DAYS)]
    run = await reading("\n".join(["date,price,currency", *rows]))
    assert {name: len(line) for name, line in run.points.items()} == {"EUR": 20, "USD": 10}


@pytest.mark.parametrize(
    ("header", "rows"),
    [
        ("date,rain", [f"1402-{n // 28 + 1:02}-{n % 28 + 1:02},{value(n)}" for n in range(60)]),
        ("date,rain", [f"{n % 28 + 1:02}/{n // 28 + 1:02}/2566,{value(n)}" for n in range(60)]),
        ("site," + ",".join(f"1445-{n:02}" for n in range(1, 13)), [",".join(["a", *map(value, range(12))])]),
    ],
    ids=["solar hijri", "buddhist", "islamic, across"],
)
async def test_years_of_another_calendar_are_asked_about(header, rows):
    assert (await asked("\n".join([header, *rows]))).field == "date_format"


async def test_years_that_run_into_those_of_another_calendar_are_read():
    rows = [f"{year},{value(n)}" for n, year in enumerate(range(1950, 2110, 10))]
    assert len((await reading("\n".join(["year,forest", *rows]))).points["forest"]) == 16
    named = [f"1402-{n // 28 + 1:02}-{n % 28 + 1:02},{value(n)}" for n in range(60)]
    assert (await reading("\n".join(["date,rain", *named]), date_format="iso")).points["rain"]


@pytest.mark.parametrize("name", ["qc", "QF", "qualidade", "validity", "Estado"])
async def test_codes_of_quality_are_no_series(name):
    rows = [f"{day},{value(n)},{(1, 1, 2, 1, 4)[n % 5]}" for n, day in enumerate(DAYS)]
    assert set((await reading("\n".join([f"time,level,{name}", *rows]))).points) == {"level"}


async def test_an_index_of_quality_that_is_measured_is_a_series():
    rows = [f"{day},{value(n)},{30 + n * 7 % 41}" for n, day in enumerate(DAYS)]
    assert len((await reading("\n".join(["time,pm,Qualidade do ar", *rows]))).points) == 2
