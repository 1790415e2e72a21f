"""Serves `/problems`: present problems only, and their count for every page's head."""

from fastapi import Request, Response

from slackwater.model.instants import SECOND
from slackwater.store.engine.database import Connection
from slackwater.web.api.context import Context, Here
from slackwater.web.console import overview
from slackwater.web.console.overview import Judged, OverviewView
from slackwater.web.console.route import page_router
from slackwater.web.console.view import states
from slackwater.web.console.view.formats import Formats
from slackwater.web.console.view.render import frame, is_partial, page
from slackwater.web.console.view.states import PROBLEMS, SIGNS, State

MOST = 500  # sources on the page; the overview has pages of all
COUNTED_FOR = 15 * SECOND  # all sources are judged for it, and each page asks

router = page_router()


@router.get("/problems")
async def show(request: Request, context: Here) -> Response:
    """Show the sources that somebody has to look after, by what is wrong with them."""
    found = await _found(context)
    fmt: Formats = frame(request)["fmt"]
    groups: list[tuple[State, int, list[tuple[Judged, str]]]] = []
    shown = 0
    for state in PROBLEMS:
        mine = [each for each in found if each.state is state]
        told = [(each, states.sentence(each.source, state, fmt)) for each in mine[: MOST - shown]]
        shown += len(told)
        if mine:
            groups.append((state, len(mine), told))
    template = "problems_live.html" if is_partial(request) else "problems.html"
    return page(request, template, groups=groups, total=len(found), signs=SIGNS)


@router.get("/problems/count")
async def count(request: Request, context: Here) -> Response:
    """Return how many sources have problems, as the sign in the head of a page."""
    known: tuple[int, int] | None = getattr(request.app.state, "problems", None)
    if known is None or context.clock() >= known[0]:
        known = context.clock() + COUNTED_FOR, len(await _found(context))
        request.app.state.problems = known
    return page(request, "problems_count.html", total=known[1])


async def _found(context: Context) -> list[Judged]:
    def look(c: Connection) -> list[Judged]:
        return overview.judged(c, OverviewView(), context.clock(), context.lifecycle.hindrance)

    return [each for each in await context.read(look) if each.state in PROBLEMS]
