"""Coverage-guided fuzzing of what a wrapper process says (`make fuzz SECONDS=…`): real runs, a real store.

Every input is read as the frames of one process and served by a run. The fuzzer stops at an input that raises what a
run does not expect, breaks the store, is answered without a sentence, or takes more than `SLOW` seconds of the
processor. Its own memory grows by some KiB for each input: atheris keeps the results of instrumented comparisons,
statements of SQL among them.
"""

import asyncio
import sys
import tempfile
import time
from itertools import count
from os import fdopen, pipe
from pathlib import Path
from random import Random
from socket import SHUT_WR, socketpair
from typing import Any

import atheris

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent.parent / "integration")]

with atheris.instrument_imports(
    include=["slackwater.pipe", "slackwater.model", "slackwater.supervise", "slackwater.store"]
):
    import msgspec
    from lives import CLEAN, Lives
    from shapes_of_frames import FRAMES

    from slackwater.errors import BadSource, ProtocolViolation, StaleEpoch
    from slackwater.model.printable import one_line
    from slackwater.model.source.config import ApiConfig
    from slackwater.pipe.codec import LENGTH
    from slackwater.pipe.frames import Discover, Failed, Found, Limits, Read
    from slackwater.store.engine.database import Database
    from slackwater.supervise.http.broker import Broker
    from slackwater.supervise.http.credentials import Access
    from slackwater.supervise.process.child import Child
    from slackwater.supervise.run.ingest import Run
    from slackwater.supervise.run.job import Task
    from slackwater.supervise.run.outcomes import MAX_MESSAGE, sane
    from slackwater.supervise.run.session import WorkerSession
    from slackwater.supervise.run.watchdog import TimeLimits

SLOW = 10.0  # seconds of processor time for one input of at most 64 KiB; instrumented code is several times slower
CONFIG = ApiConfig(location="http://127.0.0.1:9/")
EXPECTED = (ProtocolViolation, StaleEpoch, BadSource, asyncio.CancelledError)
numbers = count(1)


class Watched(Run):
    """A run that lets nothing unexpected pass for trouble of the service that will go by."""

    unexpected: BaseException | None = None

    async def _talk(self, session: WorkerSession) -> Any:
        try:
            return await super()._talk(session)
        except EXPECTED:
            raise
        except BaseException as error:
            self.unexpected = error
            raise


class Said:
    """A link to a process that has said everything and is gone."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    async def spawn(self, **_: Any) -> Child:
        """Return the process."""
        ours, theirs = socketpair()
        theirs.sendall(self._data)
        theirs.shutdown(SHUT_WR)
        control, self._end = socketpair()
        self._theirs = theirs
        gone: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        gone.set_result(CLEAN)
        return Child(1, ours, _nothing(), _nothing(), gone, control, lambda: None)

    def close(self) -> None:
        """Close the process's ends."""
        self._theirs.close()
        self._end.close()


def _nothing() -> Any:
    reader, writer = pipe()
    fdopen(writer, "wb").close()
    return fdopen(reader, "rb")


def framed(data: bytes) -> bytes:
    """Return an input as the bytes of a pipe: frames, each after two bytes of length."""
    said = b""
    while data:
        size = int.from_bytes(data[:2], "big")
        body, data = data[2 : 2 + size], data[2 + size :]
        said += LENGTH.pack(len(body)) + body
    return said


def seed(frames: list[dict[str, Any]], flags: int) -> bytes:
    """Return frames as an input."""
    bodies = [msgspec.msgpack.encode(frame) for frame in frames]
    return bytes([flags]) + b"".join(len(body).to_bytes(2, "big") + body for body in bodies)


class Ground:
    """A store, a broker and a loop that serve one input after the other."""

    def __init__(self, directory: Path) -> None:
        self.runner = asyncio.Runner()
        self.lives = Lives(Database.open(directory))
        self.reading = self.lives.running()
        self.discovering = self._discovering()
        self.slowest = 0.0

    def _discovering(self) -> Any:
        return self.lives.open(self.lives.generate())

    def one(self, data: bytes) -> None:
        """Serve one input; AssertionError or what was unexpected when something is wrong with that."""
        if not data:
            return
        discover, raw = data[0] & 1, data[0] & 2
        began = time.process_time()
        self.runner.run(self._served(data[1:] if raw else framed(data[1:]), discover=bool(discover)))
        took = time.process_time() - began
        self.slowest = max(self.slowest, took)
        assert took < SLOW, f"{took:.1f} seconds"
        if (number := next(numbers)) % 5_000 == 0:
            sys.stdout.write(f"{number:,} inputs served; slowest {self.slowest:.3f} s\n")
            sys.stdout.flush()

    async def _served(self, said: bytes, *, discover: bool) -> None:
        opened = self.discovering if discover else self.reading
        order = (Discover if discover else Read)(
            source_type="API", config=CONFIG.model_dump(mode="json"), limits=Limits()
        )
        link = Said(said)
        async with Broker(
            allow_private=False, requests_per_second=1e6, connections=1, tries=1, max_wait=1, max_answer=1
        ) as broker:
            run = Watched(
                opened,
                Task(order, Access.of(CONFIG), None),
                link=link,  # type: ignore[arg-type]
                database=self.lives.database,
                broker=broker,
                clock=lambda: self.lives.now,
                grace=1,
                limits=TimeLimits(stall=0, run=0),
                kept_lines=10,
                changed=lambda: None,
            )
            ended = await run.perform()
            link.close()
        if run.unexpected is not None:
            raise run.unexpected
        verdict = sane(ended, opened.task).verdict
        if isinstance(verdict, Failed):
            assert verdict.message == one_line(verdict.message)
            assert len(verdict.message) <= MAX_MESSAGE + len("…")
        if isinstance(verdict, Found):
            self.lives.close(opened, verdict)
            self.discovering = self._discovering()


def main() -> None:
    """Fuzz; libFuzzer's own options are passed on."""
    with tempfile.TemporaryDirectory(prefix="slackwater-fuzz-") as directory:
        inputs = Path(directory, "inputs")
        inputs.mkdir()
        chance = Random(1)
        for number, frame in enumerate(FRAMES):
            inputs.joinpath(f"one-{number}").write_bytes(seed([frame], frame["type"] == "found"))
            inputs.joinpath(f"some-{number}").write_bytes(seed([*chance.sample(FRAMES, 3), frame], number & 1))
        words = {word for frame in FRAMES for word in (*frame, frame["type"])}
        inputs.parent.joinpath("words").write_text("".join(f'"{word}"\n' for word in sorted(words)))
        ground = Ground(Path(directory, "data"))
        dictionary = f"-dict={inputs.parent / 'words'}"
        atheris.Setup([*sys.argv, dictionary, "-max_len=65536", "-rss_limit_mb=4096", str(inputs)], ground.one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
