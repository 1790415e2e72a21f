"""A clock beside a date is the time of each record, or tells when something was on that day."""

from calendar import month_name

import pytest

from slackwater.discover.api.records.split_time import refuse_clock_within, spread_time
from slackwater.errors import Question

DAYS = [f"2026-05-{day:02}" for day in range(1, 20)]
CLOCKS = [f"{8 + day % 9:02}:{day * 7 % 60:02}" for day in range(1, 20)]


def columns(name, behind="", times=1):
    return {"date": [f"{day}{behind}" for day in DAYS * times], name: CLOCKS * times, "value": [1.5] * 19 * times}


@pytest.mark.parametrize("behind", ["", "T00:00:00"])
@pytest.mark.parametrize(("name", "times"), [("peak_time", 1), ("sunriseTime", 3), ("charging_time", 1)])
def test_a_clock_that_may_be_of_something_in_the_day_is_asked_about(name, times, behind):
    table = columns(name, behind, times)
    fields, _ = spread_time(table)
    with pytest.raises(Question) as raised:
        refuse_clock_within(table, fields)
    assert raised.value.alternatives == [{"date_field": "date"}, {"date_field": f"date,{name}"}]


@pytest.mark.parametrize(
    ("name", "times"), [("time", 1), ("hour", 1), ("obs_time", 1), ("measurementTime", 1), ("sale_time", 4)]
)
def test_a_clock_of_each_record_is_none(name, times):
    table = columns(name, times=times)
    fields, _ = spread_time(table)
    assert fields == ("date", name)
    refuse_clock_within(table, fields)


@pytest.mark.parametrize(
    "names", ["visitDate visitTime", "order_date order_time", "dato tid", "data czas", "tarih saat"]
)
def test_a_clock_that_is_called_as_its_date_is_the_time_of_each_record(names):
    date, clock = names.split()
    table = {date: DAYS, clock: CLOCKS, "value": [1.5] * 19}
    fields, _ = spread_time(table)
    assert fields == (date, clock)
    refuse_clock_within(table, fields)


MONTHS = [*month_name][1:]


@pytest.mark.parametrize(
    ("name", "first", "read"),
    [
        ("jahr_nr", 0, True),
        ("jahr_nr", 6, False),
        ("year", 0, True),
        ("year", 9, False),
        ("fiscal_year", 0, False),
        ("safra", 8, False),
    ],
)
def test_months_of_years_that_begin_in_another_one_are_not_read(name, first, read):
    counted = range(3, 40)
    years = [2018 + n // 12 + (first > 0 and n % 12 >= first) for n in counted]
    table = {name: years, ("month" if name == "year" else "mois_nom"): [MONTHS[n % 12] for n in counted]}
    assert (spread_time(table) is not None) is read
    backwards = {path: cells[::-1] for path, cells in table.items()}
    assert (spread_time(backwards) is not None) is read


@pytest.mark.parametrize("name", ["jahr_nr", "year"])
def test_records_of_several_places_begin_anew_within_a_year(name):
    years = [year for year in (2018, 2019, 2020) for _ in range(3 * 12)]
    months = MONTHS * 9
    assert spread_time({name: years, "month": months}) is not None
    assert spread_time({name: years[::12] * 12, "month": [month for month in MONTHS for _ in range(9)]}) is not None
