"""The ground that benchmarks stand on: a service, wrappers that are already known to it, and bare processes."""

import asyncio
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

from service import KEY, Service, eventually
from slackwater.model.checkpoint import Checkpoint, Interval
from slackwater.model.instants import DAY, YEAR
from slackwater.model.source.config import ApiConfig
from slackwater.model.source.identity import identity
from slackwater.model.status import Status
from slackwater.model.wrapper import Metadata, SourceType, WantedState, from_flat
from slackwater.store.engine.database import Connection, Database
from slackwater.store.records import resources, wrappers

PATIENCE = 120.0  # seconds for anything that is not what is measured
BARE = "import time; print(flush=True); time.sleep(600)"

# As discovery writes it; the sources that make a wrapper wait would make discovery wait, too.
MODULE = """from slackwater import ApiWrapper, Offset

wrapper = ApiWrapper(
    url="{url}",
    records="items",  # where the list of records is
    time="time",
    value="value",
    pages=Offset(limit={limit}),
)
"""


@contextmanager
def directory() -> Iterator[Path]:
    """Give a directory for a service and its data; it is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="slackwater-bench-") as path:
        yield Path(path)


def service(place: Path, **settings: object) -> Service:
    """Return a service, not started, as a user would run it; `settings` are what the benchmark needs beside that."""
    # What the tests make quicker than it is by default is put back.
    return Service(place / "data", retry_base_seconds=5.0, **settings)


def plant(place: Path, count: int, url: str, limit: int, *, following: bool) -> list[str]:
    """Put API wrappers into the store of a service that is not running; return their ids.

    `following`: their history is in and their next poll is half a day away. Otherwise they are stopped, nothing read.
    """
    now = time.time_ns() // 1000
    covered = Checkpoint(covered=(Interval(now - YEAR, now),), backfill_done=True, backfill_reason="planted")
    state = (
        {"wanted": WantedState.EXECUTING, "status": Status.EXECUTING, "due_at": now + DAY // 2, "checkpoint": covered}
        if following
        else {"wanted": WantedState.STOPPED, "status": Status.STOPPED}
    )
    form = ApiConfig(location=url, timeout_seconds=600).model_dump(exclude_none=True)
    code = MODULE.format(url=url, limit=limit)

    def store(c: Connection) -> list[str]:
        return [_planted(c, f"planted {number}", form, code, now, state) for number in range(count)]

    database = Database.open(place / "data")
    try:
        return database.write(store).result()
    finally:
        database.close()


def _planted(c: Connection, name: str, form: dict, code: str, now: int, state: dict) -> str:
    given = {
        "wrapper_id": str(uuid.uuid4()),
        "source_type": SourceType.API,
        "source_config": form,
        "metadata": Metadata(name=name, periodicity="daily").model_dump(),
        "identity": identity(form),
        "created_at": now,
        "updated_at": now,
    }
    record = from_flat(given | state)
    wrappers.insert(c, record, "planted by a benchmark")
    resources.create(
        c, wrapper_id=record.wrapper_id, name=name, type="benchmark", legend=None, source_type="API", now=now
    )
    wrappers.update(c, record, now=now, generated_code=code)
    return record.wrapper_id


def execute_all(running: Service, wrapper_ids: Sequence[str]) -> None:
    """Execute the wrappers and wait until each of them has a process."""
    for wrapper_id in wrapper_ids:
        answer = running.execute(wrapper_id, wait=0)
        assert answer["success"], answer
    for wrapper_id in wrapper_ids:
        eventually(lambda wrapper_id=wrapper_id: running.process_id(wrapper_id), within=PATIENCE)


def posted(running: Service, paths: Sequence[str]) -> list[tuple[float, bytes]]:
    """POST to all paths at once, each on a connection that is open already; return (seconds, body) of each answer.

    By hand, because at a hundred requests at once a client library would measure itself.
    """
    return asyncio.run(_posted(running.port, paths))


async def _posted(port: int, paths: Sequence[str]) -> list[tuple[float, bytes]]:
    lines = await asyncio.gather(*(asyncio.open_connection("127.0.0.1", port) for _ in paths))
    try:
        return await asyncio.gather(*(_post(path, *line) for path, line in zip(paths, lines, strict=True)))
    finally:
        for _, writer in lines:
            writer.close()


async def _post(path: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> tuple[float, bytes]:
    request = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-API-Key: {KEY}\r\nContent-Length: 0\r\n\r\n"
    began = time.perf_counter()
    writer.write(request.encode())
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    body = await reader.readexactly(int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0]))
    took = time.perf_counter() - began
    if b" 200 " not in head.split(b"\r\n", 1)[0]:
        raise AssertionError(f"POST {path}: {head.decode()}{body.decode()}")
    return took, body


@contextmanager
def bare_processes(count: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Give bare Python processes that have come to their sleep."""
    children = [subprocess.Popen([sys.executable, "-c", BARE], stdout=subprocess.PIPE) for _ in range(count)]
    try:
        for child in children:
            assert child.stdout
            child.stdout.readline()
        yield children
    finally:
        for child in children:
            child.kill()
            child.communicate()


def processes_left(running: Service) -> int:
    """Return how many processes live below the service beside its fork server."""
    return len(running.below()) - 1


def memory(pid: int) -> dict[str, float]:
    """Return what a process takes, in MB (10^6 bytes): `rss`, `pss` (shared pages by their share) and `private`."""
    sizes: dict[str, float] = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, size, *_ = line.split()
        sizes[name.rstrip(":").lower()] = int(size) * 1024 / 1e6
    return {"rss": sizes["rss"], "pss": sizes["pss"], "private": sizes["private_clean"] + sizes["private_dirty"]}


def highest_rss(pid: int) -> float:
    """Return the most that a process has ever had in memory, in MB."""
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(status["VmHWM"].split()[0]) * 1024 / 1e6


def fork_server(running: Service) -> psutil.Process:
    """Return the fork server of a service."""
    assert running.process
    [found] = psutil.Process(running.process.pid).children()
    return found
