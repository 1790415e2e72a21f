"""Facts → health, as the contract words it; the worst that applies wins."""

import itertools

import pytest

from slackwater.model.freshness import LATE_PERIODS, Freshness
from slackwater.model.health import Facts, Health, judge
from slackwater.model.instants import DAY, HOUR, parse_iso
from slackwater.model.status import Status

NOW = parse_iso("2026-11-20T12:00:00Z")
FRESH = {"now": NOW, "period": HOUR, "ever_ran": True, "last_new_data": NOW - HOUR, "started_following": NOW - DAY}


def health(status=Status.EXECUTING, **facts):
    return judge(Facts(status=status, **(FRESH | facts)))


def test_healthy_while_its_data_is_as_fresh_as_promised():
    assert health() is Health.HEALTHY


@pytest.mark.parametrize("troubles", [{}, {"troubled": True}, {"last_new_data": None}, {"last_run_died": True}])
def test_completed_is_healthy_however_long_ago(troubles):
    assert health(Status.COMPLETED, **troubles) is Health.HEALTHY


@pytest.mark.parametrize("facts", [{}, {"troubled": True}, {"last_run_died": True}, {"ever_ran": False}])
def test_stopped_is_unknown_whatever_was_before(facts):
    assert health(Status.STOPPED, **facts) is Health.UNKNOWN


@pytest.mark.parametrize("status", [Status.PENDING, Status.GENERATING, Status.CREATING_RESOURCE, Status.EXECUTING])
def test_what_never_ran_is_unknown(status):
    assert health(status, ever_ran=False, last_new_data=None, started_following=None) is Health.UNKNOWN


def test_error_is_crashed_even_when_generation_failed_before_any_run():
    assert health(Status.ERROR) is Health.CRASHED
    assert health(Status.ERROR, ever_ran=False) is Health.CRASHED


@pytest.mark.parametrize("status", [Status.EXECUTING, Status.RETRYING])
def test_a_run_that_died_is_crashed(status):
    assert health(status, last_run_died=True, troubled=True) is Health.CRASHED


def test_stalled_begins_after_three_periods_without_data():
    limit = LATE_PERIODS * HOUR
    assert LATE_PERIODS == 3
    assert health(last_new_data=NOW - limit) is Health.HEALTHY
    assert health(last_new_data=NOW - limit - 1) is Health.STALLED
    assert health(last_new_data=NOW - limit - 1, period=2 * HOUR) is Health.HEALTHY


def test_data_is_late_when_it_is_older_than_period_and_delay_promise():
    daily_batches = Freshness(delay=24 * HOUR, rhythm=24 * HOUR, advances=9)
    late = daily_batches.allowed_age(HOUR)
    assert late == 51 * HOUR
    assert health(newest=NOW - late, allowed_age=late, last_new_data=NOW - DAY) is Health.HEALTHY
    assert health(newest=NOW - late - 1, allowed_age=late, last_new_data=NOW) is Health.STALLED


@pytest.mark.parametrize(("period", "age"), [(HOUR, 730 * DAY), (DAY, 730 * DAY), (30 * DAY, 730 * DAY)])
def test_a_source_that_ended_years_ago_is_late_from_the_first_reading_on(period, age):
    once = Freshness().learned(NOW - age, NOW)
    assert health(newest=NOW - age, allowed_age=once.allowed_age(period), period=period) is Health.STALLED


@pytest.mark.parametrize(("period", "age"), [(HOUR, DAY), (DAY, 40 * DAY), (30 * DAY, 100 * DAY)])
def test_a_source_that_publishes_late_is_healthy_from_the_first_reading_on(period, age):
    once = Freshness().learned(NOW - age, NOW)
    assert health(newest=NOW - age, allowed_age=once.allowed_age(period), period=period) is Health.HEALTHY


def test_the_time_before_it_was_started_does_not_count():
    assert health(last_new_data=NOW - 400 * DAY, started_following=NOW - HOUR) is Health.HEALTHY
    assert health(last_new_data=None, started_following=NOW - HOUR) is Health.HEALTHY
    assert health(last_new_data=None, started_following=NOW - DAY) is Health.STALLED


def test_degraded_by_trouble_or_while_retrying_but_stalled_is_worse():
    assert health(troubled=True) is Health.DEGRADED
    assert health(Status.RETRYING) is Health.DEGRADED
    assert health(Status.RETRYING, last_new_data=NOW - DAY) is Health.STALLED


def test_every_combination_has_an_answer():
    flags = [False, True]
    for status, ran, died, troubled, seen in itertools.product(Status, flags, flags, flags, [None, NOW - DAY, NOW]):
        assert health(status, ever_ran=ran, last_run_died=died, troubled=troubled, last_new_data=seen) in Health


def test_a_source_without_a_point_that_is_polled_once_a_week_is_given_a_week():
    without = {"newest": None, "allowed_age": None, "last_new_data": None, "started_following": FRESH["now"] - 6 * DAY}
    assert health(**without, period=HOUR) is Health.STALLED
    assert health(**without, period=HOUR, pause=7 * DAY) is Health.HEALTHY
