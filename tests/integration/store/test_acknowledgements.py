"""A problem that was seen is another one when it comes anew: what the store tells of the time between."""

import pytest
from lives import NOW, column

from slackwater.model.instants import HOUR
from slackwater.pipe.frames import Done
from slackwater.store.records import acknowledgements, wrappers
from slackwater.store.series import points
from slackwater.web.console.problems import still
from slackwater.web.console.view.states import State


@pytest.fixture
def owner(lives):
    return lives.executing()


def run(lives, owner, values, **spent):
    lives.now = max(lives.now, lives.get(owner).control.due_at or 0) + HOUR
    opened = lives.open(owner)
    lives.commit(opened, [column(values)], spent=points.Spent(**spent))
    lives.close(opened, Done())


def see(lives, owner, state):
    lives.write(acknowledgements.acknowledge, owner, state.value, "Ana", lives.now)


def seen(lives, owner, state):
    return still(state, lives.read(acknowledgements.standing).get(owner))


@pytest.mark.parametrize("state", [State.NEEDS_INPUT, State.FAILING])
def test_a_failure_is_another_one_once_a_run_has_succeeded(lives, owner, state):
    see(lives, owner, state)
    lives.fail(owner)
    assert seen(lives, owner, state).name == "Ana", "it has failed again: the same problem"
    assert seen(lives, owner, State.LATE) is None
    run(lives, owner, {1: 1.0}, rejected=3)
    assert seen(lives, owner, state) is None


def test_lateness_is_another_one_once_something_newer_has_come(lives, owner):
    run(lives, owner, {NOW: 1.0})
    see(lives, owner, State.LATE)
    run(lives, owner, {NOW - HOUR: 1.0})
    assert seen(lives, owner, State.LATE)
    run(lives, owner, {NOW + HOUR: 1.0})
    assert seen(lives, owner, State.LATE) is None


def test_faulty_runs_are_the_same_problem_until_one_is_without_fault(lives, owner):
    see(lives, owner, State.TROUBLED)
    run(lives, owner, {1: 1.0}, rejected=3)
    assert seen(lives, owner, State.TROUBLED)
    run(lives, owner, {2: 1.0})
    assert seen(lives, owner, State.TROUBLED) is None


def test_it_is_noted_once_for_each_source_and_goes_with_it(lives, owner):
    see(lives, owner, State.LATE)
    see(lives, owner, State.FAILING)
    assert seen(lives, owner, State.FAILING)
    lives.write(acknowledgements.forget, owner)
    assert lives.read(acknowledgements.standing) == {}
    see(lives, owner, State.LATE)
    lives.write(wrappers.delete, owner)
    assert lives.read(acknowledgements.standing) == {}
