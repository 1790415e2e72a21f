"""Fields of numbers that nobody reads."""

import pytest

from slackwater.runtime.api.unread_fields import unread_fields


@pytest.mark.parametrize(
    ("record", "unread"),
    [
        ({"time": "2024-01-01", "level": 1.5, "id": 7}, []),
        ({"time": "2024-01-01", "level": 1.5, "flow": 2}, ["flow"]),
        ({"time": "2024-01-01", "level": 1.5, "flow": "2.5"}, ["flow"]),
        ({"level": 1.5, "deep": {"flow": 2, "id": 3}}, ["deep.flow", "deep.id"]),
        ({"level": 1.5, "pair": [1, 2]}, []),
        ({"level": 1.5, "others": [1, None, 2]}, ["others"]),
        ({"level": 1.5, "note": "dry", "open": True, "nothing": None, "list": [{"x": 1}], "empty": []}, []),
    ],
)
def test_those_which_are_neither_read_nor_known(record: dict[str, object], unread: list[str]) -> None:
    assert unread_fields([record], ("time", "level", "id", "pair.1")) == unread


def test_few_records_of_many_are_looked_at_to_the_end() -> None:
    records = [{"level": n} for n in range(39)] + [{"level": 1, "flow": 2}] * 400
    assert unread_fields(records, ("level",)) == ["flow"]
