import socket

import pytest

from slackwater.errors import ProtocolViolation
from slackwater.pipe.frames import Limits, Read
from slackwater.supervise.run import channel
from slackwater.supervise.run.channel import Conversation


async def test_a_process_that_reads_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "READ_SECONDS", 0.2)
    ours, theirs = socket.socketpair()
    start = Read(source_type="API", module="x" * 8_000_000, limits=Limits())
    with ours, theirs, pytest.raises(ProtocolViolation, match=r"has not read its answers for 0\.2 seconds"):
        await Conversation.begin(ours, start)
