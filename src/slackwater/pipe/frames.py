"""The frames of the pipe.

What a wrapper process may say, and what it may be told.

Every frame is one msgpack map with its `type`; msgspec checks each field while decoding.
"""

import sys
from typing import Annotated, Any, Literal

import msgspec

from slackwater.model.checkpoint import Checkpoint, Interval
from slackwater.model.instants import EARLIEST, LATEST
from slackwater.model.planning import Wanted
from slackwater.model.points import MAX_POINTS, MAX_SERIES_NAME, Column, Rejected

# Bounded, so that no sum of what a process claims overflows the counters of the store.
Count = Annotated[int, msgspec.Meta(ge=0, le=2**40)]
Span = Annotated[int, msgspec.Meta(ge=0, le=2**60)]  # µs
Finite = Annotated[float, msgspec.Meta(ge=-sys.float_info.max, le=sys.float_info.max)]
Pause = Annotated[float, msgspec.Meta(ge=0, le=1e9)]  # seconds
Moment = Annotated[int, msgspec.Meta(ge=EARLIEST, le=LATEST)]  # µs since the epoch, in the years 1 to 9999


class Up(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag=str.lower):
    """A frame from the wrapper process."""


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """One measure of confinement.

    Whether it is in force, and by what, or why it is missing.
    """

    in_force: bool
    detail: str = ""

    def __str__(self) -> str:
        """Return the measure in words: `in force: seccomp`, `missing: why`."""
        word = "in force" if self.in_force else "missing"
        return f"{word}: {self.detail}" if self.detail else word


class Hello(Up, frozen=True, kw_only=True):
    """The process is there, has read its orders and is confined.

    Of the module no line has run yet.
    """

    pid: int
    confinement: dict[str, Measure] = {}


class Request(Up, frozen=True, kw_only=True):
    """Send this HTTP request for me; `number` comes back in the Response."""

    number: int
    method: str
    url: str
    headers: Annotated[list[tuple[str, str]], msgspec.Meta(max_length=50_000)] = []  # the broker allows far fewer
    content: bytes = b""
    timeout: float | None = None  # seconds


MOST_FIELDS = 20  # names of fields that nobody reads, of a run
FieldName = Annotated[str, msgspec.Meta(max_length=MAX_SERIES_NAME)]


class _BatchFields(Up, frozen=True, kw_only=True):
    number: int
    columns: Annotated[list[Column], msgspec.Meta(max_length=MAX_POINTS)] = []
    window: Interval | None = None
    complete: bool = False
    exhausted: str | None = None  # the source's word that there is nothing older
    rejected: Annotated[list[Rejected], msgspec.Meta(max_length=20)] = []  # examples
    rejected_count: Count = 0
    rows: Count = 0  # records of the source that this batch accounts for
    proven: tuple[Count, Count] = (0, 0)  # see Checkpoint.proven
    fields_unread: Annotated[list[FieldName], msgspec.Meta(max_length=MOST_FIELDS)] = []  # numbers nobody reads


class Batch(_BatchFields, frozen=True, kw_only=True):
    """Points to store, and what of the source's time they complete.

    `complete` says that `window` is read to its end with this batch; else `page` is the token to go on from,
    and with neither the checkpoint stays. A batch without points and with `complete` is a confirmed empty window.
    """

    page: Any = None


class WireBatch(_BatchFields, frozen=True, kw_only=True, tag="batch"):
    """A batch whose page token is not decoded yet: its size is judged first."""

    page: msgspec.Raw = msgspec.Raw(b"\xc0")


class Log(Up, frozen=True, kw_only=True):
    """A line for the wrapper's log."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"]
    message: str


class Progress(Up, frozen=True, kw_only=True):
    """How far the reading is; `total` when it is known."""

    done: Count
    total: Count | None = None


class Alternative(msgspec.Struct, frozen=True, kw_only=True):
    """What a finding could have been instead."""

    value: Any  # JSON-able
    reason: str = ""  # why it was not taken, one sentence


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One decision of discovery, with its evidence."""

    what: str  # one word or two: records, time, time form, values, series, paging, time filter, delimiter…
    value: Any  # JSON-able, as the module declares it; None: looked for and not there
    confidence: Annotated[float, msgspec.Meta(ge=0, le=1)]  # 1 given or proven by the source, 0.5 a coin's throw
    reason: str  # one sentence with the evidence
    field: str | None = None  # the field of `source_config` that decides otherwise
    alternatives: list[Alternative] = []


class SamplePoint(msgspec.Struct, frozen=True, array_like=True):
    """A point as it would be stored."""

    x: Moment
    y: Finite
    series: str


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """Tells what a module gave when it was run on a piece of its source.

    Nothing is stored.
    """

    window: Interval  # the piece that was asked for; where that cannot be done, all of the source
    points: Count  # of the pages that were read, which need not be all of the window
    series: Annotated[list[str], msgspec.Meta(max_length=50)] = []
    series_count: Count = 0
    sample: Annotated[list[SamplePoint], msgspec.Meta(max_length=20)] = []  # the first points
    rejected: Annotated[list[Rejected], msgspec.Meta(max_length=20)] = []  # examples
    rejected_count: Count = 0
    twice: bool = False  # it was read a second time, and said the same
    objections: list[str] = []  # why it cannot be believed, a sentence each; none: the module is proven


class Found(Up, frozen=True, kw_only=True):
    """The result of discovery.

    The module, what it was written from, and what it gave when it was tried.
    """

    code: str
    period: Span | None = None  # µs between two points, as the sample shows
    notes: list[str] = []  # findings and their reasons, for the log
    findings: list[Finding] = []
    seen: Interval | None = None  # from the first to the last time in the sample: the module is tried in there
    proof: Proof | None = None


class Proven(Up, frozen=True, kw_only=True):
    """The result of a trial: what the module gave, and whether that can be believed."""

    proof: Proof


class Inspected(Up, frozen=True, kw_only=True):
    """What an uploaded file turned out to be."""

    preview: str  # text of the first 5 rows
    columns: list[dict[str, str]] = []  # name, type, sample
    row_count: int = 0
    sheets: list[str] = []
    errors: list[str] = []


class Done(Up, frozen=True, kw_only=True):
    """The run has read all there was.

    `reason` is set when the back-fill ended in it.
    """

    reason: str | None = None


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """A complete answer to a question, which was looked at and stood its trial."""

    id: str  # within its question
    set: dict[str, Any]  # fields of `source_config`
    preview: list[SamplePoint] = []  # the first points that it would store


class Failed(Up, frozen=True, kw_only=True):
    """Base of the ways in which a run cannot go on.

    Each says what the service does next.
    """

    message: str  # one sentence, shown to people


class Outage(Failed, frozen=True, kw_only=True):
    """Ends a run whose source is down.

    It is tried again for as long as it takes.
    """

    retry_after: Pause | None = None  # the source's own wish


class Fault(Failed, frozen=True, kw_only=True):
    """Ends a run that went wrong: it is tried again a few times."""

    traceback: str = ""  # of the module


class Final(Failed, frozen=True, kw_only=True):
    """Ends a run that no retry can help."""


class Unclear(Failed, frozen=True, kw_only=True):
    """Ends a run whose source answers well, but is not understood.

    Who knows more about it can help.

    With `field` the message is a question.
    """

    field: str | None = None  # the field of `source_config` that would have helped
    choices: list[str] = []  # what it could be
    offers: list[Offer] = []  # complete answers, of which one can be taken
    findings: list[Finding] = []  # what discovery knew when it had to ask


class Down(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag=str.lower):
    """A frame to the wrapper process."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Limits what the process may use of the machine.

    Set before the first line of the module runs.
    """

    memory: int = 2 * 1024**3  # bytes of address space
    cpu: int = 3600  # seconds
    files: int = 256  # open descriptors
    written: int = 64 * 1024**2  # bytes in one file
    processes: int = 64  # processes and threads, the first among them


class Order(Down, frozen=True, kw_only=True):
    """Base of the orders; the first frame to a process is one."""

    limits: Limits = Limits()
    confinement: Literal["best", "required"] = "best"  # `required`: do nothing when a measure is missing


class SourceOrder(Order, frozen=True, kw_only=True):
    """Base of the orders about a source. `config` is its configuration without its secrets."""

    source_type: str
    config: dict[str, Any] = {}
    file_name: str = ""
    has_file: bool = False
    wanted: Wanted | None = None


class Read(SourceOrder, frozen=True, kw_only=True):
    """Orders to read a source by a wrapper module, from the checkpoint on."""

    module: str = ""  # source text
    checkpoint: Checkpoint = Checkpoint()
    prove_first: bool = False  # read a declaration only after a trial: a person has changed it


class Discover(SourceOrder, frozen=True, kw_only=True):
    """Orders to find out what a source is, and to write its module."""

    requests: int = 30  # that may be sent to the source
    remembered: frozenset[str] = frozenset()  # URLs whose answers are kept: to request them again counts as none


class Prove(SourceOrder, frozen=True, kw_only=True):
    """Orders to try a wrapper module; nothing is stored."""

    module: str  # source text
    window: Interval | None = None  # where it is tried; None: where a first run would begin


class Inspect(Order, frozen=True, kw_only=True):
    """Orders to look at an uploaded file."""

    file_name: str


class Confine(Order, frozen=True, kw_only=True):
    """Orders to be confined, and nothing else: the Hello says how."""


class Response(Down, frozen=True, kw_only=True):
    """The answer to a Request: an HTTP answer, or `error` when there is none."""

    number: int
    status: int = 0
    url: str = ""  # after redirects
    headers: list[tuple[str, str]] = []
    content: bytes = b""
    error: str | None = None
    error_kind: Literal["refused", "timeout", "connect", "protocol"] = "connect"
    retry_after: float | None = None


class Ack(Down, frozen=True, kw_only=True):
    """The batch of that number and its checkpoint are committed."""

    number: int


AnyOrder = Read | Discover | Prove | Inspect | Confine
AnyOutcome = Found | Proven | Inspected | Done | Outage | Fault | Final | Unclear
AnyOnWire = Hello | Request | WireBatch | Log | Progress | AnyOutcome
AnyUp = Hello | Request | Batch | Log | Progress | AnyOutcome
AnyDown = AnyOrder | Response | Ack
