"""Rows that stand above others as their section: a year above its months, a place above its years."""

import pytest

from discovering import reading
from slackwater.model.instants import from_micros

MONTHS = ["Januar", "Februar", "März", "April", "Mai", "Juni"]
PLACES = {"Nord": 4000, "Süd": 5000}


async def lines(text):
    """What is read, each line as its months and values."""
    run = await reading(text)
    assert not run.rejected_count
    return sorted(
        [(f"{from_micros(at):%Y-%m}", value) for at, value in sorted(line.items())] for line in run.points.values()
    )


@pytest.mark.parametrize("beside", ["2022;;\n", "2022;999;1998\n"])
async def test_months_below_a_year_are_its_own_and_the_sum_beside_it_is_none(beside):
    text = "Monat;Inland;Ausland\n"
    for year in (2022, 2023):
        text += beside.replace("2022", str(year))
        text += "".join(f"{name};{year + n};{n}\n" for n, name in enumerate(MONTHS, 1))
    times = [(year, n) for year in (2022, 2023) for n in range(1, 7)]
    assert await lines(text) == [
        [(f"{year}-{n:02}", float(n)) for year, n in times],
        [(f"{year}-{n:02}", float(year + n)) for year, n in times],
    ]


async def test_years_below_a_place_are_a_series_of_it():
    text = "Jahr;Gäste\n" + "".join(
        f"{place};\n" + "".join(f"{year};{year + more}\n" for year in range(2018, 2023))
        for place, more in PLACES.items()
    )
    assert await lines(text) == [
        [(f"{year}-01", float(year + more)) for year in range(2018, 2023)] for more in PLACES.values()
    ]


async def test_rows_of_a_wide_table_below_places_are_told_apart_by_them():
    text = "Region;2020;2021\n" + "".join(
        f"{place};;\nHotels;{more};{more + 1}\nPensionen;{more + 2};{more + 3}\n" for place, more in PLACES.items()
    )
    assert await lines(text) == [
        [("2020-01", float(more + n)), ("2021-01", float(more + n + 1))] for more in PLACES.values() for n in (0, 2)
    ]


async def test_a_remark_between_rows_is_no_section_of_them():
    days = [f"2023-01-{day:02},{day}.5\n" for day in range(1, 11)]
    seen = await lines("".join(["date,level\n", *days[:4], "Note: the gauge was cleaned,\n", *days[4:]]))
    assert [len(line) for line in seen] == [10]
