"""Years of eras and of the calendars of Taiwan and Thailand: read where they are named, else asked about."""

from datetime import date, timedelta

import pytest

from budget import every
from discovering import asked, reading
from slackwater.model.instants import from_micros

MONTHS = [date(2018 + n // 12, n % 12 + 1, 1) for n in range(36)]
DAYS = [date(2024, 2, 1) + timedelta(days=n) for n in range(40)]
YEARS = [date(year, 1, 1) for year in range(2005, 2024)]


def table(times, write, name="Time"):
    return "\n".join([f"{name},Level", *(f"{write(at)},{n + 0.5}" for n, at in enumerate(times))])


async def points(content, **config):
    """What is read of its one series."""
    run = await reading(content, **config)
    assert not run.rejected_count
    [line] = run.points.values()
    return {from_micros(at).date(): value for at, value in line.items()}


def level(times):
    return {at: n + 0.5 for n, at in enumerate(times)}


def _era(at):
    if at < date(2019, 5, 1):
        return f"平成{at.year - 1988}年"
    return f"令和{'元' if at.year == 2019 else at.year - 2018}年"


@pytest.mark.parametrize(
    ("times", "write"),
    [(MONTHS, lambda at: f"{_era(at)}{at.month}月"), (YEARS, _era), (YEARS, lambda at: f"民國{at.year - 1911}年")],
)
async def test_years_of_eras_by_their_names_are_read(times, write):
    assert await points(table(times, write, name="年")) == level(times)


@pytest.mark.parametrize(
    ("times", "write"),
    every(
        2,
        [
            (MONTHS, lambda at: f"{at.year - 1911}年{at.month}月"),
            (DAYS, lambda at: f"{at.year - 1911}/{at:%m/%d}"),
            (DAYS, lambda at: f"{at.day}/{at.month}/{at.year + 543}"),
            (YEARS, lambda at: at.year + 543),
        ],
    ),
)
async def test_years_of_other_calendars_are_asked_about_with_their_reading(times, write):
    question = await asked(table(times, write))
    assert question.field == "date_format"
    first, *_ = question.alternatives
    assert await points(table(times, write), **first) == level(times)


@pytest.mark.parametrize("numbers", [range(100, 140), [2500 + n * 7 % 40 for n in range(40)]], ids=["100", "2500"])
async def test_numbers_are_no_years_of_another_calendar_without_other_signs(numbers):
    rows = [f"{number},{n * 7 % 11}.5" for n, number in enumerate(numbers)]
    question = await asked("\n".join(["Number,Level", *rows]))
    assert not [each for each in question.alternatives if "|" in str(each.get("date_format"))]
