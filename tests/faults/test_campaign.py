"""The short campaign: every kind of fault at least once, and a clean table. test_plants.py: it can be otherwise."""

import campaign
import pytest
from campaign import FAULTS
from stand import Place, Row, Stand

from budget import some

SHARED = {
    "kill -9 of wrapper processes": 3,
    "kill -9 of guards": 2,
    "kill -9 of the fork server": 1,
    "a cut at every commit boundary": 1,
    "stop on another node": 1,
    "stop of stubborn groups": 1,
    "a power cut at every commit, read by windows": 1,
    "out of descriptors": 1,
    "out of address space": 1,
    "clock set back and forth": 3,
    "started and stopped at once": 10,
    "kill -9 of the service": 1,
}

# Of the others each has tests of its own: of kills, of processes, of resuming, of clocks.
ON_NODES = [
    "nodes: a stop while the node dies",
    "nodes: PostgreSQL restarted under load",
    "nodes: a stop that the other does not hear",
    "nodes: migrating at once",
    "nodes: stopped at once",
]


@pytest.fixture(scope="module")
def stand():
    with Stand(Row("all"), Place()) as shared:
        yield shared


@pytest.mark.parametrize("fault", some(SHARED))
def test_costs_nothing(fault: str, stand: Stand) -> None:
    row = Row(fault)
    FAULTS[fault].fault(row, Place(stand=stand), SHARED[fault])
    _clean(row)


def test_a_full_disk_costs_nothing() -> None:
    _clean(campaign.perform("disk full", Place()))


@pytest.mark.long
def test_a_directory_that_becomes_read_only_costs_nothing() -> None:
    _clean(campaign.perform("the directory becomes read-only", Place()))


@pytest.mark.parametrize("fault", some(ON_NODES))
def test_costs_nothing_on_nodes(fault: str) -> None:
    _clean(campaign.perform(fault, Place()))


def test_no_fault_is_forgotten() -> None:
    """Those that the short campaign leaves to `make chaos` are named here."""
    left = {
        "nodes: SIGSTOP past the lease",  # these four are in cluster/test_nodes.py, too
        "nodes: cut off from the database",
        "nodes: kill -9",
        "nodes: all restarted in turn",
        "a power cut at every commit, read whole",
        "a power cut at every commit, of a file",
        "slow disk, kill -9 of the service",
        "start on a read-only directory",
        "a wrapper takes all memory",
        "killed for want of memory",
        "time zone and summer time",
    }
    assert FAULTS.keys() - SHARED.keys() - {*ON_NODES} - {"disk full", "the directory becomes read-only"} == left


def _clean(row: Row) -> None:
    assert row.injected or row.skipped
    assert row.clean, campaign.table([row])
