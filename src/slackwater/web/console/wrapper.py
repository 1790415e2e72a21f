"""Serves `/wrappers/{id}`: a source's data, coverage, runs, log, code and settings."""

import json
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any

from fastapi import Header, Query, Request, Response
from fastapi.responses import StreamingResponse
from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from slackwater.errors import NotFound
from slackwater.model.health import Health
from slackwater.model.instants import EARLIEST, SECOND, parse_iso
from slackwater.model.source.secrets import masked
from slackwater.model.status import Event, Status, allows
from slackwater.model.wrapper import WrapperRecord
from slackwater.store.engine.database import Connection
from slackwater.store.records import logs, observation, runs, wrappers
from slackwater.store.records.logs import Numbered
from slackwater.store.records.observation import Observed
from slackwater.store.records.runs import RUNNING, RunRecord
from slackwater.store.series import readings, revisions
from slackwater.supervise.lifecycle.answers import DONE, Vitals
from slackwater.web.api.context import Context, Here
from slackwater.web.api.discovery import discovered
from slackwater.web.api.log_stream import opened
from slackwater.web.api.presenters import details, health_of
from slackwater.web.api.schemas import LARGEST, wrapper_id_of
from slackwater.web.console.placement import placement
from slackwater.web.console.route import page_router
from slackwater.web.console.view import coverage, progress, settings_form, states
from slackwater.web.console.view.coverage import Strip
from slackwater.web.console.view.findings import Overrides, form_of, seen
from slackwater.web.console.view.formats import Formats
from slackwater.web.console.view.progress import Progress
from slackwater.web.console.view.render import frame, page
from slackwater.web.console.view.states import SIGNS, State
from slackwater.web.console.view.validation import plain_words
from slackwater.web.transport.leaving import while_there

LOG_LINES = 500  # with which the live log begins; chosen: more than anybody scrolls through
RUNS_PER_PAGE = 15  # runs; chosen: one screen
BEATS = 60  # newest runs in the strip
RUN_LINES = 200  # of the log, of one run
REVISIONS = 100  # newest revisions in the tab; chosen: the API has the rest
STOP_POLLING = 286  # what htmx takes as the last answer
_OF_RUNS: dict[str, Any] = {"earliest": EARLIEST, "done": DONE}

router = page_router()


@dataclass(frozen=True, kw_only=True)
class Beat:
    """One run as a bar of the strip; `height` (1 to 5) follows its duration."""

    run_id: str
    started_at: int
    outcome: str
    seconds: float
    height: int

    @classmethod
    def of(cls, run: RunRecord, now: int) -> "Beat":
        """Return the bar of a run.

        `now` is in µs since the epoch.
        """
        seconds = max(0, (run.finished_at or now) - run.started_at) / SECOND
        height = 1 + sum(seconds >= limit for limit in (1, 10, 60, 600))
        return cls(run_id=run.run_id, started_at=run.started_at, outcome=run.outcome, seconds=seconds, height=height)


@dataclass(frozen=True, kw_only=True)
class WrapperView:
    """A wrapper as its page shows it."""

    record: WrapperRecord
    name: str
    unit: str
    state: State
    sentence: str
    awaits: str  # what there is to wait for before the first point
    health: Health
    hindrance: str | None  # why it does not get on
    run: RunRecord | None  # the open one
    last_run: RunRecord | None
    runs: int
    progress: Progress | None
    strip: Strip | None
    whole: bool  # it is read from one end to the other
    beats: list[Beat]
    details: dict[str, Any]
    next_poll: int | None
    may_stop: bool
    may_execute: bool
    may_regenerate: bool
    idle: bool
    phase: str  # key of its words
    source: str  # where the data comes from
    link: str | None  # when it can be followed


@router.get("/wrappers/{wrapper_id}")
async def show(request: Request, wrapper_id: str, context: Here) -> Response:
    """Show a wrapper."""
    view = await _view(request, context, wrapper_id)
    found, total = await _runs(context, view.record.wrapper_id, 1)
    names = await context.read(lambda c: readings.series_names(c, view.record.wrapper_id))
    place = await placement(context, view.record.definition.runs_on)
    return page(
        request,
        "wrapper.html",
        view=view,
        series=len(names),
        signs=SIGNS,
        runs=found,
        runs_total=total,
        runs_page=1,
        per_page=RUNS_PER_PAGE,
        **_OF_RUNS,
        code=highlighted(view.record.definition.generated_code or ""),
        meta=settings_form.metadata_fields(view.record),
        config=settings_form.config_fields(view.record),
        place=place,
        invalid=json.dumps(plain_words(frame(request)["t"]), ensure_ascii=False),
    )


@router.get("/wrappers/{wrapper_id}/live")
async def live(request: Request, wrapper_id: str, context: Here) -> Response:
    """Return the part that changes while one looks."""
    try:
        return page(request, "wrapper_live.html", view=await _view(request, context, wrapper_id), signs=SIGNS)
    except NotFound:
        return page(request, "wrapper_gone.html", status=STOP_POLLING)


@router.get("/wrappers/{wrapper_id}/checkpoint")
async def show_checkpoint(request: Request, wrapper_id: str, context: Here) -> Response:
    """Return what its checkpoint says."""
    return page(request, "wrapper_checkpoint_facts.html", view=await _view(request, context, wrapper_id))


@router.get("/wrappers/{wrapper_id}/runs")
async def show_runs(
    request: Request,
    wrapper_id: str,
    context: Here,
    number: Annotated[int, Query(alias="page", ge=1, le=LARGEST // RUNS_PER_PAGE)] = 1,
) -> Response:
    """Return a page of its runs."""
    known = wrapper_id_of(wrapper_id)
    found, total = await _runs(context, known, number)
    return page(
        request,
        "wrapper_runs.html",
        wrapper_id=known,
        runs=found,
        runs_total=total,
        runs_page=number,
        per_page=RUNS_PER_PAGE,
        **_OF_RUNS,
    )


@router.get("/wrappers/{wrapper_id}/runs/{run_id}")
async def show_run(request: Request, wrapper_id: str, run_id: str, context: Here) -> Response:
    """Return one run's page: its request, its result, and its log lines."""
    known = wrapper_id_of(wrapper_id)

    def look(c: Connection) -> tuple[RunRecord, list[Numbered]]:
        run = runs.get(c, run_id)
        if run is None or run.wrapper_id != known:
            raise NotFound(what="Run")
        return run, logs.between(c, known, run.started_at, run.finished_at or context.clock(), RUN_LINES)

    run, lines = await context.read(look)
    return page(request, "wrapper_run.html", run=run, lines=lines, **_OF_RUNS)


@router.get("/wrappers/{wrapper_id}/log")
async def stream_log(
    request: Request,
    wrapper_id: str,
    context: Here,
    limit: Annotated[int, Query(ge=0, le=LOG_LINES)] = LOG_LINES,
    last_event_id: Annotated[int | None, Header(ge=0, le=LARGEST)] = None,
) -> StreamingResponse:
    """Send its log, live, in the language of the page."""
    return await opened(request, context, wrapper_id, limit, last_event_id, said=frame(request)["logged"])


@router.get("/wrappers/{wrapper_id}/revisions")
async def show_revisions(request: Request, wrapper_id: str, context: Here) -> Response:
    """Return the newest changes of stored points."""
    known = wrapper_id_of(wrapper_id)

    def look(c: Connection) -> tuple[WrapperRecord, list[revisions.Revision], int]:
        record = wrappers.get(c, known, with_log=False)
        found = revisions.list_page(c, known, limit=REVISIONS)
        run = runs.last(c, known)
        return record, found, 0 if run is None else run.points_changed

    record, found, last = await context.read(look)
    fmt: Formats = frame(request)["fmt"]
    dated = fmt.dated(record.marks.low_water_mark, record.marks.high_water_mark, period=record.period)
    return page(request, "wrapper_revisions.html", wrapper_id=known, found=found, last=last, dated=dated)


@router.post("/wrappers/{wrapper_id}/choices")
async def show_choices(request: Request, wrapper_id: str, context: Here) -> Response:
    """Look at the source again and return the questions, with what each answer would read."""
    known = wrapper_id_of(wrapper_id)
    record = await context.read(lambda c: wrappers.get(c, known, with_log=False))
    source_type = record.definition.source_type
    config = form_of(source_type).model_validate(record.definition.source_config)
    who = request.state.visitor.caller.who
    look = context.previews.discover(source_type=source_type, config=config, caller=who)
    answer = discovered(await while_there(request, look))
    shown = seen(answer, Overrides(source_type), frame(request)["fmt"], "")
    message = None if answer.found else answer.message
    return page(request, "wrapper_choices.html", wrapper_id=known, questions=shown.questions, message=message)


@router.get("/wrappers/{wrapper_id}/code")
async def show_code(request: Request, wrapper_id: str, context: Here) -> Response:
    """Return its module, highlighted."""
    known = wrapper_id_of(wrapper_id)
    record = await context.read(lambda c: wrappers.get(c, known, with_log=False))
    return page(
        request,
        "wrapper_code.html",
        wrapper_id=known,
        code=highlighted(record.definition.generated_code or ""),
        plain=record.definition.generated_code or "",
    )


def highlighted(code: str) -> Markup:
    """Render Python as HTML with token classes; Pygments escapes the content."""
    return Markup(highlight(code, PythonLexer(), _formatter()))  # noqa: S704 - the text inside is escaped by Pygments


@cache
def _formatter() -> "HtmlFormatter[str]":
    return HtmlFormatter(nowrap=True, classprefix="tok-")


async def _runs(context: Context, wrapper_id: str, number: int) -> tuple[list[RunRecord], int]:
    def look(c: Connection) -> tuple[list[RunRecord], int]:
        wrappers.get(c, wrapper_id, with_log=False)
        return runs.list_page(c, wrapper_id, skip=(number - 1) * RUNS_PER_PAGE, limit=RUNS_PER_PAGE)

    return await context.read(look)


async def _view(request: Request, context: Context, wrapper_id: str) -> WrapperView:
    known = wrapper_id_of(wrapper_id)

    def look(c: Connection) -> tuple[Observed, RunRecord | None, list[RunRecord], int]:
        seen = observation.observe(c, wrappers.get(c, known, with_log=False))
        return seen, runs.open_run(c, known), *runs.list_page(c, known, skip=0, limit=BEATS)

    seen, run, newest, count = await context.read(look)
    hindrance = context.lifecycle.hindrance(known, seen.record.control.due_at, seen.record.definition.runs_on)
    fmt: Formats = frame(request)["fmt"]
    return _viewed(seen, run, newest, count, context.lifecycle.vitals(known), fmt, hindrance)


def _viewed(
    seen: Observed,
    run: RunRecord | None,
    newest: list[RunRecord],
    count: int,
    vitals: Vitals | None,
    fmt: Formats,
    hindrance: str | None,
) -> WrapperView:
    record, now = seen.record, fmt.now
    wanted_from = _wanted_from(record)
    rows = (vitals.rows_processed, vitals.rows_total) if vitals else None
    reading = run is not None and run.task == "read" and run.outcome == RUNNING
    source = str(masked(record.definition.source_config).get("location", "")) or (
        seen.file.filename if seen.file else ""
    )
    waits = record.control.status in (Status.EXECUTING, Status.RETRYING) and run is None
    health = health_of(seen, now, hindrance)
    source_seen = states.Source(
        status=record.control.status,
        health=health,
        generated=record.definition.generated_code is not None,
        retry_count=record.control.retry_count,
        fault_count=record.control.fault_count,
        backfill_done=record.marks.checkpoint.backfill_done,
        is_file=record.definition.source_type.is_file,
        running=run is not None,
        points=record.counters.points,
        newest=record.marks.high_water_mark,
        oldest=record.marks.low_water_mark,
        due_at=record.control.due_at,
        period=record.period,
        freshness=record.marks.freshness,
        error=None,  # it stands below, in full
        hindrance=None,
    )
    state = states.state_of(source_seen)
    return WrapperView(
        record=record,
        name=str(record.definition.metadata["name"]),
        unit=str(record.definition.metadata.get("unit") or ""),
        state=state,
        sentence=states.sentence(source_seen, state, fmt),
        awaits=states.awaited(source_seen, state, fmt),
        health=health,
        beats=[Beat.of(each, now) for each in reversed(newest)],
        hindrance=hindrance,
        run=run,
        last_run=seen.last_run,
        runs=count,
        progress=progress.of_run(record, run, wanted_from=wanted_from, rows=rows, now=now) if reading and run else None,
        whole=coverage.is_read_whole(record),
        strip=coverage.strip(record, wanted_from=wanted_from, now=now),
        details=details(seen, vitals, now),
        phase=_phase(record),
        next_poll=record.control.due_at if waits else None,
        idle=record.idle,
        may_stop=not record.idle and allows(record.control.status, Event.STOP),
        may_execute=allows(record.control.status, Event.EXECUTE),
        may_regenerate=allows(record.control.status, Event.REGENERATE),
        source=source,
        link=source if source.startswith(("http://", "https://")) else None,
    )


def _phase(record: WrapperRecord) -> str:
    if record.definition.source_type.is_file:  # nothing is followed: a file ends
        return "wrapper.file_done" if record.marks.checkpoint.backfill_done else "wrapper.file_reading"
    return f"phase.{record.marks.checkpoint.phase}"


def _wanted_from(record: WrapperRecord) -> int | None:
    start = record.definition.source_config.get("start")
    return parse_iso(str(start)) if start else None
