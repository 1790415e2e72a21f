from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slackwater.formats.timestamp_inference import TimeForm, infer_time_form
from slackwater.formats.timestamps import time_parser
from slackwater.model.instants import parse_iso, to_micros

LISBON = ZoneInfo("Europe/Lisbon")
minutes = st.datetimes(datetime(1900, 1, 1), datetime(2199, 12, 31)).map(lambda at: at.replace(second=0, microsecond=0))
DATE_FORMS = ["%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y/%m/%d", "%Y%m%d", "%d %b %Y", "%j %Y"]


def micros(at: datetime) -> int:
    return to_micros(at.replace(tzinfo=UTC))


@given(st.lists(st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)), min_size=1, max_size=5), st.sampled_from("T "))
def test_an_iso_time_is_read_as_it_was_written(moments, mark):
    texts = [at.isoformat(mark) for at in moments]
    assert time_parser("iso", UTC)(texts) == [micros(at) for at in moments]


@given(st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)), st.integers(-14 * 4, 14 * 4))
def test_a_zone_in_the_text_goes_before_the_zone_of_the_column(at, quarters):
    sign, (hours, minutes_) = "-" if quarters < 0 else "+", divmod(abs(quarters) * 15, 60)
    text = f"{at.isoformat()}{sign}{hours:02}:{minutes_:02}"
    expected = [micros(at - timedelta(minutes=quarters * 15))]
    assert time_parser("iso", UTC)([text]) == expected
    assert time_parser("iso", LISBON)([text]) == expected


@given(st.datetimes(datetime(1890, 1, 1), datetime(2100, 1, 1)), st.sampled_from(["Europe/Lisbon", "Asia/Kathmandu"]))
def test_wall_clocks_agree_with_the_standard_library(at, name):
    expected = to_micros(at.replace(tzinfo=ZoneInfo(name)))
    assert time_parser("iso", ZoneInfo(name))([at.isoformat()]) == [expected]
    assert time_parser("iso", ZoneInfo(name))([at]) == [expected]


@pytest.mark.parametrize("form", DATE_FORMS)
@pytest.mark.parametrize("clock", ["", " %H:%M", "T%H:%M:%S", " %I:%M %p"])
@given(at=minutes)
def test_every_form_reads_what_it_writes(form, clock, at):
    at = at if clock else at.replace(hour=0, minute=0)
    text = at.strftime(form + clock)
    assert time_parser(form + clock, UTC)([text, f" {text} ", "", None, "31/31/2020x"]) == [micros(at)] * 2 + [None] * 3


@pytest.mark.parametrize(
    ("form", "cell", "expected"),
    [
        ("iso", "2020-02", "2020-02-01"),
        ("iso", "2020", "2020-01-01"),
        ("iso", 2020.0, "2020-01-01"),
        ("iso", "20200131T101500", "2020-01-31T10:15"),
        ("iso", "2020-01-31T24:00", "2020-02-01"),
        ("iso", "2020-01-31 10:00:00.123456789Z", "2020-01-31T10:00:00.123456"),
        ("iso", date(2020, 1, 31), "2020-01-31"),
        ("year", "2020", "2020-01-01"),
        ("year", 1999.0, "1999-01-01"),
        ("epoch_s", "1700000000", "2023-11-14T22:13:20"),
        ("epoch_s", 1700000000.5, "2023-11-14T22:13:20.5"),
        ("epoch_ms", 1700000000000, "2023-11-14T22:13:20"),
        ("epoch_us", "1700000000000000", "2023-11-14T22:13:20"),
        ("excel", 45000.5, "2023-03-15T12:00"),
        ("excel", 59, "1900-02-28"),
        ("excel", 61, "1900-03-01"),
        ("%Y%m%d", 20200131.0, "2020-01-31"),
        ("%Y-%m", "2020-02", "2020-02-01"),
        ("%d/%m/%Y %H:%M", "1/2/2020 3:04:05.5", "2020-02-01T03:04:05.5"),
        ("%d/%m/%Y %H:%M", "01/02/2020", "2020-02-01"),
        ("%d %b %Y %H:%M", "05 Mar 2024  9:30", "2024-03-05T09:30"),
    ],
)
def test_forms(form, cell, expected):
    assert time_parser(form, UTC)([cell]) == [parse_iso(expected)]


@pytest.mark.parametrize(
    ("form", "cell"),
    [
        ("iso", "31/01/2020"),
        ("iso", "2020-02-30"),
        ("iso", True),
        ("iso", "2020-01-01T25:00"),
        ("iso", 1.5),
        ("iso", "0001-01-01T00:00+05:00"),
        ("year", "2020.5"),
        ("year", 10000),
        ("year", "x"),
        ("epoch_s", 1e300),
        ("epoch_s", float("nan")),
        ("epoch_s", float("inf")),
        ("excel", 0),
        ("excel", 1e7),
        ("%d/%m/%Y", "31/02/2020"),
        ("%d/%m/%Y", "31/31/2020"),
        ("%d/%m/%Y", "01/02/2020 10:00"),
        ("%d/%m/%Y", 7),
        ("%Y%m%d", "2020111"),
        ("%d/%m/%Y %H:%M", "01/02/2020 10:61"),
    ],
)
def test_what_is_no_time_is_none(form, cell):
    assert time_parser(form, UTC)([cell, cell]) == [None, None]


@pytest.mark.parametrize("form", ["%Q", "dd/mm/yyyy", "abc"])
def test_a_form_that_is_none_is_refused(form):
    with pytest.raises(ValueError, match="is not a date format"):
        time_parser(form, UTC)


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        (["01/02/2020", "13/02/2020"], TimeForm("%d/%m/%Y")),
        (["01/02/2020", "02/13/2020"], TimeForm("%m/%d/%Y")),
        (["01/02/2020", "03/04/2020"], TimeForm("%d/%m/%Y", ("%m/%d/%Y",))),
        (["01/01/2020", "02/02/2020"], TimeForm("%d/%m/%Y")),  # the same days, either way
        ([f"01/{month:02}/{year}" for year in (2018, 2019, 2020) for month in range(1, 13)], TimeForm("%d/%m/%Y")),
        (["05/01/2018", "07/01/2019", "02/01/2020"], TimeForm("%d/%m/%Y", ("%m/%d/%Y",))),
        ([f"{month:02}/01/{year}" for year in (2018, 2019, 2020) for month in range(1, 13)], TimeForm("%m/%d/%Y")),
        (["2020-01-01", "2020-01-02T10:00Z"], TimeForm("iso")),
        ([date(2020, 1, 1), None], TimeForm("iso")),
        ([2000.0, 2001.0], TimeForm("year")),
        (["1999", "2000"], TimeForm("year")),
        (["20200131"], TimeForm("%Y%m%d")),
        ([1.7e9], TimeForm("epoch_s")),
        ([1700000000000], TimeForm("epoch_ms")),
        (["29-12-2001 10:00:00"], TimeForm("%d-%m-%Y %H:%M")),
        (["01/13/2020 10:00 PM"], TimeForm("%m/%d/%Y %I:%M %p")),
        (["Jan 2020", "Feb 2021"], TimeForm("%b %Y")),
        (["1.5", "2"], None),
        (["a", "2020-01-01"], None),
        ([True], None),
        ([None, ""], None),
    ],
)
def test_the_form_is_told_from_the_whole_sample(samples, expected):
    assert infer_time_form(samples) == expected


@settings(deadline=None)  # it tries some dozens of forms
@given(st.sampled_from(DATE_FORMS[:6]), st.lists(minutes, min_size=1, max_size=30))
def test_what_is_inferred_reads_the_sample_right_or_says_that_it_may_not(form, moments):
    texts = [at.strftime(form) for at in moments]
    found = infer_time_form(texts)
    assert found is not None
    truth = time_parser(form, UTC)(texts)
    readings = [time_parser(each, UTC)(texts) for each in (found.form, *found.rivals)]
    assert truth in readings or {at.month for at in moments} == {1}


def test_numbers_of_minutes_with_years_of_two_digits_are_no_seconds():
    assert infer_time_form([f"23013110{minute:02}" for minute in range(0, 60, 15)] + ["2301311100"]) is None
    assert infer_time_form([1701011200]).form == "epoch_s"  # which names a minute by chance
