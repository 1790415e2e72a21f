"""`/wrappers/{id}`: one wrapper: its data, what is read and what is missing, its runs, log, code and settings."""

from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any

from fastapi import Query, Request, Response
from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from slackwater.errors import NotFound
from slackwater.model.health import Health
from slackwater.model.instants import parse_iso
from slackwater.model.secrets import masked
from slackwater.model.status import Event, Status, allows
from slackwater.model.wrapper import WrapperRecord
from slackwater.store.engine.database import Connection
from slackwater.store.records import observation, runs, wrappers
from slackwater.store.records.observation import Observed
from slackwater.store.records.runs import RUNNING, RunRecord
from slackwater.supervise.lifecycle.commands import Vitals
from slackwater.web.api.context import Context, Here
from slackwater.web.api.presenters import details, health_of
from slackwater.web.api.schemas import LARGEST, wrapper_id_of
from slackwater.web.console import coverage, progress, settings_form
from slackwater.web.console.coverage import Strip
from slackwater.web.console.progress import Progress
from slackwater.web.console.render import page
from slackwater.web.console.route import page_router

RUNS_PER_PAGE = 15
STOP_POLLING = 286  # what htmx takes as the last answer
IDLE = frozenset({Status.STOPPED, Status.COMPLETED, Status.ERROR})

router = page_router()


@dataclass(frozen=True, kw_only=True)
class View:
    """A wrapper as its page shows it."""

    record: WrapperRecord
    name: str
    unit: str
    health: Health
    hindrance: str | None  # why it does not get on
    run: RunRecord | None  # the open one
    last_run: RunRecord | None
    runs: int
    progress: Progress | None
    strip: Strip | None
    whole: bool  # it is read from one end to the other
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
    view = await _view(context, wrapper_id)
    found, total = await _runs(context, view.record.wrapper_id, 1)
    return page(
        request,
        "wrapper.html",
        view=view,
        runs=found,
        runs_total=total,
        runs_page=1,
        per_page=RUNS_PER_PAGE,
        code=highlighted(view.record.generated_code or ""),
        meta=settings_form.metadata_fields(view.record),
        config=settings_form.config_fields(view.record),
    )


@router.get("/wrappers/{wrapper_id}/live")
async def live(request: Request, wrapper_id: str, context: Here) -> Response:
    """Return the part that changes while one looks."""
    try:
        return page(request, "wrapper_live.html", view=await _view(context, wrapper_id))
    except NotFound:
        return page(request, "wrapper_gone.html", status=STOP_POLLING)


@router.get("/wrappers/{wrapper_id}/checkpoint")
async def show_checkpoint(request: Request, wrapper_id: str, context: Here) -> Response:
    """Return what its checkpoint says."""
    return page(request, "wrapper_checkpoint_facts.html", view=await _view(context, wrapper_id))


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
    )


@router.get("/wrappers/{wrapper_id}/code")
async def show_code(request: Request, wrapper_id: str, context: Here) -> Response:
    """Return its module, highlighted."""
    known = wrapper_id_of(wrapper_id)
    record = await context.read(lambda c: wrappers.get(c, known, with_log=False))
    return page(
        request,
        "wrapper_code.html",
        wrapper_id=known,
        code=highlighted(record.generated_code or ""),
        plain=record.generated_code or "",
    )


def highlighted(code: str) -> Markup:
    """Return Python as HTML with a class for each kind of word; Pygments escapes what is in it."""
    return Markup(highlight(code, PythonLexer(), _formatter()))  # noqa: S704 - the text inside is escaped by Pygments


@cache
def _formatter() -> "HtmlFormatter[str]":
    return HtmlFormatter(nowrap=True, classprefix="tok-")


async def _runs(context: Context, wrapper_id: str, number: int) -> tuple[list[RunRecord], int]:
    def look(c: Connection) -> tuple[list[RunRecord], int]:
        wrappers.get(c, wrapper_id, with_log=False)
        return runs.list_page(c, wrapper_id, skip=(number - 1) * RUNS_PER_PAGE, limit=RUNS_PER_PAGE)

    return await context.read(look)


async def _view(context: Context, wrapper_id: str) -> View:
    known = wrapper_id_of(wrapper_id)

    def look(c: Connection) -> tuple[Observed, RunRecord | None, int]:
        seen = observation.observe(c, wrappers.get(c, known, with_log=False))
        return seen, runs.open_run(c, known), runs.list_page(c, known, skip=0, limit=1)[1]

    seen, run, count = await context.read(look)
    hindrance = context.lifecycle.hindrance(known, seen.record.due_at)
    return _viewed(seen, run, count, context.lifecycle.vitals(known), context.clock(), hindrance)


def _viewed(
    seen: Observed, run: RunRecord | None, count: int, vitals: Vitals | None, now: int, hindrance: str | None
) -> View:
    record = seen.record
    wanted_from = _wanted_from(record)
    rows = (vitals.rows_processed, vitals.rows_total) if vitals else None
    reading = run is not None and run.task == "read" and run.outcome == RUNNING
    source = str(masked(record.source_config).get("location", "")) or (seen.file.filename if seen.file else "")
    waits = record.status in (Status.EXECUTING, Status.RETRYING) and run is None
    return View(
        record=record,
        name=str(record.metadata["name"]),
        unit=str(record.metadata.get("unit") or ""),
        health=health_of(seen, now, hindrance),
        hindrance=hindrance,
        run=run,
        last_run=seen.last_run,
        runs=count,
        progress=progress.of_run(record, run, wanted_from=wanted_from, rows=rows, now=now) if reading and run else None,
        whole=coverage.is_read_whole(record),
        strip=coverage.strip(record, wanted_from=wanted_from, now=now),
        details=details(seen, vitals, now),
        phase=_phase(record),
        next_poll=record.due_at if waits else None,
        idle=record.status in IDLE,
        may_stop=record.status not in IDLE and allows(record.status, Event.STOP),
        may_execute=allows(record.status, Event.EXECUTE),
        may_regenerate=allows(record.status, Event.REGENERATE),
        source=source,
        link=source if source.startswith(("http://", "https://")) else None,
    )


def _phase(record: WrapperRecord) -> str:
    if record.source_type.is_file:  # nothing is followed: a file ends
        return "wrapper.file_done" if record.checkpoint.backfill_done else "wrapper.file_reading"
    return f"phase.{record.checkpoint.phase}"


def _wanted_from(record: WrapperRecord) -> int | None:
    start = record.source_config.get("start")
    return parse_iso(str(start)) if start else None
