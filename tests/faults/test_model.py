"""The life of wrappers as a state machine: whatever is done to them, every promise holds after each step.

The service is the real one, in a process of its own; what it should have come to is known from a model
(lifetimes.py) that knows nothing of how it works. SLACKWATER_CHAOS=<examples> makes it look longer.
"""

import random
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from clocks_set import Clock
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from ledger import everything
from lifetimes import Life, born

from budget import LONG
from service import Service, alive, eventually
from slackwater.model.instants import HOUR, SECOND, WEEK, parse_iso
from slackwater.store.engine.database import Database
from slackwater.supervise.lifecycle import wanted_state
from sources import SourceServer

HERE = Path(__file__).parent
EXAMPLES = LONG or 2
STEPS = 40 if LONG else 22
RESTARTS = 6 if LONG else 1
MOST = 3  # wrappers at once
WAYS = st.sampled_from(["windows", "whole", "file"])
PICKS = st.integers(0, 10**6)


class World:
    """The service and the source that all examples share; an example leaves nothing behind but its service."""

    def __init__(self) -> None:
        self._directory = tempfile.TemporaryDirectory(prefix="slackwater-model-")
        home = Path(self._directory.name)
        self.clock = Clock(home / "clock")
        self.source = SourceServer().__enter__()
        self.service = Service(
            home / "data",
            max_tries=100,
            retry_base_seconds=0.05,
            stop_grace_seconds=0.3,
            log_level="error",
            request_tries=1,
        )
        self.service.program = [str(HERE / "twisted.py")]
        self.service.environment = {"TWIST_CLOCK": str(self.clock.path)}
        self.service.start()
        self.number = 0

    def close(self) -> None:
        try:
            if self.service.process is not None:
                self.service.end()
        finally:
            self.service.http.close()
            self.source.__exit__()
            self._directory.cleanup()


class Lives(RuleBasedStateMachine):
    """What people, sources, machines and clocks do to wrappers."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.lives: list[Life] = []
        self.dead: list[Life] = []
        self.restarts = 0  # each takes seconds: a few of them say as much as many

    @initialize(kinds=st.lists(WAYS, min_size=2, max_size=2))
    def begin(self, kinds: list[str]) -> None:
        for kind in kinds:
            self.generate(kind)

    @property
    def service(self) -> Service:
        return self.world.service

    def _one(self, pick: int) -> Life:
        return self.lives[pick % len(self.lives)]

    def _post(self, life: Life, what: str) -> int:
        return self.service.http.post(f"/resources/wrappers/{life.wrapper_id}/{what}").status_code

    # People

    @precondition(lambda self: len(self.lives) < MOST)
    @rule(kind=WAYS)
    def generate(self, kind: str) -> None:
        self.world.number += 1
        self.lives.append(born(self.service, self.world.source, kind, self.world.number))

    @precondition(lambda self: self.lives)
    @rule(pick=PICKS, wait=st.sampled_from([0, 0, 0.3]))
    def execute(self, pick: int, wait: float) -> None:
        life = self._one(pick)
        code = self._post(life, f"execute?wait={wait}")
        assert code in (200, 400)  # 400: it is still being generated, or was stopped before it had code
        life.executing = life.executing or code == 200

    @precondition(lambda self: self.lives)
    @rule(pick=PICKS)
    def stop(self, pick: int) -> None:
        life = self._one(pick)
        pid = self.service.process_id(life.wrapper_id) if life.kind != "file" else None
        assert self.service.stop(life.wrapper_id)["success"]
        life.executing = False
        assert pid is None or not alive(pid), "stop has answered, and the process lives"
        self._stays(life)

    def _stays(self, life: Life) -> None:
        """A stop is a barrier: from its answer on nothing changes."""
        before = life.entry()
        assert before is not None
        assert before.open_runs == 0
        assert before.status in ("stopped", "completed")
        if not any(each.executing for each in self.lives):
            assert self.service.leaders() == []
        time.sleep(0.06)
        assert life.entry() == before

    @precondition(lambda self: self.lives)
    @rule(pick=PICKS)
    def regenerate(self, pick: int) -> None:
        life = self._one(pick)
        assert self._post(life, "regenerate") == 200
        life.executing = True
        life.settle()

    @precondition(lambda self: self.lives)
    @rule(pick=PICKS, words=st.sampled_from([{"unit": "m"}, {"name": "another name"}, {"description": "çã"}]))
    def edit(self, pick: int, words: dict[str, str]) -> None:
        life = self._one(pick)
        answer = self.service.http.patch(f"/resources/wrappers/{life.wrapper_id}", json={"metadata": words})
        assert answer.status_code == 200 or (answer.status_code == 409 and life.executing), answer.text
        if answer.status_code == 200:
            assert answer.json()["metadata"].items() >= words.items()

    @precondition(lambda self: self.lives)
    @rule(pick=PICKS)
    def begin_anew(self, pick: int) -> None:
        life = self._one(pick)
        answer = self.service.http.delete(f"/resources/wrappers/{life.wrapper_id}/checkpoint")
        assert answer.status_code in (200, 204) or (answer.status_code == 409 and life.executing), answer.text
        if answer.status_code != 409:
            life.settle()

    @precondition(lambda self: self.lives)
    @rule(pick=PICKS, weeks=st.integers(1, 300))
    def rewind(self, pick: int, weeks: int) -> None:
        life = self._one(pick)
        url = f"/resources/wrappers/{life.wrapper_id}/checkpoint"
        kept = self.service.http.get(url).json()["covered"][: weeks % 2]
        answer = self.service.http.put(url, json={"covered": kept})
        # 400: the clock was set back, and what it kept from before reaches into the future now.
        ahead = any(parse_iso(each["end"]) > self.world.clock.now() for each in kept)
        assert answer.status_code in ((400, 409) if ahead else (200, 409)), answer.text

    @precondition(lambda self: self.lives)
    @rule(pick=PICKS)
    def delete(self, pick: int) -> None:
        life = self._one(pick)
        assert self.service.http.delete(f"/resources/wrappers/{life.wrapper_id}").status_code == 200
        life.deleted = True
        self.lives.remove(life)
        self.dead.append(life)
        assert self.service.http.get(f"/resources/wrappers/{life.wrapper_id}").status_code == 404

    @precondition(lambda self: self.lives)
    @rule(pick=PICKS, seed=st.integers(0, 2**32))
    def several_at_once(self, pick: int, seed: int) -> None:
        life, chance = self._one(pick), random.Random(seed)
        calls = [chance.choice(["stop", "execute?wait=0", "stop", "execute?wait=0.2", "regenerate"]) for _ in range(6)]
        with ThreadPoolExecutor(6) as pool:
            codes = list(pool.map(lambda what: self._post(life, what), calls))
        assert set(codes) <= {200, 400, 409}, list(zip(calls, codes, strict=True))
        life.executing = True  # or not; what comes next tells
        if "regenerate" in calls:
            life.settle()

    @precondition(lambda self: self.lives)
    @rule()
    def stop_all_at_once(self) -> None:
        with ThreadPoolExecutor(MOST) as pool:
            answers = list(pool.map(lambda life: self.service.stop(life.wrapper_id), self.lives))
        assert all(answer["success"] for answer in answers)
        for life in self.lives:
            life.executing = False
        assert self.service.leaders() == []

    @precondition(lambda self: self.lives)
    @rule(pick=PICKS)
    def stop_on_another_machine(self, pick: int) -> None:
        """Another node writes «stopped»; here nobody has heard of it, and still nothing may be stored any more."""
        life = self._one(pick)
        if life.executing:
            stop_elsewhere(self.service.data_dir, life.wrapper_id, self.world.clock.now())
            fenced = life.entry()
            assert fenced is not None
            time.sleep(0.15)
            now = life.entry()
            assert now is not None
            assert (now.stored, now.covered) == (fenced.stored, fenced.covered), "stored behind the fence"
            assert self.service.stop(life.wrapper_id)["success"]
            life.executing = False
            self._stays(life)

    # Sources

    @precondition(lambda self: any(life.endpoint for life in self.lives))
    @rule(pick=PICKS, ago=st.integers(1, 20), value=st.integers(-99, 99))
    def publish(self, pick: int, ago: int, value: int) -> None:
        life = self._source(pick)
        life.publish(self.world.clock.now() // SECOND * SECOND - ago * HOUR, float(value))

    @precondition(lambda self: any(life.endpoint for life in self.lives))
    @rule(pick=PICKS, value=st.integers(100, 199))
    def revise(self, pick: int, value: int) -> None:
        life = self._source(pick)
        now = self.world.clock.now()
        recent = [x for x in life.feed.points()["value"] if now - 4 * WEEK < x < now]
        if recent:
            life.publish(recent[pick % len(recent)], float(value))

    @precondition(lambda self: any(life.endpoint for life in self.lives))
    @rule(pick=PICKS, what=st.sampled_from(["drop", "truncate", "500", "429", "slow"]), times=st.integers(1, 6))
    def fail(self, pick: int, what: str, times: int) -> None:
        faults = self._source(pick).endpoint.faults
        match what:
            case "drop":
                faults.drop(times=times)
            case "truncate":
                faults.truncate(times=times)
            case "slow":
                faults.slow(0.2, times=times)
            case status:
                faults.answer(int(status), times=times)

    def _source(self, pick: int) -> Life:
        found = [life for life in self.lives if life.endpoint]
        return found[pick % len(found)]

    # Machines

    @rule(pick=PICKS)
    def kill_a_wrapper_process(self, pick: int) -> None:
        if leaders := self.service.leaders():
            _kill(leaders[pick % len(leaders)])

    @rule(pick=PICKS)
    def kill_a_guard(self, pick: int) -> None:
        if leaders := self.service.leaders():
            try:
                guard = leaders[pick % len(leaders)].parent()
            except psutil.NoSuchProcess:
                return
            if guard is not None and guard.pid != self.service.process.pid:
                _kill(guard)

    @rule()
    def kill_the_fork_server(self) -> None:
        for child in psutil.Process(self.service.process.pid).children():
            _kill(child)

    @precondition(lambda self: self.lives and self.restarts < RESTARTS)
    @rule(pause=st.floats(0, 0.3))
    def kill_the_service(self, pause: float) -> None:
        self.restarts += 1
        time.sleep(pause)
        below = [process.pid for process in self.service.below()]
        self.service.kill()
        eventually(lambda: not any(map(alive, below)))
        self.service.start()

    @precondition(lambda self: self.lives and self.restarts < RESTARTS)
    @rule()
    def restart_the_service(self) -> None:
        self.restarts += 1
        below = [process.pid for process in self.service.below()]
        self.service.end()
        assert not any(map(alive, below))
        self.service.start()

    # Clocks

    @rule(seconds=st.sampled_from([-40 * 86400, -86400, -3600, -2, 2, 3600, 86400, 40 * 86400, 400 * 86400]))
    def set_the_clock(self, seconds: int) -> None:
        self.world.clock.set(self.world.clock.ahead + seconds)

    @rule(pause=st.floats(0.01, 0.4))
    def wait(self, pause: float) -> None:
        time.sleep(pause)

    @precondition(lambda self: self.lives)
    @rule(pick=PICKS)
    def catch_up(self, pick: int) -> None:
        life = self._one(pick)
        now = self.world.clock.now()
        life.caught_up(now)

    @invariant()
    def every_promise_holds(self) -> None:
        for life in self.lives:
            life.check()
        for life in self.dead:
            life.check_data()

    @invariant()
    def no_process_without_a_run(self) -> None:
        if self.service.process is None:
            return
        before = {each for each, found in everything(self.service.data_dir).items() if found.open_runs}
        leaders = len(self.service.leaders())
        after = {each for each, found in everything(self.service.data_dir).items() if found.open_runs}
        assert leaders <= len(before | after) or self._settles(), "more processes than open runs"

    def _settles(self) -> bool:
        def fits() -> bool:
            return len(self.service.leaders()) <= sum(e.open_runs for e in everything(self.service.data_dir).values())

        return bool(eventually(fits))

    def teardown(self) -> None:
        world = self.world
        try:
            if self.service.process is None:
                self.service.start()
            for life in self.lives:
                life.caught_up(world.clock.now())
            for life in self.lives:
                assert self.service.http.delete(f"/resources/wrappers/{life.wrapper_id}").status_code == 200
            eventually(lambda: self.service.leaders() == [])
        finally:
            world.clock.set(0)


def stop_elsewhere(data_dir: Path, wrapper_id: str, now: int) -> None:
    """Write a stop into the store as another node would, without a word to the service."""
    database = Database.open(data_dir)
    try:
        database.write(lambda c: wanted_state.request_stop(c, wrapper_id, now), urgent=True).result(20)
    finally:
        database.close()


def _kill(process: psutil.Process) -> None:
    try:
        process.kill()
    except psutil.NoSuchProcess:
        return


@pytest.mark.timeout(7200 if LONG else 600)
def test_whatever_happens_to_wrappers() -> None:
    world = World()
    Lives.world = world
    try:
        run_state_machine_as_test(
            Lives,
            settings=settings(
                max_examples=EXAMPLES,
                stateful_step_count=STEPS,
                deadline=None,
                derandomize=not LONG,
                database=None,
                phases=(Phase.generate,),  # what depends on the moment is not found again by shrinking
                report_multiple_bugs=False,
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        world.close()
