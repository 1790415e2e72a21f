"""Which user a run becomes: none that another run of this machine has."""

import os
from contextlib import closing

import pytest

from slackwater.supervise.process.user_ids import BLOCK, SMALL, UIDS, Users

FIRST = 1_000_000  # of a range that nobody else uses in these tests

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


def test_services_of_one_machine_begin_with_different_ids() -> None:
    with closing(Users(FIRST)) as one, closing(Users(FIRST)) as other:
        _differ(one, other)


def _differ(one: Users, other: Users) -> None:
    mine = [one.free([])]
    assert mine[0] // BLOCK != other.free([]) // BLOCK
    for _ in range(BLOCK * 3):  # more runs than a block has ids: they go on elsewhere, and each has its own
        mine.append(one.free(mine))
    assert len(set(mine)) == len(mine)
    assert all(FIRST <= user < FIRST + UIDS for user in mine)


def test_a_block_is_free_again_when_its_service_is_gone() -> None:
    with closing(Users(FIRST + UIDS)) as one:
        user = one.free([])
    with closing(Users(FIRST + UIDS)) as other:
        assert other.free([]) == user


def test_ids_that_do_not_exist_here_are_replaced() -> None:
    beyond = 2**32 - UIDS  # no namespace has the last id of all
    with closing(Users(beyond)) as users:
        assert users.free([]) in SMALL


def test_all_ids_taken() -> None:
    with closing(Users(FIRST + 2 * UIDS)) as users:
        assert users.free(range(FIRST + 2 * UIDS, FIRST + 3 * UIDS)) == FIRST + 3 * UIDS
