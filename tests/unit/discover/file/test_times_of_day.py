"""Times of the day in all the ways of tables: clocks across, numbers of periods, clocks of twelve hours, intervals."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from discovering import asked, reading
from slackwater.errors import Question
from slackwater.model.instants import HOUR, MINUTE, parse_iso

START = datetime(2024, 9, 10, tzinfo=UTC)


def steps(minutes: int, count: int) -> list[datetime]:
    return [START + timedelta(minutes=minutes * n) for n in range(count)]


async def times(rows: list[str], **config) -> list[int]:
    run = await reading("\n".join(rows), **config)
    assert run.rejected_count == 0
    [line] = run.points.values()
    return sorted(line)


def even(minutes: int, count: int) -> list[int]:
    return [parse_iso("2024-09-10") + minutes * MINUTE * n for n in range(count)]


@pytest.mark.parametrize(
    "name", ["{a:%H:%M}", "{a:%H:%M}-{b:%H:%M}", "{a:%Hh%M}", "{a:%H:%M} - {b:%H:%M}", "{a:%I:%M %p}"]
)
@pytest.mark.parametrize("day", ["%Y-%m-%d", "%d/%m/%Y"])
async def test_days_down_and_clocks_across(name, day):
    heads = [name.format(a=at, b=at + timedelta(minutes=15)) for at in steps(15, 96)]
    rows = [f"{at.strftime(day)};" + ";".join(f"{n + at.day / 10:.1f}" for n in range(96)) for at in steps(24 * 60, 7)]
    assert await times(["Giorno;" + ";".join(heads), *rows]) == even(15, 7 * 96)


@pytest.mark.parametrize(("minutes", "count"), [(30, 48), (15, 96)])
@pytest.mark.parametrize("name", ["Settlement Period", "SP", "n"])
async def test_numbers_of_periods(minutes, count, name):
    rows = [f"{at:%Y-%m-%d},{n % count + 1},{n * 7 % 90}.5" for n, at in enumerate(steps(minutes, count * 3))]
    assert await times([f"Date,{name},value", *rows]) == even(minutes, count * 3)


async def test_a_day_in_which_clocks_change_has_more_or_fewer_periods():
    count = {"2024-10-26": 48, "2024-10-27": 50, "2024-10-28": 48, "2025-03-30": 46, "2025-03-31": 48}
    rows = [f"{day},{n},{n}.5" for day, most in count.items() for n in range(1, most + 1)]
    found = await times(["Date,SP,value", *rows], timezone="Europe/London")
    assert len(found) == sum(count.values())
    assert sum(b - a == 30 * MINUTE for a, b in pairwise(found)) == len(found) - 2


async def test_hours_to_24_are_asked_about_with_both_readings():
    rows = [f"{at:%Y-%m-%d},{at.hour + 1},{at.hour}.5" for at in steps(60, 72)]
    question = await asked("\n".join(["Date,Hour,value", *rows]))
    first, second = question.choices
    assert await times(["Date,Hour,value", *rows], date_format=first, time_columns=["Date", "Hour"]) == even(60, 72)
    ends = [at + HOUR for at in even(60, 72)]
    assert await times(["Date,Hour,value", *rows], date_format=second, time_columns=["Date", "Hour"]) == ends


@pytest.mark.parametrize("write", ["{h}:{at:%M}{half}", "{h}:{at:%M} {half}m", "{h}:{at:%M} {half}.m."])
async def test_clocks_of_twelve_hours_beside_their_date(write):
    rows = [
        f"{at:%Y-%m-%d};{write.format(at=at, h=(at.hour + 11) % 12 + 1, half='pa'[at.hour < 12])};{n}.5"
        for n, at in enumerate(steps(30, 96))
    ]
    assert await times(["Date;Time;Temp", *rows]) == even(30, 96)


@pytest.mark.parametrize(
    "write",
    [
        "{a:%Y-%m-%dT%H:%MZ}/{b:%Y-%m-%dT%H:%MZ}",
        "{a:%d/%m/%Y %H:%M} - {b:%d/%m/%Y %H:%M}",
        "{a:%Y-%m-%d %H:%M} to {b:%Y-%m-%d %H:%M}",
        "{a:%Y-%m-%d %H:%M} – {b:%H:%M}",
        "{a:%Y-%m-%dT%H:%MZ}/PT1H",
    ],
)
async def test_intervals_stand_at_their_beginning(write):
    rows = [f"{write.format(a=at, b=at + timedelta(hours=1))};{n}.5" for n, at in enumerate(steps(60, 72))]
    assert await times(["Interval;Flow", *rows]) == even(60, 72)


@pytest.mark.parametrize("names", ["From;To", "Start;Ende", "x;y"])
async def test_of_two_columns_of_times_the_end_is_left(names):
    rows = [f"{at:%Y-%m-%d %H:%M};{at + timedelta(hours=1):%Y-%m-%d %H:%M};{n}.5" for n, at in enumerate(steps(60, 30))]
    assert await times([f"{names};Flow", *rows]) == even(60, 30)


async def test_two_times_that_do_not_follow_one_another_are_asked_about():
    rows = [
        f"{at:%Y-%m-%d %H:%M};{at + timedelta(days=n * 7 % 9):%Y-%m-%d %H:%M};{n}.5"
        for n, at in enumerate(steps(60, 30))
    ]
    with pytest.raises(Question):
        await times(["a;b;Flow", *rows])


def days_with_a_change(write, first=datetime(2023, 10, 27), hours=25):
    """Rows of five days, of which the third has another number of hours."""
    days = [first + timedelta(days=n) for n in range(5)]
    return [row for n, day in enumerate(days) for row in write(day, hours if n == 2 else 24)]


@pytest.mark.parametrize(("first", "hours"), [(datetime(2023, 10, 27), 25), (datetime(2024, 3, 29), 23)])
@pytest.mark.parametrize("across", [False, True])
async def test_numbered_hours_of_days_on_which_clocks_change_ask_for_the_zone(first, hours, across):
    if across:
        head = ";".join(["Data", *(f"H{n}" for n in range(1, hours + (hours < 24) + 1))])
        rows = days_with_a_change(
            lambda day, count: [";".join([f"{day:%d/%m/%Y}", *(f"{day.day},{n:02}" for n in range(count))])],
            first,
            hours,
        )
        answer = {"layout": "wide", "time_columns": ["Data"], "date_format": "%d/%m/%Y H#1h"}
    else:
        head = "Data;Hora;Valor"
        rows = days_with_a_change(
            lambda day, count: [f"{day:%d/%m/%Y};{n + 1};{day.day},{n:02}" for n in range(count)], first, hours
        )
        answer = {"date_format": "%d/%m/%Y #1h"}
    text = "\n".join([head, *rows])
    question = await asked(text, **answer)
    assert question.field == "timezone"
    assert "Europe/Berlin" in question.choices
    [points] = (await reading(text, **answer, timezone="Europe/Madrid")).points.values()
    times = sorted(points)
    assert {later - earlier for earlier, later in pairwise(times)} == {HOUR}
    assert len(times) == 4 * 24 + hours


async def test_numbered_hours_of_a_day_that_is_not_over_ask_for_no_zone():
    rows = [f"{day:02}/06/2023;{n};{day},{n:02}" for day in range(1, 6) for n in range(1, 25 if day < 5 else 24)]
    [points] = (await reading("\n".join(["Data;Hora;Valor", *rows]), date_format="%d/%m/%Y #1h")).points.values()
    assert len(points) == 4 * 24 + 23


async def test_a_25th_hour_of_any_day_asks_for_the_zone():
    rows = days_with_a_change(
        lambda day, count: [f"{day:%d/%m/%Y};{n + 1};{day.day},{n:02}" for n in range(count)], datetime(2023, 6, 1), 25
    )
    question = await asked("\n".join(["Data;Hora;Valor", *rows]), date_format="%d/%m/%Y #1h")
    assert question.field == "timezone"
