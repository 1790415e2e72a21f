"""`/shared/{token}`: what a public link shows, to anybody, also within a page of somebody else."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute

from slackwater.errors import NotFound
from slackwater.model.instants import EARLIEST, LATEST
from slackwater.store.access import shares
from slackwater.store.access.shares import ShareRecord
from slackwater.store.engine.database import Connection
from slackwater.store.records import resources, units
from slackwater.store.records.resources import ResourceRecord
from slackwater.store.series import charts, readings
from slackwater.store.series.readings import PointQuery
from slackwater.web.api.context import Here
from slackwater.web.api.series.data import From, To
from slackwater.web.console.compare import compared, known
from slackwater.web.console.route import EXPECTED, error_page
from slackwater.web.console.view.charts import LEAST, MOST, in_zone, mark_unfinished, shape
from slackwater.web.console.view.render import POLICY, page
from slackwater.web.console.view.zones import IN_UTC, named
from slackwater.web.export.stream import FileFormat, file_answer
from slackwater.web.security.auth import Doorkeeper

# It holds nothing of a session, and is there to be put into other pages. Its address, with the token, goes nowhere.
HEADERS = {
    "Content-Security-Policy": POLICY.replace("frame-ancestors 'none'", "frame-ancestors *"),
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Referrer-Policy": "no-referrer",
}


class SharedRoute(APIRoute):
    """A route that needs only its token; requests are counted by client address."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Count the request before looking for the token, which costs us time."""
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            doorkeeper: Doorkeeper = request.app.state.doorkeeper
            try:
                request.state.caller = await doorkeeper.admit_anonymous(request)
                return await handle(request)
            except EXPECTED as error:
                return error_page(request, error)

        return guarded


router = APIRouter(include_in_schema=False, route_class=SharedRoute)


@dataclass(frozen=True)
class Shared:
    """What a token opens: a time series, or several that are compared."""

    share: ShareRecord
    resources: list[ResourceRecord]

    @property
    def name(self) -> str:
        """What the page is called."""
        return " · ".join(each.name for each in self.resources)

    @property
    def range(self) -> tuple[int, int]:
        """The first and the last moment that the link shows, in µs since the epoch."""
        since, until = self.share.since, self.share.until
        return EARLIEST if since is None else since, LATEST if until is None else until

    def within(self, resource: ResourceRecord, since: int | None, until: int | None) -> PointQuery:
        """Return the query for a range, cut to what the link shows.

        `since` and `until` are in µs since the epoch.
        """
        low, high = self.range
        return PointQuery(
            owner=resource.wrapper_id,
            since=max(low, EARLIEST if since is None else since),
            until=min(high, LATEST if until is None else until),
            series=self.share.series,
        )


async def _shared(token: str, context: Here) -> Shared:
    def look(c: Connection) -> Shared:
        share = shares.find(c, token, context.clock())
        if share.resource_ids is None:
            return Shared(share, [resources.get(c, share.resource_id)])
        found = known(c, share.resource_ids)
        if not found:
            raise NotFound(what="Public link")
        return Shared(share, found)

    return await context.read(look)


Given = Annotated[Shared, Depends(_shared)]


@router.get("/shared/{token}")
async def show(
    request: Request, token: str, context: Here, given: Given, embed: bool = False, tz: str = ""
) -> Response:
    """Show the chart; `embed` leaves out what surrounds it. Times are UTC, or of `tz`."""
    request.state.zone = named(tz) if tz else IN_UTC

    def count(c: Connection) -> int:
        return sum(len(readings.series_names(c, each.wrapper_id)) for each in given.resources)

    return page(
        request,
        "shared.html",
        given=given,
        token=token,
        embed=embed,
        formats=FileFormat,
        series_count=len(given.share.series or ()) or await context.read(count),
        headers=HEADERS,
    )


@router.get("/shared/{token}/chart")
async def chart(
    context: Here,
    given: Given,
    since: Annotated[From | None, Query(alias="from")] = None,
    until: Annotated[To | None, Query(alias="to")] = None,
    stretches: Annotated[int, Query(ge=LEAST, le=MOST)] = 600,
    tz: str = "",
) -> JSONResponse:
    """Return its lines."""
    zone = named(tz) if tz else IN_UTC
    asked = given.within(given.resources[0], since, until)
    if asked.since > asked.until:
        raise HTTPException(400, "from must not be after to")

    def look(c: Connection) -> dict[str, Any]:
        if given.share.resource_ids is not None:
            view = (EARLIEST if since is None else since, LATEST if until is None else until)
            drawn = compared(c, given.resources, view, stretches, given.range)
            mark_unfinished(drawn, None, context.clock())
            return in_zone(drawn, zone)
        drawn = shape(charts.chart(c, asked, stretches), units.units_of(c, asked.owner))
        if drawn["extent"] is not None:
            low, high = drawn["extent"]
            drawn["extent"] = [max(low, given.range[0] / 1e6), min(high, given.range[1] / 1e6)]
        mark_unfinished(drawn, asked.granularity, context.clock())
        return in_zone(drawn, zone)

    return JSONResponse(await context.read(look), headers=HEADERS)


@router.get("/shared/{token}/data")
async def data(
    request: Request,
    context: Here,
    given: Given,
    format: FileFormat = FileFormat.CSV,
    resource_id: Annotated[str, Query(alias="id", max_length=100)] = "",
) -> Response:
    """Return the points of one of its time series as a file."""
    wanted = next((each for each in given.resources if each.id == resource_id), None)
    if wanted is None and resource_id:
        raise NotFound(what="Resource")
    resource = wanted or given.resources[0]
    end = context.downloads.begin(request.state.caller.who)
    return await file_answer(context.database, resource, given.within(resource, None, None), format, end)
