"""A workbench for hostile modules: each runs for real, and what it leaves behind is looked at afterwards."""

import asyncio
import contextlib
import textwrap
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psutil

from slackwater.model.source.config import FileConfig
from slackwater.model.wrapper import Metadata, SourceType
from slackwater.settings import Settings
from slackwater.store.records import logs, runs, wrappers
from slackwater.workbench import Workbench

FORK_SERVER = "slackwater.supervise.process.fork_server"
DEADLINE = 60.0  # seconds, on a machine that others use as well
PATIENCE = 20.0  # seconds until what has said its last word is gone
USUAL = 10.0  # seconds that the service may take for an answer, and its loop for a turn, on a busy machine
STEP = 0.02  # seconds between two points of the wrapper that runs beside
LIMITS = {
    "memory_limit_bytes": 512 * 1024**2,
    "cpu_limit_seconds": 2,
    "process_limit": 24,
    "open_files_limit": 64,
    "file_size_limit_bytes": 1024**2,
    "scratch_limit_bytes": 4 * 1024**2,
    "max_tries": 1,
    "stop_grace_seconds": 0.3,
    "log_level": "error",
}

PRELUDE = """
import asyncio, ctypes, errno, fcntl, os, signal, socket, stat, struct, sys, time
from datetime import datetime, timedelta, timezone
from slackwater import Point, Wrapper
from slackwater.pipe.codec import packed
from slackwater.pipe.frames import Batch, Fault, Log, Request

libc = ctypes.CDLL(None, use_errno=True)
START = datetime(2021, 1, 1, tzinfo=timezone.utc)

def sys_call(name, *arguments):
    from slackwater.runtime.confinement import libc
    return libc.call(name, *arguments)

def tried(what, action):
    try:
        action()
    except OSError as error:
        print("refused", what, errno.errorcode.get(error.errno))
    else:
        print("ESCAPED", what)

def sockets():
    found = []
    for number in range(3, 64):
        try:
            if not stat.S_ISSOCK(os.fstat(number).st_mode):
                continue
        except OSError:
            continue
        with socket.socket(fileno=os.dup(number)) as way:
            peer, _, _ = struct.unpack("3i", way.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
        if peer != os.getpid():  # the other pair is the event loop's own
            found.append(number)
    return found

def say(data):
    for number in sockets():
        os.set_blocking(number, True)
        os.write(number, data)
"""


def module(body: str) -> str:
    """A module whose `fetch` runs `body`, after the helpers of the prelude."""
    inside = textwrap.indent(textwrap.dedent(body).strip() + "\n", " " * 8)
    return (
        f"{PRELUDE}\nclass Hostile(Wrapper):\n    whole = True\n    async def fetch(self, window, http):\n{inside}"
        "        return\n        yield\n\nwrapper = Hostile()\n"
    )


BESIDE = f"""
n = 0
while True:
    yield Point(START + timedelta(seconds=n), n, "beside")
    n += 1
    await asyncio.sleep({STEP})
"""


@dataclass
class After:
    """What a hostile run has come to."""

    outcome: str
    message: str
    log: str

    def refused(self, count: int) -> None:
        """Everything was tried, nothing succeeded."""
        assert "ESCAPED" not in self.log, self.log
        assert self.log.count("[STDOUT] refused") == count, self.log
        assert self.outcome == "succeeded", self.message


class Arena:
    """One workbench with a wrapper that does its work all the time, and one that misbehaves."""

    def __init__(self, bench: Workbench) -> None:
        self.bench = bench
        self.hostile_id = ""
        self.beside_id = ""
        self.slowest = 0.0  # seconds that the event loop took for a turn at worst

    @classmethod
    @asynccontextmanager
    async def open(cls, directory: Path, **settings: Any) -> AsyncIterator["Arena"]:
        async with Workbench.open(Settings(data_dir=directory / "data", **{**LIMITS, **settings})) as bench:
            arena = cls(bench)
            path = directory / "level.csv"
            path.write_text("time,level\n2020-01-01T00:00:00Z,1\n2020-01-02T00:00:00Z,2\n")
            file_id = await bench.add_file(path)
            arena.hostile_id, arena.beside_id = await arena._wrapper(file_id), await arena._wrapper(file_id)
            await bench.lifecycle.patch(arena.beside_id, generated_code=module(BESIDE))
            await bench.lifecycle.execute(arena.beside_id, wait=0)
            await eventually(lambda: arena.process(arena.beside_id))
            pulse = asyncio.create_task(arena._feel_the_pulse())
            yield arena
            pulse.cancel()

    async def _wrapper(self, file_id: str) -> str:
        record = await self.bench.lifecycle.generate(
            source_type=SourceType.CSV, config=FileConfig(file_id=file_id), metadata=Metadata(name="a test")
        )
        deadline = time.monotonic() + DEADLINE
        while (await self.record(record.wrapper_id)).control.status != "completed":
            assert time.monotonic() < deadline
            await asyncio.sleep(0.02)
        return record.wrapper_id

    async def _feel_the_pulse(self) -> None:
        while True:
            began = time.monotonic()
            await asyncio.sleep(0.01)
            self.slowest = max(self.slowest, time.monotonic() - began)

    async def read(self, look: Any) -> Any:
        return await asyncio.wrap_future(self.bench.database.read(look))

    async def _write(self, work: Any) -> Any:
        return await asyncio.wrap_future(self.bench.database.write(work))

    async def record(self, wrapper_id: str) -> Any:
        return await self.read(partial(wrappers.get, wrapper_id=wrapper_id))

    def process(self, wrapper_id: str) -> int | None:
        vitals = self.bench.lifecycle.vitals(wrapper_id)
        return vitals.process_id if vitals else None

    @property
    def fork_server(self) -> int:
        # The tests before may have left children that serve the whole session, such as the browser's driver.
        found = []
        for child in psutil.Process().children():
            with contextlib.suppress(psutil.NoSuchProcess):  # it has ended meanwhile
                found += [child.pid] if FORK_SERVER in child.cmdline() else []
        [pid] = found
        return pid

    @property
    def scratch(self) -> Path:
        return (self.bench.settings.data_dir / "scratch").readlink()

    async def attack(self, body: str) -> After:
        """Run a hostile module to its end and look at what is left."""
        beside = self.process(self.beside_id)
        self.slowest = 0.0
        await self._write(partial(logs.forget_old, wrapper_id=self.hostile_id, keep=0))
        await self.bench.lifecycle.stop(self.hostile_id)  # an outage before has left it waiting for its next try
        await self.bench.lifecycle.patch(self.hostile_id, generated_code=module(body))
        await self.bench.lifecycle.execute(self.hostile_id, wait=DEADLINE)
        return await self.aftermath(beside)

    def _below(self) -> set[int]:
        return {process.pid for process in psutil.Process(self.fork_server).children(recursive=True)}

    async def aftermath(self, beside: int | None) -> After:
        """Return how the run ended, once it is seen that nothing of it is left and nobody else has suffered."""
        began = time.monotonic()
        run = await self.read(partial(runs.last, wrapper_id=self.hostile_id))
        lines, _ = await self.read(partial(logs.tail, wrapper_id=self.hostile_id, limit=100))
        assert time.monotonic() - began < USUAL
        assert self.slowest < USUAL, "the service was held up"
        assert run.outcome != "running"
        assert beside is not None
        assert self.process(self.beside_id) == beside, "the wrapper beside has lost its process"
        # The guard says that all is gone as its own last word; it is itself gone a moment later.
        wanted = {psutil.Process(beside).ppid(), beside}
        while (below := self._below()) != wanted:
            assert time.monotonic() - began < PATIENCE, f"processes are left: {below - wanted}"
            await asyncio.sleep(0.01)
        assert [path.name for path in self.scratch.iterdir()] == [str(psutil.Process(beside).ppid())]
        return After(run.outcome, run.message or "", "\n".join(lines))


async def eventually(look: Any, *, within: float = DEADLINE) -> Any:
    deadline = time.monotonic() + within
    while not (answer := look()):
        assert time.monotonic() < deadline, f"not within {within} s; at last: {answer!r}"
        await asyncio.sleep(0.02)
    return answer
