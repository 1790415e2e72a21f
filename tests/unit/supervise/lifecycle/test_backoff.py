"""The back-off: it doubles, it is jittered, it has an end, and it hears what the source asks for."""

from math import inf, nan
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slackwater.model.instants import DAY, HOUR, MINUTE, SECOND
from slackwater.supervise.lifecycle.backoff import Patience

quick = settings(deadline=None, max_examples=200)


def patience(seed=1, base=5.0):
    return Patience(tries=5, base=base, random=Random(seed))


class Highest(Random):
    def randrange(self, *given):
        return given[0] - 1


@pytest.mark.parametrize(("tries", "seconds"), [(1, 5), (2, 10), (3, 20), (4, 40), (5, 80), (8, 640)])
def test_doubles_with_each_failure(tries, seconds):
    longest = Patience(tries=5, base=5.0, random=Highest())
    assert longest.delay(tries, DAY, None) == seconds * SECOND


@quick
@given(st.integers(1, 10**6), st.integers(0, DAY), st.integers(0, 2**32))
def test_is_between_half_and_all_of_the_ceiling(tries, longest, seed):
    first = 5 * SECOND
    delay = patience(seed).delay(tries, longest, None)
    ceiling = min(first * 2 ** min(tries - 1, 40), max(longest, first))
    assert ceiling // 2 <= delay <= ceiling


def test_never_waits_longer_than_the_poll_interval_however_often_it_failed():
    assert all(patience(seed).delay(10**9, MINUTE, None) <= MINUTE for seed in range(50))


def test_does_not_hammer_a_source_that_is_polled_each_second():
    assert patience().delay(7, SECOND, None) >= 5 * SECOND // 2


def test_jitter_spreads_wrappers_out():
    assert len({patience(seed).delay(6, DAY, None) for seed in range(100)}) > 90


def test_the_sources_own_wish_is_the_least():
    assert patience().delay(1, HOUR, 7200) == 2 * HOUR
    assert patience().delay(1, HOUR, 0.001) >= 5 * SECOND // 2


@pytest.mark.parametrize("wish", [inf, 1e300, 1e6])
def test_no_wish_puts_a_wrapper_to_sleep_for_more_than_a_day(wish):
    assert patience().delay(1, HOUR, wish) == DAY


@pytest.mark.parametrize("wish", [nan, -inf, -9, 0])
def test_a_wish_that_makes_no_sense_is_none(wish):
    assert patience().delay(3, HOUR, wish) == patience().delay(3, HOUR, None)
