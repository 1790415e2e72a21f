"""Cuts at every commit boundary: of the data, held exactly by the source; and of everything else that is committed."""

import contextlib
import json
import time
from collections import Counter
from collections.abc import Callable

import httpx
import psutil
from cuts import SIDES
from ledger import pulses
from lifetimes import Life, born
from stand import PATIENCE, RECOVERY, Place, Row, Stand, standing
from stops import stop_elsewhere, stopped

from gates import Gate
from service import eventually
from slackwater.model.instants import DAY, HOUR, SECOND

SEVERAL = 2  # boundaries of a wrapper; with more of them every way of cutting is tried
WAYS = ("process", "elsewhere", "stop", "retrying", "service")
PAGE = 4  # points in a page while following, so that `lookback` takes several
POLLS = 2  # while following
COMMITTED = 0.3  # seconds within which what an answer has completed is committed


def every_boundary(row: Row, place: Place, times: int) -> None:
    """A kill at every commit boundary, of the process, of the service, by a stop and by a stop elsewhere; then resume.

    Boundaries are exact: the source holds each answer until the batch before it is committed. Phases: the back-fill by
    windows, the reading of a source as a whole, and following. Statuses: executing, and retrying after a failure.
    """
    with standing(row, place) as stand:
        for kind in ("windows", "whole"):
            for way in WAYS if times > SEVERAL else WAYS[:2]:
                pages = 12 if way == "service" else 20
                life = stand.add(kind, count=50 * pages, delay=0.0)
                gate = gated(stand, life)
                gate.let_generate(stand.service, life.wrapper_id)
                _cut_everywhere(stand, life, gate, way, times)
                gate.open()
                stand.recovers(time.monotonic())
        for way in WAYS if times > SEVERAL else WAYS[1:2]:
            life = stand.add("windows", count=10 * PAGE, delay=0.0, page_size=PAGE, max_page_size=PAGE)
            life.caught_up(stand.clock.now(), within=RECOVERY)
            gate = gated(stand, life)
            for _ in range(POLLS):
                if _polls(stand, life, gate):
                    _cut_everywhere(stand, life, gate, way, times)
            gate.open()
            stand.recovers(time.monotonic())
        stand.settle()


def gated(stand: Stand, life: Life) -> Gate:
    """Put a gate before the source of the wrapper that was made last."""
    assert life.endpoint is not None
    gate = Gate(life.endpoint)
    stand.source.route(f"/v1/{stand.number}", gate)
    return gate


def _cut_everywhere(stand: Stand, life: Life, gate: Gate, way: str, times: int) -> None:
    for _ in range(times):
        if not step(stand, life, gate):
            break
        _cut(stand, life, way)


def _polls(stand: Stand, life: Life, gate: Gate) -> bool:
    """Let days pass and the source go on, and wait until the wrapper asks for what is new."""
    _days_pass(stand, life, 9)
    with contextlib.suppress(AssertionError):
        return bool(eventually(lambda: gate.waiting, within=RECOVERY))
    stand.found(f"{life}: it does not look for what is new")
    return False


def _days_pass(stand: Stand, life: Life, days: int) -> None:
    stand.clock.set(stand.clock.ahead + days * DAY / SECOND)
    now = stand.clock.now() // SECOND * SECOND
    for ago in (HOUR, 3 * DAY, 20 * DAY):  # the last is published late
        life.publish(now - ago, float(ago // HOUR))
    stand.service.execute(life.wrapper_id, wait=0)  # changes nothing: it wakes who would else sleep for a minute


def step(stand: Stand, life: Life, gate: Gate) -> bool:
    """Let answers through, one by one, up to the next commit; False when nothing is asked for any more.

    What came is stored when it is proven to be all, so several answers may lead to one commit: who cuts at each of them
    would see none.
    """
    service = stand.service

    def asks_or_done() -> str:
        if gate.waiting:
            return "asks"
        wrapper = service.wrapper(life.wrapper_id)
        if wrapper["status"] == "retrying" and wrapper["retry_count"] > PATIENCE:
            # Cut again and again where nothing is new, it waits twice as long each time, in the end for hours.
            service.execute(life.wrapper_id, wait=0)
        reads = pulses(service.data_dir)[life.wrapper_id].open_runs
        return "done" if wrapper["phase"] == "continuous" and not reads else ""

    before = _place(life)

    def committed() -> bool:
        return _place(life) != before

    while not committed():
        if eventually(asks_or_done, within=RECOVERY) == "done":
            return False
        gate.step()
        with contextlib.suppress(AssertionError):  # then it asks for more before there is a commit
            eventually(committed, within=COMMITTED)
    return True


def _place(life: Life) -> tuple[object, ...]:
    """How far a wrapper is in its source; what a failure changes of the checkpoint, such as the next step, is none."""
    pulse = pulses(life.service.data_dir)[life.wrapper_id]
    checkpoint = json.loads(pulse.checkpoint)
    return pulse.points, checkpoint.get("covered"), checkpoint.get("page"), checkpoint.get("backfill_done")


def _cut(stand: Stand, life: Life, way: str) -> None:
    service, began = stand.service, time.monotonic()
    match way:
        case "process":
            for leader in service.leaders():
                with contextlib.suppress(psutil.NoSuchProcess):
                    leader.kill()
                stand.gone([leader.pid])
        case "stop":
            stopped(stand, life)
            life.executing = True
            service.execute(life.wrapper_id, wait=0)
        case "elsewhere":
            stop_elsewhere(stand, life)
            stopped(stand, life)
            life.executing = True
            service.execute(life.wrapper_id, wait=0)
        case "retrying":
            assert life.endpoint is not None
            life.endpoint.faults.answer(500, times=1)
        case "service":
            below = stand.below()
            service.kill()
            stand.gone(below)
            service.start()
    stand.hit()
    stand.row.recovery = max(stand.row.recovery, time.monotonic() - began)


def every_commit(row: Row, place: Place, times: int, *, kind: str) -> None:
    """A power cut right before and right after every commit of a whole life, of whatever it is; then it goes on.

    A life: generated, executing, stopped and executed in mid back-fill, retrying, following, retrying while it
    follows, stopped, executed, regenerated, deleted; of a source read by windows, one read as a whole, or a file.
    """
    cut_at: Counter[str] = Counter()
    with standing(row, place) as stand:
        for commit in range(1, times + 1) if times > SEVERAL else (4, 9)[:times]:
            cut_short = [_lives(stand, kind, commit, side, cut_at) for side in SIDES]
            if not any(cut_short):
                break
    row.notes = "cut at " + ", ".join(f"{what} {count}×" for what, count in sorted(cut_at.items()))


def _lives(stand: Stand, kind: str, commit: int, side: str, cut_at: Counter[str]) -> bool:
    """Let a wrapper live, with a cut at that commit; False when it had fewer of them."""
    stand.cut.order(commit, side)
    stand.number += 1
    made: list[Life] = []

    def born_once() -> None:
        shown = stand.service.http.get("/resources/wrappers", params={"q": f"life {stand.number}"}).json()
        for wrapper in shown:  # the cut came after it was stored and before that was answered
            stand.service.http.delete(f"/resources/wrappers/{wrapper['wrapper_id']}").raise_for_status()
        how = {} if kind == "file" else {"count": 300, "delay": 0.01, "max_page_size": 50}
        made.append(born(stand.service, stand.source, kind, stand.number, name=f"life {stand.number}", **how))
        stand.lives.append(made[0])

    acts: list[Callable[[], None]] = [born_once]
    acts += [lambda act=act: act(stand, made[0]) for act in LIFE]
    cut_short = False
    for act in acts:
        while True:
            try:
                act()
                break
            except (httpx.TransportError, AssertionError, KeyError):
                if not _cut_off(stand):
                    raise
                what = stand.cut.forget() or "?"
                cut_at.update(set(what.split(", ")))
                cut_short = True
                stand.hit()
                stand.restart()
    stand.cut.forget()
    return cut_short


def _cut_off(stand: Stand) -> bool:
    """Whether the service has died; a refused connection comes a moment before its end can be seen."""
    with contextlib.suppress(AssertionError):
        return bool(eventually(stand.ended, within=1))
    return False


def _until(stand: Stand, look: Callable[[], bool]) -> None:
    """Wait for what the store will show; AssertionError at once when the service has died meanwhile."""

    def shown() -> bool:
        assert not stand.ended(), "the service has ended"
        return look()

    eventually(shown, within=RECOVERY)


def _stops_halfway(stand: Stand, life: Life) -> None:
    if not life.entry() or (life.kind != "file" and life.entry().backfill_done):  # type: ignore[union-attr]
        return
    _until(stand, lambda: life.entry().points > 0)  # type: ignore[union-attr]
    stopped(stand, life)


def _goes_on(stand: Stand, life: Life) -> None:
    life.executing = True
    if life.endpoint:
        life.endpoint.faults.answer(500, times=1)
    stand.service.execute(life.wrapper_id, wait=0)
    stand.service.caught_up(life.wrapper_id, within=RECOVERY)
    life.complete(stand.clock.now())


def _follows(stand: Stand, life: Life) -> None:
    """New data come, and are stored, although the source fails once more."""
    if life.endpoint is None:
        return
    life.endpoint.faults.answer(500, times=1)
    _days_pass(stand, life, 9)
    newest = max(life.feed.points()["value"])
    _until(stand, lambda: newest in life.entry().times)  # type: ignore[union-attr]
    stand.service.caught_up(life.wrapper_id, within=RECOVERY)
    life.complete(stand.clock.now())


def _stops_and_starts(stand: Stand, life: Life) -> None:
    stopped(stand, life)
    life.caught_up(stand.clock.now(), within=RECOVERY)


def _begins_anew(stand: Stand, life: Life) -> None:
    stand.anew(life)
    stand.service.caught_up(life.wrapper_id, within=RECOVERY)
    life.complete(stand.clock.now())


def _ends(stand: Stand, life: Life) -> None:
    if life in stand.lives:
        stand.lives.remove(life)
    answer = stand.service.http.delete(f"/resources/wrappers/{life.wrapper_id}")
    assert answer.status_code in (200, 404), answer.text  # 404: the cut came when it was gone already
    life.deleted = True
    life.check()
    life.check_data()


LIFE = (_stops_halfway, _goes_on, _follows, _stops_and_starts, _begins_anew, _ends)
