"""The status machine, line by line as the architecture's table has it, and every pair that the table has not."""

import itertools

import pytest

from slackwater.errors import IllegalTransition
from slackwater.model.status import TRANSITIONS, Event, Status, advance, allows

# Copied from docs/architecture, not from the code: from | event | to.
TABLE = """
pending | generation starts | generating
generating | module ready, resource wanted | creating_resource
generating, creating_resource | ready | executing
generating | failed for good | error
stopped, completed, error | execute | executing
executing | file read to its end | completed
executing | run failed, tries left | retrying
retrying | due | executing
executing, retrying | tries used up | error
pending, generating, creating_resource, executing, retrying, error | stop | stopped
pending, creating_resource, executing, retrying, stopped, completed, error | regenerate | pending
"""
LEGAL = {
    (origin, event): target
    for line in TABLE.strip().splitlines()
    for origins, event, target in [line.split(" | ")]
    for origin in origins.split(", ")
}
ALL = {(status.value, event.value) for status, event in itertools.product(Status, Event)}


@pytest.mark.parametrize(
    ("pair", "target"), LEGAL.items(), ids=lambda each: "-".join(each) if isinstance(each, tuple) else each
)
def test_each_line_of_the_table(pair, target):
    status, event = Status(pair[0]), Event(pair[1])
    assert advance(status, event) is Status(target)
    assert allows(status, event)


@pytest.mark.parametrize("pair", sorted(ALL - LEGAL.keys()), ids="-".join)
def test_every_other_pair_is_refused_by_name(pair):
    status, event = Status(pair[0]), Event(pair[1])
    assert not allows(status, event)
    with pytest.raises(IllegalTransition, match=f"`{status}`.*`{event}`") as caught:
        advance(status, event)
    assert (caught.value.status, caught.value.event) == (status, event)


def test_the_table_has_no_line_more_and_none_less():
    assert len(LEGAL) == len(TRANSITIONS) == 26
    assert len(ALL) == len(Status) * len(Event)


def test_no_status_is_a_dead_end_and_each_is_reached():
    reached = {Status.PENDING}
    while grown := {target for (origin, _), target in TRANSITIONS.items() if origin in reached} - reached:
        reached |= grown
    assert reached == set(Status)
    assert {origin for origin, _ in TRANSITIONS} == set(Status)


@pytest.mark.parametrize("status", [s for s in Status if s not in (Status.STOPPED, Status.COMPLETED)])
def test_whatever_is_alive_can_be_stopped(status):
    assert advance(status, Event.STOP) is Status.STOPPED
