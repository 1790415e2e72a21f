"""The one word for a source and its sentence, from what is known of it."""

from typing import Any

import pytest

from slackwater.model.freshness import Freshness
from slackwater.model.health import Health
from slackwater.model.instants import DAY, HOUR, MINUTE, parse_iso
from slackwater.model.status import Status
from slackwater.web.console.view.formats import Formats
from slackwater.web.console.view.states import Source, State, awaited, sentence, state_of

NOW = parse_iso("2026-01-01T00:00:00Z")
DOWN, ASKED = {"retry_count": 5, "fault_count": 0}, {"retry_count": 1, "fault_count": 1}  # by outages; by a question
NEW = {"generated": False, "backfill_done": False}


def source(**values: Any) -> Source:
    given = {
        "status": Status.EXECUTING,
        "health": Health.HEALTHY,
        "generated": True,
        "retry_count": 0,
        "fault_count": 0,
        "backfill_done": True,
        "is_file": False,
        "running": False,
        "points": 0,
        "newest": None,
        "oldest": None,
        "due_at": None,
        "period": DAY,
        "freshness": Freshness(),
        "error": None,
    }
    return Source(**given | values)


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ({"status": Status.PENDING, **NEW}, State.STARTING),
        ({"status": Status.GENERATING, **NEW}, State.STARTING),
        ({"status": Status.CREATING_RESOURCE, **NEW}, State.STARTING),
        ({"status": Status.GENERATING, **NEW, **DOWN}, State.FAILING),
        ({"status": Status.ERROR, **NEW, **DOWN}, State.FAILING),
        ({"status": Status.ERROR, **NEW, **ASKED}, State.NEEDS_INPUT),
        ({"status": Status.ERROR, **NEW, "retry_count": 5, "fault_count": 1}, State.NEEDS_INPUT),
        ({"status": Status.ERROR, **ASKED}, State.FAILING),
        ({"status": Status.STOPPED, **NEW, **ASKED}, State.STOPPED),
        ({"status": Status.RETRYING}, State.FAILING),
        ({"health": Health.CRASHED}, State.FAILING),
        ({"health": Health.STALLED}, State.LATE),
        ({"health": Health.DEGRADED}, State.TROUBLED),
        ({"status": Status.COMPLETED}, State.FINISHED),
        ({"backfill_done": False}, State.LOADING),
        ({}, State.UP_TO_DATE),
    ],
)
def test_the_word_for_a_source(values, state):
    assert state_of(source(**values)) is state


def test_a_first_look_that_met_an_outage_says_when_the_next_one_is():
    seen = source(status=Status.GENERATING, **NEW, **DOWN, due_at=NOW + 4 * MINUTE, error="The source answered 503.")
    fmt = Formats("en", NOW)
    assert sentence(seen, state_of(seen), fmt) == f"The source answered 503. · next check in 4{chr(0xA0)}min"
    assert awaited(seen, state_of(seen), fmt).endswith(f"The next check is in 4{chr(0xA0)}min.")
    begun = source(status=Status.GENERATING, **NEW, due_at=NOW + HOUR)
    assert sentence(begun, state_of(begun), fmt) == "the source is being analysed"
