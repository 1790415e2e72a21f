"""Lists within the records that hold most of the numbers are asked about, never left out for a number beside them."""

import pytest

from slackwater.discover.inference.plausibility import numbers_in_lists, refuse_unread_lists
from slackwater.errors import Question


def days(count: int, inner: list[dict[str, object]], **beside: object) -> list[dict[str, object]]:
    return [{"day": f"2024-01-{n + 1:02}", "no": n, "part": {"rows": inner}, **beside} for n in range(count)]


@pytest.mark.parametrize("written", [float, str])
def test_most_of_the_numbers_in_lists_are_a_question(written):
    inner = [{"hour": n, "price": written(n * 1.5)} for n in range(24)]
    with pytest.raises(Question, match=r"lists at `part\.rows` within the records hold 336 numbers, .* reads 7 others"):
        refuse_unread_lists(numbers_in_lists(days(7, inner)), 7)


@pytest.mark.parametrize(
    "inner",
    [[], [{"tag": "a"}, {"tag": "b"}, {"tag": "c"}], [{"id": 1}, {"id": 2}], [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]],
)
def test_labels_and_coordinates_are_none(inner):
    refuse_unread_lists(numbers_in_lists(days(7, inner)), 7)
