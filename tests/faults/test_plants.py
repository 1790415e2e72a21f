"""Planted bugs: the campaign finds each of them, so that its clean table says something."""

import campaign
import pytest
from stand import Place

from budget import some

FOUND_BY = {
    "skip_epoch": "stop on another node",
    "lease_ignored": "nodes: SIGSTOP past the lease",
    "early_success": "nodes: a stop while the node dies",
    "impatient": "nodes: SIGSTOP past the lease",
    "mark_before_points": "slow disk, kill -9 of the service",
    "points_before_mark": "slow disk, kill -9 of the service",
    "forget_group": "stop of stubborn groups",
    "no_reap": "stop of stubborn groups",
}
SOME = 0.3  # of the long campaign's stops at most: one in some finds the node between two batches, and shows nothing


# Those that are found by a node that dies or is frozen take half a minute each.
@pytest.mark.parametrize(
    "plant",
    some(
        FOUND_BY,
        *FOUND_BY.keys()
        - {
            "early_success",
            "lease_ignored",
            "impatient",
            "mark_before_points",
            "points_before_mark",
            "skip_epoch",
            "no_reap",
        },
    ),
)
def test_a_planted_bug_is_found(plant: str) -> None:
    row = campaign.perform(FOUND_BY[plant], Place(plant=plant))
    assert row.injected, row.broken
    assert not row.clean
    assert row.broken


@pytest.mark.long
def test_a_fence_that_is_not_looked_at_is_found_among_nodes() -> None:
    row = campaign.perform("nodes: a stop that the other does not hear", Place(plant="skip_epoch"), share=SOME)
    assert row.injected, row.broken
    assert any("stored after its stop" in each for each in row.broken), row.broken
