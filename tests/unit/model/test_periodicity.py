"""Words and durations: each form that is understood, and each that is refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slackwater.model.instants import DAY, HOUR, MINUTE, SECOND, WEEK, YEAR
from slackwater.model.periodicity import MONTH, name_of, parse_duration, parse_periodicity, poll_interval

quick = settings(deadline=None, max_examples=200)

WORDS = [
    ("Hourly", HOUR),
    ("hourly", HOUR),
    ("HOURLY", HOUR),
    ("Horário", HOUR),
    ("Horária", HOUR),
    ("por hora", HOUR),
    ("Daily", DAY),
    ("Diário", DAY),
    ("diario", DAY),
    ("DIÁRIA", DAY),
    ("Diariamente", DAY),
    ("Weekly", WEEK),
    ("Semanal", WEEK),
    ("semanalmente", WEEK),
    ("Quinzenal", 2 * WEEK),
    ("fortnightly", 2 * WEEK),
    ("Monthly", MONTH),
    ("Mensal", MONTH),
    ("MENSALMENTE", MONTH),
    ("Bimestral", 2 * MONTH),
    ("Quarterly", 3 * MONTH),
    ("Trimestral", 3 * MONTH),
    ("Semestral", 6 * MONTH),
    ("half-yearly", 6 * MONTH),
    ("Yearly", YEAR),
    ("Annual", YEAR),
    ("Anual", YEAR),
    ("Anualmente", YEAR),
    ("Decenal", 10 * YEAR),
    ("Tempo real", MINUTE),
    ("  Mensal \n", MONTH),
    ("Dia\u0301rio", DAY),
]


@pytest.mark.parametrize(("text", "micros"), WORDS)
def test_words_in_english_and_portuguese(text, micros):
    assert parse_periodicity(text) == micros


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("15m", 15 * MINUTE),
        ("15M", 15 * MINUTE),
        ("15 min", 15 * MINUTE),
        ("6h", 6 * HOUR),
        ("6H", 6 * HOUR),
        ("2w", 2 * WEEK),
        ("30s", 30 * SECOND),
        ("1d", DAY),
        ("3mo", 3 * MONTH),
        ("1y", YEAR),
        ("1000y", 1000 * YEAR),
    ],
)
def test_short_forms(text, micros):
    assert parse_periodicity(text) == micros


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("P1D", DAY),
        ("p1d", DAY),
        ("PT15M", 15 * MINUTE),
        ("P1M", MONTH),
        ("P1Y", YEAR),
        ("P2W", 2 * WEEK),
        ("PT1H30M", 90 * MINUTE),
        ("P1DT12H", 36 * HOUR),
        ("PT0.5H", 30 * MINUTE),
        ("PT0,5H", 30 * MINUTE),
        ("P1Y2M3DT4H5M6S", YEAR + 2 * MONTH + 3 * DAY + 4 * HOUR + 5 * MINUTE + 6 * SECOND),
    ],
)
def test_iso_durations(text, micros):
    assert parse_periodicity(text) == parse_duration(text) == micros


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "often",
        "diária e semanal",
        "15",
        "m",
        "0h",
        "0s",
        "-5m",
        "1.5h",
        "5 q",
        "1001y",
        "P",
        "PT",
        "P1",
        "P1DT",
        "1D1H",
        "PT-1H",
        "P1H",
        "PT0S",
        "P1001Y",
        "PT0.1S",
        "P1e5D",
        "999999999999w",
        "9" * 5_000 + "w",
        "P" + "9" * 400 + "D",
    ],
)
def test_what_is_no_periodicity_is_refused_with_the_way_out(text):
    with pytest.raises(ValueError, match=r"is not a periodicity; use a word .* a short form .* ISO 8601"):
        parse_periodicity(text)


def test_a_duration_may_be_nothing_but_not_endless():
    assert parse_duration("P0D") == parse_duration("PT0S") == 0
    assert parse_duration("P1000Y") == 1000 * YEAR
    for text in ("P1001Y", "P" + "9" * 400 + "D"):
        with pytest.raises(ValueError, match=r"longer than 1,000 years"):
            parse_duration(text)
    for text in ("", "P", "PT", "30", "15m", "P1M1Y", "PD", "P1DT"):
        with pytest.raises(ValueError, match="is not an ISO 8601 duration"):
            parse_duration(text)


@quick
@given(st.text(max_size=12) | st.from_regex(r"P(\d+Y)?(\d+D)?(T\d+H)?", fullmatch=True))
def test_any_text_is_a_sane_period_or_a_value_error(text):
    try:
        micros = parse_periodicity(text)
    except ValueError:
        return
    assert SECOND <= micros <= 1000 * YEAR


@quick
@given(st.integers(0, 5), st.integers(0, 400), st.integers(0, 100), st.integers(0, 5_000))
def test_the_parts_of_a_duration_add_up(years, days, hours, seconds):
    total = years * YEAR + days * DAY + hours * HOUR + seconds * SECOND
    assert parse_duration(f"P{years}Y{days}DT{hours}H{seconds}S") == total


@pytest.mark.parametrize(("period", "interval"), [(MINUTE, MINUTE), (DAY, DAY), (DAY + 1, DAY), (YEAR, DAY)])
def test_anything_slower_than_a_day_polls_once_a_day(period, interval):
    assert poll_interval(period) == interval


@pytest.mark.parametrize(
    ("period", "name"),
    [
        (HOUR, "hourly"),
        (DAY, "daily"),
        (WEEK, "weekly"),
        (28 * DAY, "monthly"),
        (31 * DAY, "monthly"),
        (91 * DAY, "quarterly"),
        (182 * DAY, "half-yearly"),
        (366 * DAY, "yearly"),
        (10 * MINUTE, None),
        (40 * DAY, None),
    ],
)
def test_a_period_has_the_name_that_people_give_it(period, name):
    assert name_of(period) == name
