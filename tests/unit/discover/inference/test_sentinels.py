"""Numbers that stand apart from all others and are written as marks for no value are asked about, others are not."""

import pytest

from slackwater.discover.inference.sentinels import said_for_none, sentinels_in

MEASURED = [14.2, 15.1, 13.8, 16.4, 14.9, 15.5, 13.1, 14.4, 16.0, 15.2]
COUNTED = [24.0, 31.0, 18.0, 27.0, 35.0, 22.0, 29.0, 19.0, 33.0, 26.0]


@pytest.mark.parametrize("mark", [99, 99.9, 999, 888, -1, -9, 9.96921e36])
@pytest.mark.parametrize("others", [MEASURED, COUNTED], ids=["measured", "counted"])
def test_a_mark_that_comes_again_apart_from_all_others_is_doubtful(mark, others):
    assert sentinels_in([[*others[:4], mark, *others[4:], mark]]).doubtful == (mark,)


@pytest.mark.parametrize("mark", [999.9, 9999, 88888])
def test_a_single_one_is_doubtful_where_no_extreme_lies_so_far(mark):
    assert sentinels_in([[*MEASURED, mark]]).doubtful == (mark,)


def test_a_whole_one_below_decimals_is_doubtful_however_far_these_lie_apart():
    energy = [381.3, 293.8, 170.3, 52.2, -88.7, -304.1, -345.3]
    assert sentinels_in([[*energy, -999.0]]).doubtful == (-999.0,)
    assert not sentinels_in([[*map(round, energy), -999.0]]).doubtful
    assert not sentinels_in([[*energy, -1200.5, -999.0]]).doubtful


def test_a_count_below_zero_is_doubtful_though_next_to_zero():
    counts = [0.0, 3.0, 41.0, 7.0, 12.0, 0.0, 25.0, 9.0, 18.0, 30.0, 2.0]
    assert sentinels_in([[*counts, -1, -1, -1]]).doubtful == (-1,)
    assert sentinels_in([[*[count % 4 for count in counts], -1, -1, -1]]).doubtful == ()  # small changes are counted so


@pytest.mark.parametrize(
    "numbers",
    [
        [*COUNTED, 88.0],  # of two digits
        [0.0, 2.5, 41.0, 0.0, 12.3, 8.0, 0.5, 33.0, 99.0],  # an extreme, once
        [91, 93, 96, 97, 99, 99, 98, 94, 95, 92],  # among the others
        [0.0, 2.5, 41.0, 0.0, 12.3, 88.0, 0.5, 63.0, 99.0, 99.0],  # not far from the next
        [1200, 5400, 300, 2100, 9999, 800, 7400, 4100, 600, 3300],
        [3.1, 99, 99],  # too few others
    ],
)
def test_what_may_well_be_measured_is_no_mark(numbers):
    found = sentinels_in([numbers])
    assert (found.sure, found.doubtful) == ((), ())


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("# Missing value: -777", -777),
        ("#REXCHANGE123|*|RINVAL-777|*|RTIMELVLhigh|*|", -777),
        ("NODATA_value = -1", -1),
        ("_FillValue 1e+20", 1e20),
        ("-1 indicates missing data", -1),
        ("-555 = sem dados", -555),
        ("Fehlwerte sind mit -7777 gekennzeichnet", None),
        ("Fehlwert: -7777", -7777),
        ("Missing data is flagged as -88", -88),
        ("Missing days: 12", None),
        ("Missing data: 5 %", None),
        ("Missing data: 2019-2020", None),
        ("Missing data below 10 are estimated", None),
        ("Invalid from 10:30", None),
        ("Data missing since 3.5.2020", None),
    ],
)
def test_what_lines_above_a_table_say_stands_for_no_value(line, number):
    assert said_for_none([line]) == ({} if number is None else {number: True})


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("# Missing values: 99 of 365", 99),
        ("Missing values: 99", 99),
        ("Missing value: 12", 12),
        ("Missing: 99, present: 266", 99),
        ("Missing data 999 days", 999),
        ("# Invalid: -20 to 60 is the range of the sensor", -20),
        ("# No data -9 m below datum", -9),
        ("# wind: missing value -9", -9),
        ("# -1 means missing payment", -1),
        ("Temperature (missing = -555)", -555),
    ],
)
def test_what_a_line_says_among_other_words_may_stand_for_no_value(line, number):
    assert said_for_none([line]) == {number: False}
    found = sentinels_in([[*MEASURED, number]], {number: False})
    assert (found.sure, found.doubtful) == ((), (number,))


def test_a_number_that_the_file_calls_none_is_none_where_it_lies_outside_of_the_others():
    assert sentinels_in([[*MEASURED, -777.0]], {-777.0: True}).sure == (-777.0,)
    assert sentinels_in([[*MEASURED, -777.0]]).sure == ()
    assert sentinels_in([MEASURED], {-777.0: True}).sure == ()


@pytest.mark.parametrize(("number", "sure"), [(14.9, True), (13.1, False), (3.0, False)])
def test_a_number_that_may_be_a_count_of_what_is_missing_is_doubtful(number, sure):
    found = sentinels_in([[*MEASURED, number]], {number: sure})
    assert (found.sure, found.doubtful) == ((), (number,))


def test_a_number_for_none_lies_outside_of_the_others_though_beyond_it_is_another():
    assert sentinels_in([[*MEASURED, -777.0, -9999.0, -9999.0]], {-777.0: True}).sure == (-9999.0, -777.0)


def test_a_number_for_none_that_another_column_measured_is_doubtful():
    cold = [number - 20 for number in MEASURED]
    found = sentinels_in([[*MEASURED, -5.0], [*cold, -5.0]], {-5.0: True})
    assert (found.sure, found.doubtful) == ((), (-5.0,))


def test_a_count_of_what_is_missing_that_lies_among_the_others_is_measured():
    assert sentinels_in([[*MEASURED, 14.9]], {14.9: False}).doubtful == ()


def test_a_number_that_is_surely_none_stays_so_whatever_other_lines_say():
    assert said_for_none(["Missing value: 999", "Missing: 999"]) == {999: True}


@pytest.mark.parametrize("columns", [[[*MEASURED, 77.0]], [[*MEASURED, 77.0], [77.0] * 9]])
def test_a_number_for_none_may_be_above_all_others_or_alone(columns):
    found = sentinels_in(columns, {77.0: True})
    assert (found.sure, found.doubtful) == ((77.0,), ())


def test_one_number_for_none_does_not_stand_among_the_others_for_another():
    found = sentinels_in([[*MEASURED, -9.0, -777.0]], {-9.0: True, -777.0: True})
    assert (found.sure, found.doubtful) == ((-777.0, -9.0), ())
