import asyncio
import os
import socket
from collections.abc import Callable
from io import FileIO
from typing import Any

import pytest
import uvloop

from slackwater.errors import ProtocolViolation
from slackwater.pipe.frames import Limits, Read
from slackwater.supervise.run import channel
from slackwater.supervise.run.channel import Conversation, listen


async def test_a_process_that_reads_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "READ_SECONDS", 0.2)
    ours, theirs = socket.socketpair()
    start = Read(source_type="API", module="x" * 8_000_000, limits=Limits())
    with ours, theirs, pytest.raises(ProtocolViolation, match=r"has not read its answers for 0\.2 seconds"):
        await Conversation.begin(ours, start)


class Watched(FileIO):
    """A stream that says whether its descriptor was still its own when it was closed."""

    own: bool | None = None
    number = 0  # of its inode

    def close(self) -> None:
        if not self.closed:
            try:
                self.own = os.fstat(self.fileno()).st_ino == self.number
            except OSError:
                self.own = False
        super().close()


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run])
def test_a_stream_is_closed_once(run: Callable[..., Any]) -> None:
    """What closes a descriptor twice may close what another thread has opened meanwhile: a file of the store."""
    lines: list[str] = []

    async def listened() -> None:
        out, theirs = os.pipe()
        stream = Watched(out, "rb")
        stream.number = os.fstat(out).st_ino
        task = asyncio.create_task(listen(stream, "STDOUT", "INFO", lambda _, line: lines.append(line)))
        os.write(theirs, b"one\ntw")
        await asyncio.sleep(0.01)
        os.write(theirs, b"o\nthree")
        os.close(theirs)
        await task
        assert stream.closed
        assert stream.own

    run(listened())
    assert lines == ["[STDOUT] one", "[STDOUT] two", "[STDOUT] three"]
