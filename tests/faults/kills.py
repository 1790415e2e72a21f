"""kill -9, of everything that can be killed, at random moments under load."""

import time
from collections.abc import Callable

import psutil
from stand import Place, Row, standing

OFTEN = 5  # kills of processes between two looks at whether all goes on


def kill_wrappers(row: Row, place: Place, times: int) -> None:
    """kill -9 of a process that runs a module, at a random moment under load."""
    _kill_runs(row, place, times, lambda leader: leader)


def kill_guards(row: Row, place: Place, times: int) -> None:
    """kill -9 of the guard of a run: the fork server has to end what it guarded."""
    _kill_runs(row, place, times, lambda leader: leader.parent())


def _kill_runs(
    row: Row, place: Place, times: int, victim_of: Callable[[psutil.Process], psutil.Process | None]
) -> None:
    with standing(row, place) as stand:
        stand.load()
        while row.injected < times:
            leaders = stand.service.leaders()
            if not leaders:
                stand.busy()
                time.sleep(0.05)
                continue
            time.sleep(stand.chance.random() * 0.15)
            leader = stand.chance.choice(leaders)
            try:
                victim = victim_of(leader)
                if victim is None:
                    continue
                victim.kill()
            except psutil.NoSuchProcess:
                continue
            stand.hit()
            stand.gone([leader.pid, victim.pid])
            if row.injected % OFTEN == 0:
                stand.recovers(time.monotonic())
        stand.settle()


def kill_service(row: Row, place: Place, times: int) -> None:
    """kill -9 of the service under load, at a random moment."""
    with standing(row, place) as stand:
        stand.load()
        for _ in range(times):
            stand.busy()
            time.sleep(stand.chance.random() * 0.6)
            stand.hit()
            stand.restart()
        stand.settle()


def kill_fork_server(row: Row, place: Place, times: int) -> None:
    """kill -9 of the fork server under load."""
    with standing(row, place) as stand:
        stand.load()
        for _ in range(times):
            stand.busy()
            time.sleep(stand.chance.random() * 0.4)
            for child in stand.process().children():
                began = time.monotonic()
                child.kill()
                stand.hit()
                stand.gone([child.pid])
                stand.recovers(began)
        stand.settle()
