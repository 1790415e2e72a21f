import asyncio

import pytest

from slackwater.supervise.http.host_limits import Tally
from slackwater.supervise.run.watchdog import QUIET_HOST_SECONDS, TimeLimits, Watchdog


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def watched(stall: float = 100.0, run: float = 0.0) -> tuple[Watchdog, Tally, Clock]:
    tally, clock = Tally(), Clock()
    return Watchdog(TimeLimits(stall, run), tally, clock), tally, clock


def test_progress_begins_the_count_anew() -> None:
    dog, _, clock = watched()
    for _ in range(5):
        clock.now += 9
        dog.look()
        assert dog.hindrance() is None
        dog.progress()
    clock.now += 11
    dog.look()
    assert dog.hindrance() == ("Its run has made no progress for 11 seconds; after 100 it is ended (stall_seconds).")
    dog.progress()
    assert dog.hindrance() is None


def test_waiting_for_a_host_or_the_store_is_not_the_runs_fault() -> None:
    dog, tally, clock = watched()
    tally.waiting = 1
    clock.now += QUIET_HOST_SECONDS + 1
    dog.look()
    assert "host_connections" in (dog.hindrance() or "")
    tally.waiting = 0
    dog.progress()
    with dog.storing():
        clock.now += 1_000
        dog.look()
        assert dog.hindrance() is None
    clock.now += 11
    dog.look()
    assert "stall_seconds" in (dog.hindrance() or "")


@pytest.mark.parametrize(("stall", "run", "which"), [(0.05, 0.0, "stall_seconds"), (0.0, 0.05, "run_seconds")])
async def test_a_limit_is_reached(stall: float, run: float, which: str) -> None:
    dog = Watchdog(TimeLimits(stall, run), Tally())
    assert which in await asyncio.wait_for(dog.reached(), 5)


async def test_without_limits_nothing_is_ended() -> None:
    dog = Watchdog(TimeLimits(0, 0), Tally())
    reached = asyncio.create_task(dog.reached())
    done, _ = await asyncio.wait({reached}, timeout=0.1)
    reached.cancel()
    assert not done
    assert dog.hindrance() is None


async def test_a_run_gives_way_only_while_it_makes_no_progress() -> None:
    dog, _, clock = watched(stall=100.0)
    dog.give_way()
    clock.now += 5  # shorter than many a request takes
    dog.look()
    assert dog.idle == 0
    dog.progress()
    clock.now += 11
    dog.look()
    assert dog.idle == 11
    with pytest.raises(TimeoutError):  # it got on after it was asked, so it keeps its slot
        await asyncio.wait_for(dog.reached(), 1.5)
    dog.give_way()
    assert "while others waited" in await asyncio.wait_for(dog.reached(), 5)
