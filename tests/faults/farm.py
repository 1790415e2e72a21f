"""Nodes under fire: services and workers on one PostgreSQL, and a source that sees which processes ask it."""

import contextlib
import json
import random
import shutil
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import httpx
import psutil
import psycopg
from ledger import Entry, Shared
from lifetimes import Life
from stand import HERE, KEPT_IN_ROW, RECOVERY, Place, Row

import databases
import scenes
from nodes import LEASE, SECRET, NodeService, Proxy, Worker, database
from service import alive, eventually
from slackwater.model.instants import SECOND, WEEK
from slackwater.model.source.config import ApiConfig
from slackwater.model.source.identity import identity
from slackwater.model.status import Status
from slackwater.model.wrapper import Metadata, SourceType, WantedState, from_flat
from slackwater.store.engine.database import Connection, Database, Server
from slackwater.store.records import resources, wrappers
from sources import Answer, Endpoint, Feed, Recorded, SourceServer

WATCH = 0.2  # seconds between two looks of the watcher
LINGER = 0.4  # seconds after a stop in which something may be stored that should not be
APART = 0.5  # seconds by which the clocks of nodes may differ: each guesses the database's by what its answers take
SILENCE = LEASE + 5.0  # seconds after which a node that says nothing is known to have no process left
# The module tells its source by which process it is read.
MODULE = """import os

from slackwater import ApiWrapper, Offset, TimeFilter

wrapper = ApiWrapper(
    url="{url}",
    params={{"by": os.getpid()}},
    records="items",
    time="timestamp",
    value="value",
    pages=Offset(limit=50),
    window=TimeFilter("from", "to"),
)
"""


@dataclass(frozen=True)
class Process:
    """A process that cannot be taken for a later one of the same number."""

    pid: int
    born: float

    @classmethod
    def of(cls, pid: int) -> "Process | None":
        """Return the process of that number, None when it is gone."""
        try:
            return cls(pid, psutil.Process(pid).create_time())
        except psutil.NoSuchProcess:
            return None

    @property
    def lives(self) -> bool:
        """Whether it is there, frozen or not."""
        return alive(self.pid) and Process.of(self.pid) == self


@dataclass
class FarmLife(Life):
    """A wrapper that any node may run, as it should be."""

    store: Shared = field(kw_only=True)
    readers: set[Process] = field(default_factory=set)  # that its source has seen

    def entry(self) -> Entry | None:
        return self.store.entry(self.wrapper_id)

    @property
    def living(self) -> list[int]:
        """Pids of its processes that live."""
        return [each.pid for each in list(self.readers) if each.lives]


class Farm:
    """One or two services that run nothing, some workers, and a watcher."""

    def __init__(
        self, row: Row, place: Place, *, workers: int = 2, fronts: int = 1, max_runs: int = 16, own: bool = False
    ) -> None:
        self.row = row
        self.place = place
        self.chance = random.Random(row.fault)
        self.lives: list[FarmLife] = []
        self.source = SourceServer()
        self.server: databases.OwnServer | None = None
        self._stack = contextlib.ExitStack()
        self._home = Path(tempfile.mkdtemp(prefix="slackwater-farm-"))
        self._own = own
        self._sizes = workers, fronts, max_runs
        self._over = threading.Event()
        self._number = 0

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as undo:
            undo.enter_context(self._stack)
            self._stack.callback(shutil.rmtree, self._home, ignore_errors=True)
            self._stack.enter_context(self.source)
            if self._own:
                self.server = self._stack.enter_context(databases.OwnServer())
                self.url = self.server.url
            else:
                self.url = self._stack.enter_context(database())
            workers, fronts, max_runs = self._sizes
            self.proxies = [Proxy(self.url) for _ in range(workers)]
            self.workers = [
                Worker(self._home / f"w{n}", proxy.url, f"w{n}", max_runs=max_runs, log_level="error")
                for n, proxy in enumerate(self.proxies)
            ]
            self.fronts = [
                NodeService(
                    self._home / f"f{n}" / "data",
                    self.url,
                    f"f{n}",
                    max_runs=0,
                    stop_deadline_seconds=2,
                    log_level="error",
                )
                for n in range(fronts)
            ]
            for each in [*self.workers, *self.fronts]:
                each.program = [str(HERE / "twisted.py")]
                if self.place.plant:
                    each.environment = {"TWIST_PLANT": self.place.plant}
            self.store = Shared(self.url)
            self._stack.callback(self.store.close)
            for each in [*self.proxies]:
                self._stack.callback(each.close)
            for each in [*self.workers, *self.fronts]:  # all at once: they meet an empty database
                self._stack.enter_context(each)
            self.joined()
            watcher = threading.Thread(target=self._watch, name="watcher", daemon=True)
            watcher.start()
            self._stack.callback(watcher.join)
            self._stack.callback(self._over.set)
            undo.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        for proxy in self.proxies:
            proxy.mend()
        self._stack.close()

    def _watch(self) -> None:
        while not self._over.wait(WATCH):
            for life in list(self.lives):
                try:
                    life.check()
                except AssertionError as error:
                    self.found(str(error))
                except (OSError, psycopg.Error):
                    continue  # the database may be away: that is what faults do

    def found(self, what: str) -> None:
        """Note a broken promise, once."""
        if "covered but not there" in what:
            self.row.lost = max(self.row.lost, 1)
        if len(self.row.broken) < KEPT_IN_ROW and what not in self.row.broken:
            self.row.broken.append(what)

    def hit(self, times: int = 1) -> None:
        self.row.injected += times

    # Wrappers

    def plant(self, count: int, *, points: int = 2000, delay: float = 0.3) -> list[FarmLife]:
        """Put so many wrappers there that begin to read their histories now."""
        added = []
        for _ in range(count):
            self._number += 1
            feed = Feed.regular("1972-01-01", WEEK, points)  # all of it is past
            shape = {"delay": delay, **scenes.API, "strict": True}
            endpoint = self.source.serve(f"/v1/{self._number}", feed, **shape)
            life = FarmLife(self.fronts[0], str(uuid.uuid4()), "windows", feed, endpoint, store=self.store)
            self.source.route(f"/v1/{self._number}", self._seeing(life, endpoint))
            added.append(life)
        database_ = Database.open(Path(), SECRET, server=Server(url=self.url))
        try:
            database_.write(lambda c: [_planted(c, life) for life in added]).result()
        finally:
            database_.close()
        self.lives += added
        return added

    def _seeing(self, life: FarmLife, endpoint: Endpoint) -> Callable[[Recorded], Answer]:
        """Answer as the endpoint does, and look which processes of the wrapper live at this moment."""

        def answer(request: Recorded) -> Answer:
            query = dict(request.query)
            reader = Process.of(int(query.pop("by")))
            if reader is not None:
                life.readers.add(reader)
            if len(two := life.living) > 1:
                self.found(f"{life}: two of its processes live at once: {two}")
                self.row.doubled += 1
            return endpoint(replace(request, query=query))

        return answer

    def reads(self, lives: Sequence[FarmLife], within: float = RECOVERY) -> None:
        """Wait until each of them has a process, and points."""

        def all_read() -> bool:
            entries = [life.entry() for life in lives]
            return all(e and e.open_runs and e.points for e in entries) and all(life.living for life in lives)

        eventually(all_read, within=within)

    def ask(self, path: str, method: str = "POST", **params: Any) -> httpx.Response:
        """Ask the first service, as often as the database is away."""

        def asked() -> httpx.Response | None:
            answer = self.fronts[0].http.request(method, path, params=params)
            return None if answer.status_code == 503 else answer

        return eventually(asked, within=RECOVERY)

    def stop(self, life: FarmLife, front: NodeService | None = None, within: float = RECOVERY) -> None:
        """Stop a wrapper; ask again while the answer is no, or the database away. Its yes must be true."""
        deadline = time.monotonic() + within
        while True:
            answer = (front or self.fronts[0]).http.post(f"/resources/wrappers/{life.wrapper_id}/stop")
            left = life.living
            if answer.status_code == 200 and answer.json()["success"]:
                break
            if answer.status_code not in (200, 503):
                self.found(f"{life}: its stop was answered with {answer.status_code} {answer.text[:200]}")
            if time.monotonic() > deadline:
                self.found(f"{life}: it could not be stopped in {within:g} s: {answer.text[:200]}")
                return
            time.sleep(0.05)
        if left:
            self.row.zombies += len(left)
            self.found(f"{life}: its stop has answered, and {len(left)} of its processes live")
        life.executing = False
        self.still(life)

    def still(self, life: FarmLife, seconds: float = LINGER) -> None:
        """See that nothing is stored any more in so many seconds."""
        before = self._known(life)
        time.sleep(seconds)
        if self._known(life) != before:
            self.row.doubled += 1
            self.found(f"{life}: something was stored after its stop")

    def _known(self, life: FarmLife) -> object:
        found = self.entry(life)
        return found and (found.stored, found.covered, found.points)

    def entry(self, life: FarmLife) -> Entry | None:
        """What the store says of it, as soon as the database is there."""

        def look() -> tuple[Entry | None]:
            with contextlib.suppress(psycopg.OperationalError):
                return (life.entry(),)
            return ()  # type: ignore[return-value]

        return eventually(look, within=RECOVERY)[0]

    def settle(self) -> None:
        """Let everything be read to its end, and count what is lost or doubled then."""
        for life in self.lives:
            try:
                eventually(lambda life=life: (e := self.entry(life)) and e.backfill_done and not e.open_runs)
                life.complete(time.time_ns() // 1000)
            except AssertionError as error:
                self.found(str(error))
            found = self.entry(life)
            for series, line in life.feed.points().items():
                stored = found.stored.get(series, {}) if found else {}
                self.row.lost += sum(stored.get(x) != y for x, y in line.items())
                self.row.doubled += len(stored.keys() - line.keys())

    # Nodes

    def joined(self) -> None:
        """Wait until all nodes that should be there are, and no other."""

        def all_there() -> bool:
            with contextlib.suppress(httpx.TransportError):
                answer = self.fronts[0].http.get("/nodes")
                if answer.status_code == 200:
                    found = answer.json()
                    young = all(each["silent_seconds"] < LEASE for each in found)
                    return young and len(found) == len(self.workers) + len(self.fronts)
            return False

        eventually(all_there, within=RECOVERY)

    def node_of(self, life: FarmLife) -> Worker | None:
        """The worker that runs it now, as the store says."""
        query = "SELECT node FROM runs WHERE wrapper_id = ? AND outcome = 'running'"
        for (node,) in self.store.rows(query, life.wrapper_id):
            return next(each for each in self.workers if each.name == node.split("-")[0])
        return None

    def lease_of(self, worker: Worker) -> tuple[int, set[str]]:
        """When others may take a worker for gone, as long as it says no more, and the wrappers that it runs."""
        name = worker.name
        renewed = self.store.rows("SELECT renewed_at FROM nodes WHERE name = ?", name)
        running = self.store.rows("SELECT wrapper_id FROM runs WHERE node = ? AND outcome = 'running'", name)
        return max((at for (at,) in renewed), default=0) + round(SILENCE * SECOND), {each for (each,) in running}

    def not_before(self, until: int, worker: Worker, wrapper_ids: set[str]) -> None:
        """See that nobody has opened a run of these before the worker was known to have none left."""
        query = "SELECT min(started_at) FROM runs WHERE wrapper_id = ? AND node <> ? AND started_at > ?"
        for wrapper_id in wrapper_ids:
            [(opened,)] = self.store.rows(query, wrapper_id, worker.name, until - round(SILENCE * SECOND))
            if opened is not None and opened < until - round(APART * SECOND):
                early = (until - opened) / SECOND
                self.found(f"{wrapper_id}: another node opened a run {early:.1f} s before {worker.name} was known gone")

    def leaders(self) -> list[int]:
        """Every process that runs a module, on all workers."""
        return [pid for each in self.workers if each.process is not None for pid in each.leaders()]

    def gone(self, pids: Sequence[int], within: float) -> None:
        """Count what of these is still there after so many seconds."""
        deadline = time.monotonic() + within
        while left := [pid for pid in pids if alive(pid)]:
            if time.monotonic() > deadline:
                self.row.zombies += len(left)
                self.found(f"{len(left)} processes live {within:g} s after their end was due")
                return
            time.sleep(0.05)

    def goes_on(self, lives: Sequence[FarmLife], since: float) -> None:
        """Wait until all of them get on again, or have read all; note how long that took."""
        before = {life.wrapper_id: (e := self.entry(life)) and e.points for life in lives}

        def on() -> bool:
            for life in lives:
                found = self.entry(life)
                if not found or not (found.backfill_done or found.points > (before[life.wrapper_id] or 0)):
                    return False
            return True

        try:
            eventually(on, within=RECOVERY)
        except AssertionError:
            self.found(f"nothing goes on {RECOVERY:g} s after the fault")
        self.row.recovery = max(self.row.recovery, time.monotonic() - since)


def _planted(c: Connection, life: FarmLife) -> None:
    now = time.time_ns() // 1000
    assert life.endpoint
    form = ApiConfig(location=life.endpoint.url).model_dump(exclude_none=True)
    record = from_flat(
        {
            "wrapper_id": life.wrapper_id,
            "source_type": SourceType.API,
            "source_config": form,
            "metadata": Metadata(name=f"farm {life.wrapper_id}", periodicity="weekly").model_dump(),
            "identity": identity(form),
            "created_at": now,
            "updated_at": now,
            "wanted": WantedState.EXECUTING,
            "status": Status.EXECUTING,
            "due_at": now,
        }
    )
    wrappers.insert(c, record, "planted")
    resources.create(c, wrapper_id=life.wrapper_id, name="farm", type="test", legend=None, source_type="API", now=now)
    wrappers.update(c, record, now=now, generated_code=MODULE.format(url=life.endpoint.url))


def told(answer: httpx.Response) -> dict[str, Any]:
    """The body of an answer that must be well."""
    assert answer.status_code == 200, answer.text
    return dict(json.loads(answer.text))


@contextlib.contextmanager
def farming(row: Row, place: Place, **how: Any) -> Iterator[Farm]:
    """Give a farm of this fault's own."""
    with Farm(row, place, **how) as farm:
        yield farm
