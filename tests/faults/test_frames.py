"""Frames of every type with wild fields and sizes, sent by a real wrapper process: the service is none the worse."""

import base64
import zlib
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from hostile import Arena
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapes_of_frames import FRAMES

from budget import examples
from slackwater.model.printable import one_line
from slackwater.pipe.codec import LENGTH
from slackwater.supervise.run.outcomes import MAX_MESSAGE

EXAMPLES = examples(6, 1000)

WILD = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([0, -1, 2**31, 2**40, 2**60, 2**63 - 1, -(2**63), 2**64 - 1]),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(
        ["\x1b[2J", "a\nb\r\nc", "\ud7ff\u202e", "=cmd()", "x" * 100_000, "\n" * 1_000_000, "é" * 3_000_000]
    ),
    st.sampled_from([b"", b"\xff" * 9, b"\0" * 5_000_000]),
    st.sampled_from([[], {}, [[]] * 50_000, [{}] * 200_000, {str(n): n for n in range(50_000)}]),
    st.recursive(st.none(), lambda inside: st.lists(inside, max_size=2) | st.dictionaries(st.text(max_size=3), inside)),
)


@st.composite
def wild_frames(draw: st.DrawFn) -> bytes:
    """Draw what a process sends: some frames, each with up to two fields that are not as they should be."""
    sent = b""
    for frame in draw(st.lists(st.sampled_from(FRAMES), min_size=1, max_size=4)):
        names = draw(st.lists(st.sampled_from(sorted(frame.keys() - {"type"})), max_size=2))
        body = msgspec.msgpack.encode(frame | {name: draw(WILD) for name in names})
        sent += LENGTH.pack(len(body)) + body
    if draw(st.booleans()):
        sent = sent[: draw(st.integers(0, len(sent)))]
    return sent


@pytest.fixture
async def arena(tmp_path: Path) -> AsyncIterator[Arena]:
    # A frame that is cut short may leave process and service waiting for each other: the watchdog ends that.
    async with Arena.open(tmp_path, stall_seconds=2) as arena:
        yield arena


@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(sent=wild_frames())
async def test_wild_frames_fail_their_own_run_with_a_sentence(arena: Arena, sent: bytes) -> None:
    """The aftermath sees that nothing of the run is left and that the wrapper beside goes on."""
    after = await arena.attack(_sending(sent))
    if after.outcome == "failed":
        assert after.message
        assert len(after.message) <= MAX_MESSAGE + len("…")
        assert after.message == one_line(after.message)
        assert "Traceback" not in after.message
    else:
        assert after.outcome in {"succeeded", "stopped"}


def _sending(data: bytes) -> str:
    """Return the body of a module that sends the bytes; compressed, because a module is at most 256 KiB long."""
    packed = base64.b64encode(zlib.compress(data, 9)).decode()
    return f"import base64, zlib\nsay(zlib.decompress(base64.b64decode({packed!r})))"
