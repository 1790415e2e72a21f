"""Serves `/`: one page of all sources, problems first, refreshed by htmx."""

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from typing import Annotated, TypeVar
from urllib.parse import urlsplit

import msgspec
from fastapi import Query, Request, Response
from fastapi.responses import JSONResponse

from slackwater.model.health import Health
from slackwater.model.status import IDLE, Event, allows
from slackwater.model.wrapper import SourceType
from slackwater.store.access import views
from slackwater.store.engine.database import Connection
from slackwater.store.engine.search import folded
from slackwater.store.records import overview
from slackwater.store.records.overview import Sort, Totals, WrapperLine
from slackwater.web.api.context import Context, Here
from slackwater.web.api.presenters import health_from
from slackwater.web.api.schemas import LARGEST, PlainText
from slackwater.web.console.route import page_router
from slackwater.web.console.view import sparks, states
from slackwater.web.console.view.formats import Formats
from slackwater.web.console.view.groups import Entry, grouped, page_of
from slackwater.web.console.view.render import frame, is_partial, page
from slackwater.web.console.view.source_list import AGE, GROUP, TROUBLE, OverviewView
from slackwater.web.console.view.states import RANK, SIGNS, Age, Source, State

Hindrance = Callable[[str, int | None, Collection[str]], str | None]  # id, when due, labels → why it does not get on
T = TypeVar("T", SourceType, State)
Tags = Annotated[list[PlainText] | None, Query(max_length=50)]
PER_PAGE = 50  # sources; chosen: two screens
FIRST = "first"  # id of what is shown while there are no wrappers
ORDERS = (TROUBLE, GROUP, AGE, "name", "-newest", "-points", "next", "-created")
COLUMNS = (
    ("overview.state", TROUBLE),
    ("overview.name", "name"),
    ("overview.group", GROUP),
    ("overview.recent", None),
    ("overview.age", AGE),
    ("overview.runs", None),
)

router = page_router()


class Judged(msgspec.Struct, frozen=True, gc=False):  # one for each source, whatever is shown
    """A source of the list, and how it is."""

    line: WrapperLine
    source: Source
    state: State

    def age(self, now: int) -> Age | None:
        """Return how fresh its data is."""
        return states.age_of(self.source, now)


@dataclass(frozen=True, kw_only=True)
class Row:
    """A source as the list shows it."""

    line: WrapperLine
    state: State
    sentence: str
    age: Age | None
    aged: str  # in words
    spark: str
    value: float | None  # the newest one
    beats: list[str]
    may_stop: bool
    may_execute: bool


@dataclass(frozen=True, kw_only=True)
class Found:
    """What one look at the store gives."""

    totals: Totals
    counts: Counter[State]
    here: list[Entry[Judged]]
    length: int  # of the whole list, heads of groups among it
    matching: int
    groups: list[tuple[str, list[str]]]  # domain, its subdomains
    scales: list[str]
    tags: list[str]
    recent: dict[str, list[tuple[int, float]]]
    beats: dict[str, list[str]]


@dataclass(frozen=True)
class Choice:
    """What lists can be narrowed by: domain → subdomains, scales, folded tag → tag."""

    groups: dict[str, set[str]] = field(default_factory=dict)
    scales: set[str] = field(default_factory=set)
    tags: dict[str, str] = field(default_factory=dict)

    def take(self, line: WrapperLine) -> None:
        """Add what a source has."""
        if line.domain:
            known = self.groups.setdefault(line.domain, set())
            if line.subdomain:
                known.add(line.subdomain)
        if line.scale:
            self.scales.add(line.scale)
        for each in line.tags:
            self.tags.setdefault(folded(each), each)


@router.get("/")
async def show(
    request: Request,
    context: Here,
    q: Annotated[str, Query(max_length=300)] = "",
    state: str = "",
    type: str = "",
    group: Annotated[str, Query(max_length=300)] = "",
    scale: Annotated[str, Query(max_length=300)] = "",
    tag: Tags = None,
    sort: str = TROUBLE,
    opened: Annotated[list[str] | None, Query(alias="open", max_length=1000)] = None,
    page_number: Annotated[int, Query(alias="page", ge=1, le=LARGEST)] = 1,
) -> Response:
    """Show a page of the sources; htmx gets the list alone."""
    view = replace(_view(q, state, type, group, scale, tag, sort, page_number), opened=tuple(opened or ()))
    found = await context.read(lambda c: _looked_up(c, view, context.clock(), context.lifecycle.hindrance))
    who = request.state.visitor.caller.who
    saved = [] if is_partial(request) else await context.read(lambda c: views.list_of(c, who))
    if is_partial(request) and (found.totals.wrappers == 0) != (request.headers.get("hx-target") == FIRST):
        # The first wrapper has come, or the last one has gone: that is another page.
        return Response(status_code=204, headers={"HX-Refresh": "true"})
    if is_partial(request) and found.totals.wrappers == 0:
        return Response(status_code=204)
    fmt: Formats = frame(request)["fmt"]
    rows = [(each.group, each.source and _row(each.source, found, context, fmt)) for each in found.here]
    # The form would push an address with all its empty fields.
    headers = {"HX-Push-Url": view.address()} if request.headers.get("hx-trigger") == "filter" else None
    here = urlsplit(request.headers.get("hx-current-url", ""))
    mine = view.address(page=view.page)
    if request.headers.get("hx-trigger") == "live" and mine != here.path + (f"?{here.query}" if here.query else ""):
        headers = {"HX-Replace-Url": mine}  # what was typed while the service was away is looked for now
    return page(
        request,
        "overview_live.html" if is_partial(request) else "overview.html",
        view=view,
        totals=found.totals,
        rows=rows,
        matching=found.matching,
        length=found.length,
        pages=max(1, -(-found.length // PER_PAGE)),
        first=(view.page - 1) * PER_PAGE + 1,
        columns=COLUMNS,
        orders=ORDERS,
        groups=found.groups,
        scales=found.scales,
        tags=found.tags,
        saved=saved,
        states=State,
        signs=SIGNS,
        source_types=SourceType,
        spark=sparks,
        tiles=_tiles(view, found),
        headers=headers,
    )


@router.get("/console/selection")
async def selection(
    context: Here,
    q: Annotated[str, Query(max_length=300)] = "",
    state: str = "",
    type: str = "",
    group: Annotated[str, Query(max_length=300)] = "",
    scale: Annotated[str, Query(max_length=300)] = "",
    tag: Tags = None,
) -> JSONResponse:
    """Return the ids of all sources of a view, for an action on all."""
    view = _view(q, state, type, group, scale, tag, TROUBLE, 1)
    found = await context.read(lambda c: judged(c, view, context.clock(), context.lifecycle.hindrance))
    return JSONResponse([each.line.wrapper_id for each in found if view.state in (None, each.state)])


def _view(
    q: str, state: str, type: str, group: str, scale: str, tags: list[str] | None, sort: str, number: int
) -> OverviewView:
    known = sort in (TROUBLE, GROUP, AGE, "age") or sort.lstrip("-") in set(Sort)
    return OverviewView(
        q=q,
        state=_one_of(State, state),
        source_type=_one_of(SourceType, type),
        group=group,
        scale=scale,
        tags=tuple(dict.fromkeys(tags or ())),
        sort=sort if known else TROUBLE,
        page=number,
    )


def _looked_up(c: Connection, view: OverviewView, now: int, hindrance: Hindrance) -> Found:
    choice = Choice()
    found = judged(c, view, now, hindrance, choice)
    fitting = [each for each in found if view.state in (None, each.state)]
    if view.sort == TROUBLE:
        fitting.sort(key=lambda each: RANK[each.state])
    elif view.sort.lstrip("-") == "age":
        # Who has no such age comes last, whichever way.
        way = -1 if view.sort.startswith("-") else 1
        aged = [(each.age(now), each) for each in fitting]
        aged.sort(key=lambda pair: (pair[0] is None, way * pair[0].share if pair[0] else 0.0))
        fitting = [each for _, each in aged]
    listed = [Entry(source=each) for each in fitting]
    if view.sort == GROUP:
        listed = grouped(((each.line.domain or "", each.state, each) for each in fitting), view.opened)
    skip = (view.page - 1) * PER_PAGE
    here = page_of(listed, skip, PER_PAGE)
    ids = [each.source.line.wrapper_id for each in here if each.source]
    return Found(
        totals=overview.totals(c, now),
        counts=Counter(each.state for each in found),
        here=here,
        length=len(listed),
        matching=len(fitting),
        groups=[(domain, sorted(choice.groups[domain])) for domain in sorted(choice.groups)],
        scales=sorted(choice.scales),
        tags=sorted(choice.tags.values(), key=folded),
        recent=overview.recent(c, ids),
        beats=overview.beats(c, ids),
    )


def judged(
    c: Connection, view: OverviewView, now: int, hindrance: Hindrance, choice: Choice | None = None
) -> list[Judged]:
    """Return all matching sources in order, whatever their state; `choice` collects options.

    `now` is in µs since the epoch.
    """
    found = []
    for line in overview.lines(c, view.query):
        if choice is not None:
            choice.take(line)
        if view.fits(line):
            source = _source(line, now, hindrance(line.wrapper_id, line.due_at, line.runs_on))
            found.append(Judged(line, source, states.state_of(source)))
    return found


def _source(line: WrapperLine, now: int, hindrance: str | None) -> Source:
    return Source(
        status=line.status,
        health=_health(line, now, hindered=hindrance is not None),
        generated=line.generated,
        retry_count=line.retry_count,
        fault_count=line.fault_count,
        backfill_done=line.backfill_done,
        is_file=line.source_type.is_file,
        running=False,
        points=line.points,
        newest=line.high_water_mark,
        oldest=line.low_water_mark,
        due_at=line.due_at,
        period=line.period,
        freshness=line.freshness,
        error=line.error_message,
        hindrance=hindrance,
    )


def _health(line: WrapperLine, now: int, *, hindered: bool) -> Health:
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
        hindered=hindered,
    )


def _row(judged: Judged, found: Found, context: Context, fmt: Formats) -> Row:
    line, state, age = judged.line, judged.state, judged.age(fmt.now)
    running = context.lifecycle.vitals(line.wrapper_id) is not None
    source = msgspec.structs.replace(judged.source, running=running)
    recent = found.recent[line.wrapper_id]
    idle = line.status in IDLE
    aged = "" if age is None else fmt.t("overview.aged", age=fmt.span(age.age), allowed=fmt.span(age.allowed))
    return Row(
        line=line,
        state=state,
        sentence=states.sentence(source, state, fmt),
        age=age,
        aged=aged,
        spark=sparks.line(recent),
        value=recent[-1][1] if recent else None,
        beats=found.beats[line.wrapper_id],
        may_stop=not idle and allows(line.status, Event.STOP),
        may_execute=allows(line.status, Event.EXECUTE),
    )


def _tiles(view: OverviewView, found: Found) -> list[tuple[str, str | None, int, str | None, bool]]:
    """Return (name key, sign, count, address, whether non-zero) of each total."""
    tiles: list[tuple[str, str | None, int, str | None, bool]] = [
        ("overview.all", None, sum(found.counts.values()), view.address(state=None), view.state is None)
    ]
    tiles += [
        (f"state.{each}", SIGNS[each], found.counts[each], view.address(state=each), view.state is each)
        for each in State
    ]
    return [
        *tiles,
        ("overview.points_stored", None, found.totals.points, None, False),
        ("overview.today", None, found.totals.today, None, False),
    ]


def _one_of(kind: type[T], text: str) -> T | None:
    return kind(text) if text in set(kind) else None
