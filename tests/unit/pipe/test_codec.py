"""The codec: every frame survives the pipe, and nothing else is a frame."""

import tracemalloc
from array import array

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slackwater.errors import ProtocolViolation
from slackwater.model.checkpoint import Checkpoint, Interval, Page
from slackwater.model.planning import Wanted
from slackwater.model.points import Column, Rejected
from slackwater.pipe.codec import LENGTH, MAX_PLACE, MAX_UP, check_place, length, packed, unpacked_down, unpacked_up
from slackwater.pipe.frames import (
    Ack,
    AnyDown,
    AnyUp,
    Batch,
    Confine,
    Discover,
    Done,
    Fault,
    Final,
    Found,
    Hello,
    Inspect,
    Inspected,
    Limits,
    Log,
    Measure,
    Offer,
    Outage,
    Progress,
    Proof,
    Prove,
    Proven,
    Read,
    Request,
    Response,
    SamplePoint,
    Unclear,
)

quick = settings(deadline=None, max_examples=300)
COLUMN = Column.of("Ç", array("q", [1, 2]), array("d", [0.5, -1]))
WINDOW = Interval(-5, 10)

UP = [
    Hello(pid=7, confinement={"files": Measure(in_force=False, detail="ç")}),
    Request(number=1, method="GET", url="https://example.org/ç", headers=[("A", "b")], content=b"\x00", timeout=1.5),
    Batch(number=2, columns=[COLUMN], window=WINDOW, complete=True, exhausted="read whole"),
    Batch(number=3, window=WINDOW, page={"cursor": ["x", 1, None]}, rejected=[Rejected("row 3", "no time")], rows=4),
    Log(level="WARNING", message="ção\n\tÇ"),
    Progress(done=1, total=None),
    Found(code="wrapper = 1", period=3_600_000_000, notes=["n"], seen=WINDOW),
    Proven(
        proof=Proof(
            window=WINDOW,
            points=1,
            series=["a"],
            series_count=1,
            sample=[SamplePoint(1, 0.5, "a")],
            rejected=[Rejected("row 3", "no time")],
            rejected_count=1,
            twice=True,
            objections=["none"],
        )
    ),
    Inspected(preview="a;b", columns=[{"name": "a"}], row_count=1, sheets=["S"], errors=["e"]),
    Done(reason="nothing older"),
    Outage(message="down", retry_after=3.5),
    Fault(message="wrong", traceback="t"),
    Final(message="never"),
    Unclear(message="which?", field="date_field", choices=["a"], offers=[Offer(id="1", set={"date_field": "a"})]),
]
DOWN = [
    Read(
        source_type="API",
        config={"location": "x"},
        module="wrapper = 1",
        wanted=Wanted(period=1, start=-1, lookback=2),
        checkpoint=Checkpoint(covered=(WINDOW,), page=Page(WINDOW, {"offset": 3}, 9), step=4, version=2),
    ),
    Discover(source_type="API", config={"location": "x"}, requests=3),
    Prove(source_type="CSV", file_name="a.csv", has_file=True, module="wrapper = 1", window=WINDOW),
    Inspect(file_name="a.csv", confinement="required"),
    Confine(limits=Limits(memory=1)),
    Response(number=1, status=200, headers=[("A", "b")], content=b"{}", retry_after=1.0),
    Response(number=1, error="refused", error_kind="refused"),
    Ack(number=3),
]


def body(frame):
    data = packed(frame)
    assert length(data[: LENGTH.size], MAX_UP) == len(data) - LENGTH.size
    return data[LENGTH.size :]


def names(frames):
    return {type(frame) for frame in frames}


@pytest.mark.parametrize("frame", UP, ids=lambda frame: type(frame).__name__)
def test_what_a_process_says_comes_back_as_it_was(frame):
    assert unpacked_up(body(frame)) == frame
    with pytest.raises(ProtocolViolation):
        unpacked_down(body(frame))


@pytest.mark.parametrize("frame", DOWN, ids=lambda frame: type(frame).__name__)
def test_what_it_is_told_comes_back_as_it_was(frame):
    assert unpacked_down(body(frame)) == frame
    with pytest.raises(ProtocolViolation):
        unpacked_up(body(frame))


def test_no_kind_of_frame_is_forgotten_here():
    assert names(UP) == set(AnyUp.__args__)
    assert names(DOWN) == set(AnyDown.__args__)


@pytest.mark.parametrize("frame", UP, ids=lambda frame: type(frame).__name__)
def test_a_frame_that_is_cut_short_is_no_frame(frame):
    data = body(frame)
    for end in range(0, len(data), max(1, len(data) // 40)):
        with pytest.raises(ProtocolViolation, match="not a frame"):
            unpacked_up(data[:end])


@pytest.mark.parametrize("size", [MAX_UP + 1, 2**32 - 1])
def test_a_giant_is_refused_by_its_length_before_it_is_read(size):
    with pytest.raises(ProtocolViolation, match=f"a frame of {size:,} bytes is over the limit of {MAX_UP:,}"):
        length(LENGTH.pack(size), MAX_UP)


def test_a_frame_of_the_limit_is_none_too_many():
    assert length(LENGTH.pack(MAX_UP), MAX_UP) == MAX_UP


def say(**fields):
    return msgspec.msgpack.encode(fields)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc1",
        b"garbage",
        say(),
        say(type="root"),
        say(type="Hello"),
        say(type="hello"),
        say(type="hello", pid="7"),
        say(type="ack", number=1),
        say(type="log", level="FATAL", message="x"),
        say(type="log", level="INFO", message=b"bytes"),
        say(type="failed", kind="mine", message="x"),
        say(type="batch", number=1, window=[5, 5]),
        say(type="batch", number=1, window=[10, 2]),
        say(type="batch", number=1, window=[0, 2**63]),
        say(type="batch", number=1, window=[0]),
        say(type="batch", number=1, columns=[["s", b"", 3]]),
        say(type="batch", number=1, rows=-1),
        say(type="batch", number=1, rows=2**62),
        say(type="batch", number=1, rejected_count=2**63),
        say(type="progress", done=2**63),
        say(type="progress", done=1, total=-1),
        say(type="found", code="x", period=-1),
        say(type="request", number=1, method="GET", url="x", headers=[("a",)]),
        body(UP[0]) + b"\x00",
        msgspec.msgpack.encode([1, 2, 3]),
        b"\x91" * 100_000,
        b"\xdd\xff\xff\xff\xff",
        b"\xdf\xff\xff\xff\xff",
    ],
)
def test_what_breaks_a_rule_is_a_violation_and_nothing_worse(data):
    with pytest.raises(ProtocolViolation, match="not a frame"):
        unpacked_up(data)


@quick
@given(st.binary(max_size=200))
def test_any_bytes_are_a_frame_or_a_violation(data):
    for unpacked in (unpacked_up, unpacked_down):
        try:
            unpacked(data)
        except ProtocolViolation:
            continue


@quick
@given(st.sampled_from(UP), st.data())
def test_a_frame_with_a_wrong_byte_is_a_frame_or_a_violation(frame, data):
    garbled = bytearray(body(frame))
    garbled[data.draw(st.integers(0, len(garbled) - 1))] = data.draw(st.integers(0, 255))
    try:
        again = unpacked_up(bytes(garbled))
    except ProtocolViolation:
        return
    assert type(again) in names(UP)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@quick
@given(json_values)
def test_a_page_token_that_is_json_is_kept_as_it_is(token):
    (batch,) = [unpacked_up(body(Batch(number=1, window=WINDOW, page=token)))]
    check_place(batch.page)
    checkpoint = Checkpoint().turned(WINDOW, batch.page, 1)
    assert msgspec.json.decode(msgspec.json.encode(checkpoint), type=Checkpoint).page == (
        checkpoint.page if token is not None else Page(WINDOW, None, 1)
    )


@pytest.mark.parametrize(
    "token", [msgspec.msgpack.Ext(5, b"x"), {(1, 2): 3}, {None: 1}, "x" * MAX_PLACE, ["x" * 100] * 1_000]
)
def test_a_page_token_that_the_checkpoint_cannot_keep_is_a_violation(token):
    with pytest.raises(ProtocolViolation, match="a page token"):
        check_place(unpacked_up(body(Batch(number=1, window=WINDOW, page=token))).page)


@pytest.mark.parametrize(
    "told",
    [
        {"type": "log", "level": "INFO", "message": "x" * 65_536},
        {"type": "failed", "kind": "error", "message": "x", "traceback": "\n" * 2_000_000},
        {"type": "done", "reason": "x" * 20_000},
        {"type": "hello", "pid": 1, "confinement": {str(n): {"in_force": True} for n in range(10_000)}},
        {"type": "progress", "done": 1, "total": None, "more": "x" * 2_000},
        {"type": "found", "code": "x" * 5_000_000},
        {"type": "request", "number": 1, "method": "GET", "url": "x", "content": bytes(9_000_000)},
        {"number": 1, "type": "batch"},  # a frame begins with its type, so that its size is judged by it
        {"type": "batch", "number": 1, "page": [[]] * 500_000},
        {"type": "batch", "number": 1, "rejected": [["", ""]] * 500_000},
        {"type": "batch", "number": 1, "columns": [["a", b"", b""]] * 200_000},
        {"type": "request", "number": 1, "method": "GET", "url": "x", "headers": [["", ""]] * 500_000},
    ],
    ids=lambda told: "-".join([str(told["type"]), max(told, key=lambda name: len(str(told[name])[:30]))]),
)
def test_a_frame_beyond_the_limits_of_its_type_is_refused_before_it_costs_memory(told):
    data = msgspec.msgpack.encode(told)
    tracemalloc.start()
    try:
        with pytest.raises(ProtocolViolation):
            unpacked_up(data)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_control_characters_of_what_people_read_are_written_out():
    told = Fault(message="\x1b[2Jgone\x9b1m\u202e", traceback="a\n\x07b")
    assert unpacked_up(body(told)) == Fault(message="\\x1b[2Jgone\\x9b1m\\u202e", traceback="a\n\\x07b")
    assert unpacked_up(body(Unclear(message="", choices=["\x00"]))) == Unclear(message="", choices=["\\x00"])


def test_a_module_shows_its_control_characters():
    written = unpacked_up(body(Found(code="# \x1b[2J\u202e\nwrapper = 'ç'\n")))
    assert written.code == "# \\x1b[2J\\u202e\nwrapper = 'ç'\n"


def test_data_stays_as_it_is():
    asked = Request(number=1, method="GET", url="http://x/\x1b", headers=[("a", "\x1b")], content=b"\x1b")
    assert unpacked_up(body(asked)) == asked
    batch = Batch(number=1, window=WINDOW, page="\x1b")
    assert unpacked_up(body(batch)).page == "\x1b"
