"""Where a poll begins, and what runs teach of a source."""

from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackwater.model.freshness import DEEP_PERIODS, Freshness, Frontier, poll_start, weighted
from slackwater.model.instants import DAY, HOUR, MINUTE, SECOND, parse_iso

NOW = parse_iso("2026-11-20T12:00:00Z")


DEEPEST = DEEP_PERIODS * HOUR


def start(*ages, period=HOUR, deep=0):
    return NOW - poll_start([Frontier(NOW - age) for age in ages], period, NOW, deep=deep)


def test_a_poll_begins_at_the_oldest_live_series():
    assert start(HOUR, 24 * HOUR) == 24 * HOUR


def test_a_dead_series_makes_no_poll_long_but_a_deep_one():
    assert start(HOUR, 200 * DAY) == HOUR
    assert start(HOUR, 200 * DAY, deep=DEEPEST) == 200 * DAY
    assert start(HOUR, DEEPEST + HOUR, deep=DEEPEST) == HOUR
    assert start(HOUR, 20 * DAY, deep=14 * DAY) == HOUR


def test_a_series_that_has_advanced_with_its_delay_is_live():
    lagging = Frontier(NOW - 3 * DAY, delay=3 * DAY, advances=2)
    assert poll_start([Frontier(NOW - MINUTE), lagging], MINUTE, NOW, deep=0) == NOW - 3 * DAY
    unproven = Frontier(NOW - 3 * DAY, delay=3 * DAY, advances=1)
    assert poll_start([Frontier(NOW - MINUTE), unproven], MINUTE, NOW, deep=0) == NOW - MINUTE
    assert poll_start([Frontier(NOW - MINUTE), unproven], MINUTE, NOW, deep=14 * DAY) == NOW - 3 * DAY


def test_a_source_that_has_paused_is_read_from_its_newest_point_once_a_day():
    assert start(400 * DAY, 600 * DAY) == 100 * HOUR
    assert start(500 * DAY, 600 * DAY, deep=DEEPEST) == 500 * DAY
    assert start(500 * DAY, 600 * DAY, deep=14 * DAY) == 100 * HOUR


def test_a_source_without_a_point_is_asked_for_the_stretch_in_which_one_may_appear():
    assert start() == 100 * HOUR


@given(st.lists(st.integers(0, 400 * DAY), min_size=1), st.sampled_from([0, 14 * DAY, DEEPEST]))
def test_a_poll_begins_at_the_newest_point_or_looks_at_the_youngest_stretch(ages, deep):
    assert start(*ages, deep=deep) >= min([*ages, 100 * HOUR])


def test_a_longer_delay_is_believed_at_once_and_a_shorter_one_little_by_little():
    assert weighted(None, 5) == 5
    assert weighted(10, 50) == 50
    assert weighted(50, 10) == 42


def test_one_run_teaches_nothing_for_sure():
    first = Freshness().learned(NOW - 700 * DAY, NOW)
    assert first.allowed_age(DAY) < 100 * DAY
    second = first.learned(NOW - DAY, NOW + DAY)
    assert second.delay == 2 * DAY
    assert second.rhythm == DAY


@pytest.mark.parametrize(("since", "due"), [(0, False), (DAY - 1, False), (DAY, True), (-1, True)])
def test_a_deep_poll_comes_once_a_day_whatever_the_clock_does(since, due):
    assert Freshness(deep_at=NOW).is_deep_due(NOW + since) is due


@pytest.mark.parametrize("period", [MINUTE, HOUR, DAY])
@pytest.mark.parametrize("every", [1, 2, 3, 7])
def test_the_longer_a_series_is_dead_the_rarer_it_is_looked_after(period, every):
    """Over two years of polls some days apart: each depth is reached, and what is read each day stays bounded."""
    fresh, reaches = Freshness(), []
    for day in range(0, 732, every):
        now = NOW + day * DAY + HOUR
        reaches.append(fresh.deep_reach(period, now))
        fresh = msgspec.structs.replace(fresh, deep_at=now)
        assert fresh.deep_reach(period, now + DAY // 2) == 0
    least, deepest = max(14 * DAY, 200 * period), max(DEEP_PERIODS * period, 14 * DAY)
    assert reaches[0] == max(reaches) == deepest
    assert min(reaches) >= least
    assert sum(reaches) / 732 <= 5 * least + deepest / 64
    for age in (20 * DAY, 100 * DAY, deepest):
        rare, reach = 1, least
        while reach < min(age, deepest):
            rare, reach = 2 * rare, 2 * reach
        looked = [number * every for number, each in enumerate(reaches) if each >= min(age, deepest)]
        assert max(later - earlier for earlier, later in pairwise([*looked, 732])) <= rare + every


def test_late_revisions_are_looked_for_once_a_day():
    fresh = Freshness()
    assert not fresh.is_recheck_due(NOW), "the first run reads all there is"
    fresh = fresh.rechecked(NOW)
    assert [fresh.is_recheck_due(NOW + each * HOUR) for each in (1, 23, 24, 30)] == [False, False, True, True]
    assert fresh.is_recheck_due(NOW - HOUR), "the clock was set back"


@pytest.mark.parametrize(
    ("period", "reach"),
    [(SECOND, 3000 * SECOND), (MINUTE, 2 * DAY), (HOUR, 200 * HOUR), (DAY, 200 * DAY), (30 * DAY, 6000 * DAY)],
)
def test_how_far_a_poll_looks_for_revisions(period, reach):
    fresh = Freshness().rechecked(NOW)
    assert fresh.reach(period) == fresh.recheck(period, NOW + DAY) == reach
    assert fresh.recheck(period, NOW + 30 * DAY) == min(5 * reach, max(10_000 * period, 14 * DAY))
    assert fresh.recheck(period, NOW + 30 * DAY, declared=HOUR) == HOUR


def test_twice_as_far_as_values_were_revised_and_less_only_after_a_long_look():
    fresh = Freshness().rechecked(NOW).revising(150 * HOUR).revising(HOUR)
    assert fresh.reach(HOUR) == 300 * HOUR
    assert fresh.rechecked(NOW + DAY).reach(HOUR) == 300 * HOUR
    assert fresh.rechecked(NOW + 30 * DAY).reach(HOUR) == 240 * HOUR
    assert fresh.revising(9_999 * HOUR).reach(HOUR) == DEEP_PERIODS * HOUR
