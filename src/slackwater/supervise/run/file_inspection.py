"""Looking at uploaded files.

Each in a process of its own, because parsers meet hostile files here.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

from slackwater.errors import ProtocolViolation, Unavailable
from slackwater.pipe.frames import AnyUp, Failed, Inspect, Inspected, Limits
from slackwater.supervise.process.fork_server_link import ForkServerLink
from slackwater.supervise.run.session import WorkerSession

AT_ONCE = 4  # processes; chosen: uploads of several people on a small machine
DEADLINE = 60.0  # seconds for one file; a million rows take 3
LEAVE_SECONDS = 10.0  # for a killed process to be gone


class Inspector:
    """Finds out what an upload is."""

    def __init__(self, link: ForkServerLink, limits: Limits, confinement: Literal["best", "required"] = "best") -> None:
        self._link = link
        self._limits = limits
        self._confinement: Literal["best", "required"] = confinement
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def inspect(self, path: Path, file_name: str) -> Inspected:
        """Return what the file at `path` is.

        A parser that dies or hangs on it makes it an unreadable file.
        """
        async with self._slots:
            order = Inspect(file_name=file_name, limits=self._limits, confinement=self._confinement)
            session = await WorkerSession.spawn(self._link, order, path)
            try:
                async with asyncio.timeout(DEADLINE), session.talk(_discard) as frames:
                    return await self._report(frames)
            except TimeoutError:
                return Inspected(preview="", errors=[f"The file could not be read within {DEADLINE:.0f} seconds."])
            except ProtocolViolation as error:
                return Inspected(preview="", errors=[f"The file could not be read: {error}"])
            finally:
                if not await session.child.end(LEAVE_SECONDS):
                    raise Unavailable("The process that read the file does not end; try again.")

    async def _report(self, frames: AsyncIterator[AnyUp]) -> Inspected:
        async for frame in frames:
            if isinstance(frame, Inspected):
                return frame
            if isinstance(frame, Failed):
                return Inspected(preview="", errors=[frame.message])
        return Inspected(preview="", errors=[self._given_up()])

    def _given_up(self) -> str:
        memory = f"{self._limits.memory // 2**20:,} MiB of memory"
        return (
            f"The file could not be read: it is damaged, or its parser needs more than the {memory} that it may have."
        )


def _discard(level: str, message: str) -> None:
    """Leave out what a parser prints."""
