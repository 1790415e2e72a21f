"""`/`: all wrappers at a glance, and renewed while one looks."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import islice
from typing import Annotated, TypeVar
from urllib.parse import urlencode

from fastapi import Query, Request, Response

from slackwater.model.health import Health
from slackwater.model.status import Event, Status, allows
from slackwater.model.wrapper import SourceType
from slackwater.store.engine.database import Connection
from slackwater.store.records import overview
from slackwater.store.records.overview import Line, Sort, Totals
from slackwater.web.api.context import Here
from slackwater.web.api.presenters import health_from
from slackwater.web.api.schemas import LARGEST
from slackwater.web.console import sparks
from slackwater.web.console.render import is_partial, page
from slackwater.web.console.route import page_router

Hindrance = Callable[[str, int | None], str | None]  # wrapper id, when it is due → why it does not get on
T = TypeVar("T", Status, SourceType, Health)
PER_PAGE = 50
FIRST = "first"  # id of what is shown while there are no wrappers
WAITING = frozenset({Status.EXECUTING, Status.RETRYING})
COLUMNS = (
    ("overview.name", Sort.NAME),
    ("overview.status", Sort.STATUS),
    ("overview.health", None),
    ("overview.recent", None),
    ("overview.points", Sort.POINTS),
    ("overview.data", Sort.NEWEST),
    ("overview.next", Sort.NEXT_POLL),
)
ASCENDING_FIRST = frozenset({Sort.NAME, Sort.STATUS, Sort.NEXT_POLL})

router = page_router()


@dataclass(frozen=True, kw_only=True)
class View:
    """What is looked at; its address reproduces it."""

    q: str = ""
    status: Status | None = None
    source_type: SourceType | None = None
    health: Health | None = None
    sort: str = "-created"
    page: int = 1

    @property
    def query(self) -> overview.Query:
        """What the store is asked."""
        return overview.Query(
            q=self.q.strip() or None,
            status=self.status,
            source_type=self.source_type,
            sort=Sort(self.sort.lstrip("-")),
            descending=self.sort.startswith("-"),
        )

    @property
    def narrowed(self) -> bool:
        """Whether not all wrappers are looked at."""
        return bool(self.q.strip() or self.status or self.source_type or self.health)

    def address(self, **changes: object) -> str:
        """Return the address of this view with some of it changed; a change begins at the first page."""
        changed = replace(self, **({"page": 1} | changes))  # type: ignore[arg-type]
        named = {
            "q": changed.q.strip(),
            "status": changed.status,
            "type": changed.source_type,
            "health": changed.health,
            "sort": "" if changed.sort == "-created" else changed.sort,
            "page": "" if changed.page == 1 else changed.page,
        }
        given = {name: str(value) for name, value in named.items() if value}
        return "/?" + urlencode(given) if given else "/"

    def sorted_by(self, sort: Sort) -> str:
        """Return the address of this view sorted by a column, or the other way when it is already."""
        first = sort.value if sort in ASCENDING_FIRST else f"-{sort.value}"
        other = f"-{sort.value}" if sort in ASCENDING_FIRST else sort.value
        return self.address(sort=other if self.sort == first else first)

    def direction(self, sort: Sort | None) -> str | None:
        """Return `aria-sort` of a column."""
        if sort is None or self.sort.lstrip("-") != sort.value:
            return None
        return "descending" if self.sort.startswith("-") else "ascending"


@dataclass(frozen=True, kw_only=True)
class Row:
    """A wrapper as the list shows it."""

    line: Line
    health: Health
    spark: str
    value: float | None  # the newest one
    running: bool
    may_stop: bool
    may_execute: bool

    @property
    def next_poll(self) -> int | None:
        """When it is polled or tried next, in µs since the epoch."""
        return self.line.due_at if self.line.status in WAITING and not self.running else None


@router.get("/")
async def show(
    request: Request,
    context: Here,
    q: Annotated[str, Query(max_length=300)] = "",
    status: str = "",
    type: str = "",
    health: str = "",
    sort: str = "-created",
    page_number: Annotated[int, Query(alias="page", ge=1, le=LARGEST)] = 1,
) -> Response:
    """Show a page of the wrappers; htmx gets the list alone."""
    view = View(
        q=q,
        status=_one_of(Status, status),
        source_type=_one_of(SourceType, type),
        health=_one_of(Health, health),
        sort=sort if sort.lstrip("-") in set(Sort) else "-created",
        page=page_number,
    )
    now = context.clock()
    totals, found, matching, recent = await context.read(
        lambda c: _looked_up(c, view, now, context.lifecycle.hindrance)
    )
    if is_partial(request) and (totals.wrappers == 0) != (request.headers.get("hx-target") == FIRST):
        # The first wrapper has come, or the last one has gone: that is another page.
        return Response(status_code=204, headers={"HX-Refresh": "true"})
    if is_partial(request) and totals.wrappers == 0:
        return Response(status_code=204)
    rows = [
        _row(line, judged, recent[line.wrapper_id], context.lifecycle.vitals(line.wrapper_id) is not None)
        for line, judged in found
    ]
    # The form would push an address with all its empty fields.
    headers = {"HX-Push-Url": view.address()} if request.headers.get("hx-trigger") == "filter" else None
    if request.headers.get("hx-trigger") == "live":  # what was typed while the service was away is looked for now
        headers = {"HX-Replace-Url": view.address(page=view.page)}
    return page(
        request,
        "overview_live.html" if is_partial(request) else "overview.html",
        view=view,
        totals=totals,
        rows=rows,
        matching=matching,
        pages=max(1, -(-matching // PER_PAGE)),
        first=(view.page - 1) * PER_PAGE + 1,
        columns=COLUMNS,
        statuses=Status,
        source_types=SourceType,
        healths=Health,
        spark=sparks,
        tiles=_tiles(view, totals),
        headers=headers,
    )


def _looked_up(
    c: Connection, view: View, now: int, hindrance: Hindrance
) -> tuple[Totals, list[tuple[Line, Health]], int, dict[str, list[tuple[int, float]]]]:
    skip = (view.page - 1) * PER_PAGE
    if view.health is None:
        lines, matching = overview.page(c, view.query, skip=skip, limit=PER_PAGE)
        found = [(line, _judged(line, now, hindrance)) for line in lines]
    else:
        # Health is judged, not stored: all that match are judged, in the order of the list.
        judged = ((line, _judged(line, now, hindrance)) for line in overview.lines(c, view.query))
        fitting = [each for each in judged if each[1] is view.health]
        found, matching = list(islice(fitting, skip, skip + PER_PAGE)), len(fitting)
    recent = overview.recent(c, [line.wrapper_id for line, _ in found])
    return overview.totals(c, now), found, matching, recent


def _judged(line: Line, now: int, hindrance: Hindrance) -> Health:
    return health_from(
        status=line.status,
        now=now,
        period=line.period,
        last=line.last_run,
        retry_count=line.retry_count,
        fault_count=line.fault_count,
        backfill_done=line.backfill_done,
        last_data_sent=line.last_data_sent,
        since=line.since,
        newest=line.high_water_mark,
        freshness=line.freshness,
        hindered=hindrance(line.wrapper_id, line.due_at) is not None,
    )


def _row(line: Line, health: Health, recent: list[tuple[int, float]], running: bool) -> Row:
    idle = line.status in (Status.STOPPED, Status.COMPLETED, Status.ERROR)
    return Row(
        line=line,
        health=health,
        spark=sparks.line(recent),
        value=recent[-1][1] if recent else None,
        running=running,
        may_stop=not idle and allows(line.status, Event.STOP),
        may_execute=allows(line.status, Event.EXECUTE),
    )


def _tiles(view: View, totals: Totals) -> list[tuple[str, int, str | None, bool]]:
    """Return (key of its name, figure, where it leads, whether one is there) of each total."""
    counts = [("overview.all", totals.wrappers, None)] + [
        (f"status.{status}", totals.by_status.get(status, 0), status)
        for status in (Status.EXECUTING, Status.RETRYING, Status.STOPPED, Status.COMPLETED, Status.ERROR)
    ]
    tiles: list[tuple[str, int, str | None, bool]] = [
        (key, count, View(status=status, sort=view.sort).address(), view.status is status and view.health is None)
        for key, count, status in counts
    ]
    return [
        *tiles,
        ("overview.points_stored", totals.points, None, False),
        ("overview.today", totals.today, None, False),
    ]


def _one_of(kind: type[T], text: str) -> T | None:
    return kind(text) if text in set(kind) else None
