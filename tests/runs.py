"""A run without a process: keeps what a source hands over, and moves the checkpoint as the real outlet does."""

from io import BytesIO
from typing import Any, BinaryIO

import httpx

from slackwater.model.checkpoint import Checkpoint, Interval
from slackwater.model.instants import parse_iso
from slackwater.model.points import Rejected
from slackwater.pipe.frames import Discover, Inspect, Order, Prove, Read
from slackwater.runtime.source import PageRead

NOW = parse_iso("2026-11-20T12:00:00Z")


ORDERS: dict[str, type[Order]] = {"read": Read, "discover": Discover, "prove": Prove, "inspect": Inspect}


class Recorder:
    """Satisfies `runtime.reading.Run`; `points` is series → {x: y}, `checkpoints` one entry per stored page."""

    def __init__(
        self,
        *,
        content: bytes | None = None,
        file_name: str = "",
        config: dict[str, Any] | None = None,
        source_type: str = "CSV",
        task: Any = "read",
        http: httpx.AsyncClient | None = None,
        checkpoint: Checkpoint | None = None,
        now: int = NOW,
        **orders: Any,
    ) -> None:
        self.checkpoint = checkpoint or Checkpoint()
        given = {
            "source_type": source_type,
            "config": config or {},
            "file_name": file_name,
            "has_file": content is not None,
            "checkpoint": self.checkpoint,
            "module": "",
            **orders,
        }
        kind = ORDERS[task]
        self.orders = kind(**{name: given[name] for name in kind.__struct_fields__ if name in given})
        self._http = http
        self.clock = now
        self.content = content
        self.points: dict[str, dict[int, float]] = {}
        self.pages: list[PageRead] = []
        self.checkpoints: list[Checkpoint] = []
        self.rejected: list[Rejected] = []
        self.rejected_count = 0
        self.logged: list[tuple[str, str]] = []
        self.progressed: list[tuple[int, int | None]] = []

    @property
    def http(self) -> httpx.AsyncClient:
        # Made on demand: it loads all certificates there are, which takes longer than reading a file.
        self._http = self._http or httpx.AsyncClient()
        return self._http

    def now(self) -> int:
        return self.clock

    def file(self) -> BinaryIO:
        if self.content is None:
            raise ValueError("there is no file")
        return BytesIO(self.content)

    async def log(self, level: str, message: str) -> None:
        self.logged.append((level, message))

    async def progress(self, done: int, total: int | None) -> None:
        self.progressed.append((done, total))

    async def store(self, page: PageRead, window: Interval) -> None:
        count = 0
        for series, (times, values) in page.columns.items():
            assert len(times) == len(values)
            assert times.typecode == "q"
            assert values.typecode == "d"
            self.points.setdefault(series, {}).update(zip(times, values, strict=True))
            count += len(times)
        self.pages.append(page)
        self.rejected += page.rejected
        self.rejected_count += page.rejected_count
        if page.last:
            self.checkpoint = self.checkpoint.finished(window, count, exhausted=page.exhausted, proven=page.proven)
        elif page.token is not None:
            self.checkpoint = self.checkpoint.turned(window, page.token, count)
        self.checkpoints.append(self.checkpoint)
