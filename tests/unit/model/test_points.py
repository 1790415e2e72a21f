"""A batch of points: packing, unpacking, and every rule that makes one unacceptable."""

import sys
from array import array

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slackwater.errors import ProtocolViolation
from slackwater.model.instants import EARLIEST, LATEST
from slackwater.model.points import MAX_POINTS, MAX_SERIES_NAME, Column, checked, rows

quick = settings(deadline=None, max_examples=100)


def column(times, values, series="value"):
    return Column.of(series, array("q", times), array("d", values))


@quick
@given(st.lists(st.tuples(st.integers(EARLIEST, LATEST), st.floats(allow_nan=False, allow_infinity=False)), max_size=9))
def test_what_is_packed_comes_back(points):
    times, values = [x for x, _ in points], [y for _, y in points]
    packed = column(times, values, "Ç")
    assert len(packed) == len(points)
    assert (list(packed.times()), list(packed.values())) == (times, values)
    assert list(rows(checked([packed]))) == [("Ç", x, y) for x, y in points]


def test_goes_over_the_pipe_in_little_endian_whatever_the_machine():
    packed = column([1], [1.0])
    assert packed.x == b"\x01" + bytes(7)
    assert packed.y == bytes(6) + b"\xf0\x3f"
    assert sys.byteorder in ("little", "big")


def test_rows_run_through_the_columns_in_order():
    assert list(rows([column([2, 1], [5, 6], "a"), column([], [], "b"), column([9], [7], "c")])) == [
        ("a", 2, 5.0),
        ("a", 1, 6.0),
        ("c", 9, 7.0),
    ]


@pytest.mark.parametrize("times", [[EARLIEST], [LATEST], [EARLIEST, 0, LATEST], []])
def test_the_whole_calendar_is_acceptable(times):
    columns = [column(times, [0.0] * len(times))]
    assert checked(columns) is columns


def test_the_limits_themselves_are_acceptable():
    checked([column(range(MAX_POINTS), [0.0] * MAX_POINTS, "x" * MAX_SERIES_NAME)])
    checked([])


BAD = {
    "more than 100,000 points": [column(range(MAX_POINTS), [0.0] * MAX_POINTS), column([0], [0.0])],
    "a series name must have 1 to 300": [column([1], [1], "")],
    "a series name must": [column([1], [1], "x" * (MAX_SERIES_NAME + 1))],
    "differ in length": [Column("value", bytes(16), bytes(8))],
    "x and y of series 'value' differ": [Column("value", b"", bytes(8))],
    "x and y of series 'odd' differ": [Column("odd", bytes(7), bytes(7))],
    "a time of series 'value' is outside": [column([0, EARLIEST - 1], [0, 0])],
    "outside the years 1 to 9999": [column([LATEST + 1], [0])],
    "outside": [column([-(2**63), 2**63 - 1], [0, 0])],
    "not a finite number": [column([1, 2], [0, float("nan")])],
    "a value of series 'later'": [column([1], [1], "fine"), column([1], [float("-inf")], "later")],
}


@pytest.mark.parametrize("reason", BAD)
def test_each_broken_rule_is_named(reason):
    with pytest.raises(ProtocolViolation, match=reason):
        checked(BAD[reason])


@quick
@given(st.binary(max_size=40), st.binary(max_size=40))
def test_any_bytes_are_points_or_a_violation(x, y):
    try:
        (good,) = checked([Column("value", x, y)])
    except ProtocolViolation:
        return
    assert len(list(rows([good]))) == len(x) / 8 == len(y) / 8
