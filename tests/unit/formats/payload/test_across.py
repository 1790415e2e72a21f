"""Fields that are called by their times, as one record for each."""

import pytest

from slackwater.formats.payload.across import across


@pytest.mark.parametrize(
    ("pattern", "record", "expected"),
    [
        ("{month}", {"y": 1, "01": 2, "12": 3, "13": 4}, [("01", 2), ("12", 3)]),
        ("{month}", {"y": 1, "Jan": 2, "Dez": 3, "mean": 4}, [("Jan", 2), ("Dez", 3)]),
        ("H{hour}", {"y": 1, "H0": 2, "H24": 3, "H25": 4, "1": 5}, [("0", 2), ("24", 3)]),
        ("d{day}", {"y": 1, "d29": 2, "d30": None, "d31": ""}, [("29", 2)]),  # a month may not have it
        ("months.{month}", {"y": 1, "months": {"02": 2, "all": 3}}, [("02", 2)]),
        ("{%Y%m}", {"y": 1, "202401": 2, "20240": 3}, [("202401", 2)]),
        ("Y{year}", {"y": 1, "Y2024": 2, "Y24": 3, "2024": 4}, [("2024", 2)]),
        ("{quarter}", {"y": 1, "2024-Q1": {"v": 2}, "Q1": 3}, [("2024-Q1", {"v": 2})]),
    ],
)
def test_each_time_is_a_record_with_what_stands_beside(pattern, record, expected):
    found = across([record], pattern)
    part = next((name for name in ("month", "hour", "day") if f"{{{name}}}" in pattern), "key")
    assert [(each[part], each["value"]) for each in found] == expected
    assert all(each["y"] == 1 for each in found)
    assert across(found, pattern) == found  # again is no harm


def test_records_without_such_fields_stay():
    assert across([{"a": 1}, None, "x"], "{year}") == [{"a": 1}, None, "x"]


def test_a_pattern_without_a_time_is_refused():
    with pytest.raises(ValueError, match="has no time in braces"):
        across([], "month")
