"""Stops that are hard: written by another node, of processes that will not end, of very many at once."""

import contextlib
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor

from ledger import everything
from lifetimes import Life
from stand import RECOVERY, Place, Row, Stand, standing

import scenes
from service import alive, eventually
from slackwater.store.engine.database import Database
from slackwater.supervise.lifecycle import wanted_state

AT_ONCE = 64  # calls that wait for their answers


def stopped(stand: Stand, life: Life) -> None:
    """Stop a wrapper and see that the stop is a barrier."""
    pids = [leader.pid for leader in stand.service.leaders()] if len(stand.lives) == 1 else []
    pid = stand.service.process_id(life.wrapper_id) if life.kind != "file" else None
    answer = stand.service.stop(life.wrapper_id)
    life.executing = False
    if not answer["success"]:
        stand.found(f"{life}: the stop did not succeed")
        return
    if left := [each for each in {*pids, *([] if pid is None else [pid])} if alive(each)]:
        stand.row.zombies += len(left)
        stand.found(f"{life}: the stop has answered, and {len(left)} of its processes live")
    before = life.entry()
    time.sleep(0.05)
    if life.entry() != before:
        stand.found(f"{life}: something was stored after the stop had answered")


def stop_elsewhere(stand: Stand, life: Life) -> None:
    """Write a stop as another node would; this one has not heard of it, and must not store anything any more."""
    database = Database.open(stand.service.data_dir)
    try:
        database.write(lambda c: wanted_state.request_stop(c, life.wrapper_id, stand.clock.now()), urgent=True).result(
            20
        )
    finally:
        database.close()
    fenced = life.entry()
    time.sleep(0.15)
    now = life.entry()
    if fenced and now and (fenced.stored, fenced.covered) != (now.stored, now.covered):
        stand.row.doubled += abs(now.count - fenced.count)
        stand.found(f"{life}: a run of an epoch that is over has stored something")


def stops_elsewhere(row: Row, place: Place, times: int) -> None:
    """A stop that is written by another node while a run here, which has not heard of it, is storing."""
    with standing(row, place) as stand:
        life = stand.add("windows", count=2800, delay=0.01)
        for _ in range(times):
            began = time.monotonic()
            eventually(lambda: (e := life.entry()) and e.open_runs and e.points > 0, within=RECOVERY)
            stop_elsewhere(stand, life)
            stand.hit()
            stopped(stand, life)
            stand.anew(life)
            stand.recovers(began)
        stand.settle()


STUBBORN = """
import subprocess, sys
for _ in range(2):
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.setsid()
        while True:
            time.sleep(1)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
while True:
    time.sleep(0.05)
yield
"""


def stubborn_groups(row: Row, place: Place, times: int) -> None:
    """A stop of a wrapper that ignores SIGTERM and has started others, which left its session."""
    with standing(row, place) as stand:
        scene = scenes.file(stand.service, "CSV", slow=False, count=20)
        stand.service.patch(scene.wrapper_id, generated_code=scenes.module(STUBBORN))
        for _ in range(times):
            stand.service.execute(scene.wrapper_id, wait=0)
            eventually(lambda: len(stand.below()) >= 5)  # fork server, guard, leader, two more
            ours = _ours(stand)
            below = [pid for pid in stand.below() if pid not in ours]
            stand.hit()
            began = time.monotonic()
            answer = stand.service.stop(scene.wrapper_id)
            left = [pid for pid in below if alive(pid)]
            if answer["success"] and left:
                row.zombies += len(left)
                stand.found(f"the stop has answered, and {len(left)} processes live")
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            row.recovery = max(row.recovery, time.monotonic() - began)
            stand.gone([pid for pid in ours if pid not in _ours(stand)])


def _ours(stand: Stand) -> set[int]:
    """Fork servers and guards: a guard says that nothing of its run is left, and ends a moment later."""
    servers = stand.process().children()
    return {each.pid for server in servers for each in [server, *server.children()]}


def crowd(row: Row, place: Place, times: int) -> None:
    """So many wrappers are generated at once and stopped at once, then started at once and stopped at once."""
    with standing(row, place) as stand:
        scene = scenes.file(stand.service, "CSV", slow=False, count=50)
        file_id = stand.service.wrapper(scene.wrapper_id)["source_config"]["file_id"]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            ids = list(pool.map(lambda _: stand.service.generate("CSV", {"file_id": file_id}), range(times)))
            stand.hit(times)
            time.sleep(min(2.0, times / 50))
            _all_stopped(stand, pool, ids)
            with_code = [each for each in ids if stand.service.wrapper(each)["generated_code"] is not None]
            list(pool.map(lambda each: stand.service.execute(each, wait=0), with_code))
            stand.hit(len(with_code))
            _all_stopped(stand, pool, ids)
        for wrapper_id in ids:
            stand.service.http.delete(f"/resources/wrappers/{wrapper_id}")


def _all_stopped(stand: Stand, pool: ThreadPoolExecutor, ids: list[str]) -> None:
    """Stop all of them at once; each stop must be a barrier."""
    began = time.monotonic()
    answers = list(pool.map(stand.service.stop, ids))
    stand.row.recovery = max(stand.row.recovery, time.monotonic() - began)
    if failed := sum(not answer["success"] for answer in answers):
        stand.found(f"{failed} of {len(ids)} stops did not succeed")
    stand.row.zombies += len(stand.service.leaders())
    found = everything(stand.service.data_dir)
    for wrapper_id in ids:
        stand.row.doubled += max(0, found[wrapper_id].points - found[wrapper_id].count)
        if found[wrapper_id].status not in ("stopped", "completed"):
            stand.found(f"a wrapper is {found[wrapper_id].status} after its stop")
