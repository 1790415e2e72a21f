from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackwater.model.buckets import Granularity, backwards, bucket_of, fitting, onwards
from slackwater.model.instants import DAY, EARLIEST, HOUR, LATEST, YEAR, from_micros, iso, parse_iso

moments = st.integers(EARLIEST, LATEST)
granularities = st.sampled_from(Granularity)


@pytest.mark.parametrize(
    ("granularity", "start", "end"),
    [
        (Granularity.HOUR, "2024-02-29T13:00:00Z", "2024-02-29T14:00:00Z"),
        (Granularity.DAY, "2024-02-29T00:00:00Z", "2024-03-01T00:00:00Z"),
        (Granularity.WEEK, "2024-02-26T00:00:00Z", "2024-03-04T00:00:00Z"),
        (Granularity.MONTH, "2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z"),
        (Granularity.YEAR, "2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z"),
    ],
)
def test_a_leap_day_lies_in_the_buckets_of_the_calendar(granularity, start, end):
    found = bucket_of(granularity, parse_iso("2024-02-29T13:59:59.999999Z"))
    assert (iso(found[0]), iso(found[1])) == (start, end)


def test_before_the_epoch_buckets_begin_where_the_calendar_says():
    assert iso(bucket_of(Granularity.HOUR, -1)[0]) == "1969-12-31T23:00:00Z"
    assert iso(bucket_of(Granularity.WEEK, -1)[0]) == "1969-12-29T00:00:00Z"
    assert iso(bucket_of(Granularity.YEAR, parse_iso("1958-03-29"))[0]) == "1958-01-01T00:00:00Z"


@given(granularities, moments)
def test_a_bucket_holds_its_moment_and_begins_itself(granularity, x):
    start, end = bucket_of(granularity, x)
    assert start <= x < end
    assert bucket_of(granularity, start) == (start, end) == bucket_of(granularity, end - 1)


@given(moments)
def test_a_week_begins_on_monday_at_midnight(x):
    start, _ = bucket_of(Granularity.WEEK, x)
    begin = from_micros(start)
    if start > EARLIEST:
        assert begin.weekday() == 0
        assert (begin.hour, begin.minute, begin.second, begin.microsecond) == (0, 0, 0, 0)


@given(moments)
def test_a_month_is_the_one_of_the_calendar(x):
    start, end = bucket_of(Granularity.MONTH, x)
    moment = from_micros(x)
    assert from_micros(start) == datetime(moment.year, moment.month, 1, tzinfo=UTC)
    assert from_micros(end - 1).month == moment.month
    assert end == LATEST + 1 or from_micros(end - 1) + timedelta(microseconds=1) == from_micros(end)


@given(granularities, moments)
def test_neighbours_touch_in_both_directions(granularity, x):
    there = list(islice(onwards(granularity, x), 5))
    assert all(one[1] == next_one[0] for one, next_one in pairwise(there))
    back = list(islice(backwards(granularity, there[-1][0]), len(there)))
    assert back == there[::-1]


@given(moments, st.integers(0, 400 * YEAR), st.integers(2, 5_000))
def test_auto_takes_the_finest_that_fits(first, span, most):
    chosen = fitting(first, first + span, most)
    widths = dict(zip(Granularity, (HOUR, DAY, 7 * DAY, YEAR // 12, YEAR), strict=True))
    finer = [each for each in Granularity if widths[each] < widths[chosen]]
    assert chosen is Granularity.YEAR or span // widths[chosen] < most
    assert all(span // widths[each] >= most for each in finer)
