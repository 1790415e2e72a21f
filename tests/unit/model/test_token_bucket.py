"""The one rate limit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackwater.model.token_bucket import TokenBucket


def test_so_much_at_once_then_the_rate():
    bucket = TokenBucket(2, 3, 100.0)
    assert [bucket.take(100.0) for _ in range(5)] == [0.0, 0.0, 0.0, 0.5, 1.0]
    assert not bucket.is_full(102.4)
    assert bucket.is_full(102.5)
    assert [bucket.take(1000.0) for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]


def test_to_look_takes_nothing():
    bucket = TokenBucket(4, 1, 0.0)
    assert [bucket.wait(0.0) for _ in range(3)] == [0.0] * 3
    bucket.take(0.0)
    assert [bucket.wait(0.0), bucket.wait(0.125), bucket.wait(1.0)] == [0.25, 0.125, 0.0]


def test_much_is_taken_together():
    assert TokenBucket(10, 5, 0.0).take(0.0, 25) == 2.0


@given(st.floats(0.1, 1000), st.integers(1, 100), st.lists(st.floats(0, 10, allow_nan=False), min_size=1, max_size=200))
def test_who_waits_as_told_never_gets_more_than_the_rate(rate, at_once, pauses):
    bucket, now, gone = TokenBucket(rate, at_once, 0.0), 0.0, []
    for pause in pauses:
        now += pause
        gone.append(now + bucket.take(now))
        now = gone[-1]
    for first, begun in enumerate(gone):
        for last in range(first, len(gone)):
            assert last - first + 1 <= at_once + (gone[last] - begun) * rate + 1 + 1e-6
    assert gone[0] == pytest.approx(pauses[0])
