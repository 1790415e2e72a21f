"""Which wrappers to start now, and how long to sleep."""

from hypothesis import given, settings
from hypothesis import strategies as st

from slackwater.model.instants import SECOND
from slackwater.supervise.lifecycle.schedule import LONGEST_SLEEP, Plan, plan

NOW = 1_000 * SECOND
names = st.lists(st.sampled_from("abcdefgh"), unique=True)


def test_starts_what_is_due_longest_waiting_first():
    assert plan(["c", "a", "b"], [], 5, None, NOW) == Plan(("c", "a", "b"), LONGEST_SLEEP)


def test_never_starts_what_runs():
    assert plan(["a", "b"], {"a"}, 5, None, NOW).start == ("b",)


def test_starts_no_more_than_there_are_slots_and_then_waits_to_be_woken():
    assert plan(["a", "b", "c"], {"b"}, 1, NOW + SECOND, NOW) == Plan(("a",), LONGEST_SLEEP)
    assert plan(["a"], [], 0, NOW, NOW) == Plan((), LONGEST_SLEEP)
    assert plan(["a"], [], -3, NOW, NOW).start == ()


def test_sleeps_until_the_next_is_due_but_never_long():
    assert plan([], [], 5, NOW + 3 * SECOND // 2, NOW).sleep == 1.5
    assert plan([], [], 5, NOW + 3600 * SECOND, NOW).sleep == LONGEST_SLEEP
    assert plan([], [], 5, NOW - SECOND, NOW).sleep == 0
    assert plan([], [], 5, None, NOW).sleep == LONGEST_SLEEP


@settings(deadline=None, max_examples=200)
@given(names, st.sets(st.sampled_from("abcdefgh")), st.integers(-2, 6), st.none() | st.integers(0, 2 * NOW))
def test_laws(due, running, free, next_due):
    made = plan(due, running, free, next_due, NOW)
    assert not set(made.start) & running
    assert len(made.start) <= max(0, free)
    assert list(made.start) == [each for each in due if each in made.start], "in the order of waiting"
    assert len(made.start) == min(max(0, free), len(set(due) - running)), "no slot stays empty without need"
    assert 0 <= made.sleep <= LONGEST_SLEEP
