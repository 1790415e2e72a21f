"""Serves `/compare`: series of several sources in one chart, kept in the address."""

from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import HTTPException, Query, Request, Response
from fastapi.responses import JSONResponse

from slackwater.errors import BadInput, NotFound
from slackwater.model.instants import EARLIEST, LATEST
from slackwater.store.access import views
from slackwater.store.engine.database import Connection
from slackwater.store.records import notes, resources, units, wrappers
from slackwater.store.records.resources import ResourceRecord
from slackwater.store.series import charts, readings
from slackwater.store.series.charts import MOST_SERIES
from slackwater.store.series.readings import PointQuery
from slackwater.web.api.context import Here
from slackwater.web.api.schemas import PlainText
from slackwater.web.api.series.data import From, To
from slackwater.web.api.series.shares import MOST_COMPARED
from slackwater.web.console.route import page_router
from slackwater.web.console.view.charts import LEAST, MOST, in_zone, mark_unfinished, marks_shape, shape
from slackwater.web.console.view.formats import Formats
from slackwater.web.console.view.render import frame, page

OFFERED = 12  # sources that a search finds; chosen: a list without scrolling

router = page_router()
Chosen = Annotated[list[PlainText] | None, Query(alias="id", max_length=100)]
Text = Annotated[str, Query(max_length=300)]


@router.get("/compare")
async def show(
    request: Request,
    context: Here,
    chosen: Chosen = None,
    since: Annotated[Text, Query(alias="from")] = "",
    until: Annotated[Text, Query(alias="to")] = "",
    scale: Text = "",
    q: Text = "",
) -> Response:
    """Show what was chosen in one chart, and what else a search finds."""
    ids = list(dict.fromkeys(chosen or ()))[:MOST_COMPARED]
    view = [(name, text) for name, text in (("from", since), ("to", until), ("scale", scale)) if text]

    def look(c: Connection) -> tuple[list[ResourceRecord], list[ResourceRecord], int]:
        found, _ = resources.list_page(c, skip=0, limit=OFFERED + len(ids), q=q.strip() or None)
        shown = known(c, ids)
        there = {each.id for each in shown}
        count = sum(len(readings.series_names(c, each.wrapper_id)) for each in shown)
        return shown, [each for each in found if each.id not in there][:OFFERED], count

    shown, offered, count = await context.read(look)
    saved = await context.read(lambda c: views.list_of(c, request.state.visitor.caller.who))
    mine = [each.id for each in shown]

    def address(of: Sequence[str], *more: tuple[str, str]) -> str:
        return "/compare?" + urlencode([*(("id", each) for each in of), *more])

    return page(
        request,
        "compare.html",
        shown=shown,
        saved=saved,
        series_count=count,
        offered=offered if len(shown) < MOST_COMPARED else [],
        q=q,
        view=view,
        shares_url=address(mine).replace("/compare", "/compare/shares", 1),
        chart_url=address(mine, *view).replace("/compare?", "/compare/chart?", 1),
        without=lambda each: address([other for other in mine if other != each], *view),
        with_one=lambda each: address([*mine, each], *view),
    )


@router.get("/console/resources")
async def of_wrappers(context: Here, chosen: Chosen = None) -> JSONResponse:
    """Return the ids of the resources that wrappers feed."""

    def look(c: Connection) -> list[str]:
        found = [wrappers.get(c, each, with_log=False).resource_id for each in (chosen or ())[:MOST_COMPARED]]
        return [each for each in found if each is not None]

    return JSONResponse(await context.read(look))


@router.get("/compare/chart")
async def chart(
    request: Request,
    context: Here,
    chosen: Chosen = None,
    since: Annotated[From | None, Query(alias="from")] = None,
    until: Annotated[To | None, Query(alias="to")] = None,
    stretches: Annotated[int, Query(ge=LEAST, le=MOST)] = 600,
) -> JSONResponse:
    """Return the lines of several sources over one range, thinned to the chart."""
    first, last = EARLIEST if since is None else since, LATEST if until is None else until
    if first > last:
        raise HTTPException(400, "from must not be after to")
    ids = list(dict.fromkeys(chosen or ()))[:MOST_COMPARED]
    fmt: Formats = frame(request)["fmt"]

    def look(c: Connection) -> dict[str, Any]:
        shown = known(c, ids)
        drawn = compared(c, shown, (first, last), stretches)
        mark_unfinished(drawn, None, context.clock())
        seen = (drawn["from"], drawn["to"])
        marks = [
            mark | {"text": f"{each.name}: {mark['text']}", "id": None}
            for each in shown
            for mark in marks_shape(notes.marks(c, each.wrapper_id), seen, each.id, fmt)
        ]
        return in_zone(drawn, fmt.zone) | {"marks": marks}

    return JSONResponse(await context.read(look))


def known(c: Connection, ids: Sequence[str]) -> list[ResourceRecord]:
    """Return those resources that there still are."""
    found = []
    for each in ids:
        try:
            found.append(resources.get(c, each))
        except (BadInput, NotFound):  # deleted since the address was kept
            continue
    return found


def compared(
    c: Connection,
    shown: list[ResourceRecord],
    asked: tuple[int, int],
    stretches: int,
    within: tuple[int, int] = (EARLIEST, LATEST),
) -> dict[str, Any]:
    """Draw all over the same range, so that their stretches have the same width.

    `asked` is what is in view, `within` what may be seen at all, in µs since the epoch.
    """
    low, high = within
    edges = [
        min(max(edge, low), high)
        for each in shown
        for edge in charts.extent(c, PointQuery(owner=each.wrapper_id, since=EARLIEST, until=LATEST)) or ()
    ]
    if not edges:
        nothing = {"from": 0, "to": 0, "width": None, "points": 0, "extent": None}
        return nothing | {"all_series": 0, "series": [], "days": False}
    first = min(edges) if asked[0] == EARLIEST else max(asked[0], low)
    last = max(edges) if asked[1] == LATEST else min(asked[1], high)
    parts = []
    for each in shown:
        query = PointQuery(owner=each.wrapper_id, since=first, until=max(first, last))
        part = shape(charts.chart(c, query, stretches), units.units_of(c, each.wrapper_id))
        label = each.name if [other.name for other in shown].count(each.name) == 1 else f"{each.name} ({each.id[:6]})"
        alone = len(part["series"]) == 1
        parts.append(part | {"series": [line | {"name": _name(label, line["name"], alone)} for line in part["series"]]})
    lines = [line for part in parts for line in part["series"]]
    edge = parts[0]
    return edge | {
        "width": max((part["width"] for part in parts if part["width"]), default=None),
        "points": sum(part["points"] for part in parts),
        "extent": [min(edges) / 1e6, max(edges) / 1e6],
        "days": all(part["days"] for part in parts),
        "some_days": any(part["days"] for part in parts),
        "all_series": sum(part["all_series"] for part in parts),
        "series": lines[:MOST_SERIES],
    }


def _name(source: str, series: str, alone: bool) -> str:
    return source if alone or source == series else f"{source} · {series}"
