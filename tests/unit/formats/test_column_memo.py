"""What was inferred of a column is remembered for the same cells alone."""

import pytest

from slackwater.formats import column_memo
from slackwater.formats.column_memo import ColumnMemo
from slackwater.formats.numbers import infer_number_form
from slackwater.formats.timestamp_inference import infer_time_form


@pytest.fixture
def counted():
    seen = []

    def infer(cells, least):
        seen.append((list(cells), least))
        return len(seen)

    memo = ColumnMemo(infer)
    return memo, seen


def test_the_same_cells_are_looked_at_once(counted):
    memo, seen = counted
    assert memo(["a", None, 1], 0.9) == memo(("a", None, 1), 0.9) == 1
    assert len(seen) == 1


@pytest.mark.parametrize(
    ("cells", "others"),
    [([1], [True]), ([1], [1.0]), ([0], [False]), (["1"], [1]), (["a", "b"], ["b", "a"]), ([], [None])],
)
def test_cells_of_another_type_or_order_are_others(counted, cells, others):
    memo, _ = counted
    assert memo(cells, 0.9) != memo(others, 0.9)


def test_another_share_is_another_question(counted):
    memo, _ = counted
    assert memo(["a"], 0.9) != memo(["a"], 0.5)


@pytest.mark.parametrize("cells", [[["a"]], [{}], [("2020", 1)], ["a"] * (column_memo.CELLS + 1)])
def test_long_columns_and_cells_that_are_not_plain_are_not_kept(counted, cells):
    memo, _ = counted
    assert memo(cells, 0.9) != memo(cells, 0.9)


def test_the_longest_unused_is_forgotten(counted):
    memo, seen = counted
    for number in range(column_memo.COLUMNS):
        memo([number], 0.9)
    memo([0], 0.9)
    memo(["one more"], 0.9)
    assert len(seen) == column_memo.COLUMNS + 1
    memo([0], 0.9)
    assert len(seen) == column_memo.COLUMNS + 1
    memo([1], 0.9)
    assert len(seen) == column_memo.COLUMNS + 2


def test_a_column_that_changes_is_read_anew():
    cells = ["2020-01-01", "2020-02-01"]
    assert infer_time_form(cells) is not None
    assert infer_number_form(cells) is None
    cells[:] = ["1.5", "2.5"]
    assert infer_time_form(cells) is None
    assert infer_number_form(cells) is not None
