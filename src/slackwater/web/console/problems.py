"""Serves `/problems`: what is wrong now, and who has seen it."""

from fastapi import HTTPException, Request, Response
from fastapi.responses import JSONResponse

from slackwater.model.instants import SECOND
from slackwater.store.engine.database import Connection
from slackwater.store.records import acknowledgements
from slackwater.store.records.acknowledgements import Acknowledgement, Standing
from slackwater.web.api.context import Context, Here
from slackwater.web.api.schemas import wrapper_id_of
from slackwater.web.console import overview
from slackwater.web.console.overview import Judged
from slackwater.web.console.route import page_router
from slackwater.web.console.view import states
from slackwater.web.console.view.formats import Formats
from slackwater.web.console.view.render import frame, is_partial, page
from slackwater.web.console.view.source_list import OverviewView
from slackwater.web.console.view.states import PROBLEMS, SIGNS, State

MOST = 200  # sources on the page; chosen: it comes again every 10 s, and the overview has pages of all
COUNTED_FOR = 15 * SECOND  # µs; chosen: all sources are judged for it, and each page asks

router = page_router()

Told = tuple[Judged, str, Acknowledgement | None]  # with its sentence, and who has seen it


@router.get("/problems")
async def show(request: Request, context: Here) -> Response:
    """Show the sources that somebody has to look after, by what is wrong with them."""
    found = await _found(context)
    fmt: Formats = frame(request)["fmt"]
    groups: list[tuple[State, int, list[Told]]] = []
    shown = 0
    for state in PROBLEMS:
        mine = [(each, seen) for each, seen in found if each.state is state]
        mine.sort(key=lambda one: one[1] is not None)  # what nobody has seen comes first
        lines = [(each, states.sentence(each.source, state, fmt), seen) for each, seen in mine[: MOST - shown]]
        shown += len(lines)
        if mine:
            groups.append((state, len(mine), lines))
    template = "problems_live.html" if is_partial(request) else "problems.html"
    return page(request, template, groups=groups, total=len(found), signs=SIGNS)


@router.get("/problems/count")
async def count(request: Request, context: Here) -> Response:
    """Count the problems that nobody has seen, for the head of a page."""
    known: tuple[int, int] | None = getattr(request.app.state, "problems", None)
    if known is None or context.clock() >= known[0]:
        unseen = sum(seen is None for _, seen in await _found(context))
        known = context.clock() + COUNTED_FOR, unseen
        request.app.state.problems = known
    return page(request, "problems_count.html", total=known[1])


@router.post("/problems/{wrapper_id}/seen")
async def see(request: Request, wrapper_id: str, context: Here) -> Response:
    """Note that somebody has seen what is wrong with a source."""
    known, name = wrapper_id_of(wrapper_id), request.state.visitor.caller.name
    state = next((each.state for each, _ in await _found(context) if each.line.wrapper_id == known), None)
    if state is None:
        raise HTTPException(409, "Nothing is wrong with the source any more")
    await context.write(lambda c: acknowledgements.acknowledge(c, known, state.value, name, context.clock()))
    return _noted(request, "problems.seen.done")


@router.post("/problems/{wrapper_id}/unseen")
async def unsee(request: Request, wrapper_id: str, context: Here) -> Response:
    """Forget that somebody has seen what is wrong with a source."""
    known = wrapper_id_of(wrapper_id)
    await context.write(lambda c: acknowledgements.forget(c, known))
    return _noted(request, "problems.unseen.done")


def still(state: State, standing: Standing | None) -> Acknowledgement | None:
    """Return who has seen a problem; None for one that has come anew since."""
    if standing is None or standing.seen.state != state.value:
        return None
    gone = {State.LATE: standing.advanced, State.TROUBLED: standing.spotless}.get(state, standing.fetched)
    return None if gone else standing.seen


def _noted(request: Request, key: str) -> Response:
    request.app.state.problems = None
    return JSONResponse({"message": frame(request)["t"](key)})


async def _found(context: Context) -> list[tuple[Judged, Acknowledgement | None]]:
    def look(c: Connection) -> tuple[list[Judged], dict[str, Standing]]:
        judged = overview.judged(c, OverviewView(), context.clock(), context.lifecycle.hindrance)
        return judged, acknowledgements.standing(c)

    judged, seen = await context.read(look)
    return [(each, still(each.state, seen.get(each.line.wrapper_id))) for each in judged if each.state in PROBLEMS]
