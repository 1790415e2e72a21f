"""`/data`: every time series; `/data/{resource_id}`: one of them, in a view that its address repeats."""

from dataclasses import dataclass, replace
from typing import Annotated, Literal
from urllib.parse import quote, urlencode

from fastapi import Query, Request, Response

from slackwater.errors import BadInput, NotFound
from slackwater.model.buckets import Aggregate, Granularity
from slackwater.model.instants import EARLIEST, LATEST, iso
from slackwater.store.engine.database import Connection
from slackwater.store.records import resources, wrappers
from slackwater.store.records.resources import ResourceRecord
from slackwater.store.series import charts, readings, revisions
from slackwater.store.series.readings import Page, PointQuery
from slackwater.store.series.revisions import Revision
from slackwater.web.api.context import Here
from slackwater.web.api.schemas import LARGEST, PlainText
from slackwater.web.api.series.data import From, To, placed, span_of
from slackwater.web.console.route import page_router
from slackwater.web.console.view.formats import Formats
from slackwater.web.console.view.render import frame, is_partial, page
from slackwater.web.console.view.zones import CALENDAR, IN_UTC, Zone, named, written
from slackwater.web.export.stream import FileFormat

PER_PAGE = 50  # resources; chosen: two screens
ROWS = 100  # rows of the table; chosen: files have the rest
SHOWN_SERIES = 200  # series to choose from; chosen: beyond that a search is better
REVISIONS = 200  # behind a flag of the chart; chosen: the API has the rest

# Each gives every point of the view; {url} is put in by the page, and again when the view moves.
SNIPPETS = (
    ("curl", """curl -H "X-API-Key: $SLACKWATER_KEY" -o data.csv '{url}'"""),
    (
        "Python",
        """import os, pandas

data = pandas.read_csv(
    "{url}", parse_dates=["x"], storage_options={"X-API-Key": os.environ["SLACKWATER_KEY"]}
)""",
    ),
    ("R", """data <- read.csv(url("{url}", headers = c("X-API-Key" = Sys.getenv("SLACKWATER_KEY"))))"""),
)

router = page_router()
Text = Annotated[str, Query(max_length=100)]


@dataclass(frozen=True, kw_only=True)
class DataView:
    """The view in the address: texts of users, checked on use.

    `since` and `until` are of `zone` where they name none.
    """

    resource_id: str
    since: str
    until: str
    zone: Zone
    series: tuple[str, ...]
    granularity: str
    aggregate: str

    @property
    def span(self) -> tuple[int, int]:
        """The range (µs), open where nothing is given; ValueError when it cannot be read."""
        return span_of(self.since, self.until, self.zone.info)

    @property
    def in_utc(self) -> "DataView":
        """The same view in UTC, as the API wants it."""
        return self.shown_in(IN_UTC)

    def shown_in(self, zone: Zone) -> "DataView":
        """Return the same view with the texts that another zone has for its range."""
        if zone.name == self.zone.name:
            return replace(self, zone=zone)
        try:
            first, last = self.span
        except ValueError:  # the page says so
            return replace(self, zone=zone)
        since = written(first, zone.info) if self.since else ""
        return replace(self, zone=zone, since=since, until=written(last, zone.info, end=True) if self.until else "")

    @property
    def params(self) -> list[tuple[str, str]]:
        """The view's parameters."""
        aggregate = self.aggregate if self.granularity else ""
        named = [("from", self.since), ("to", self.until), ("tz", "" if self.zone.is_utc else self.zone.name)]
        named += [*(("series", name) for name in self.series)]
        named += [("granularity", self.granularity), ("aggregate", aggregate)]
        return [(name, value) for name, value in named if value]

    def address(self, base: str, *more: tuple[str, str]) -> str:
        """Return an address of this view below `base`."""
        given = [*self.params, *more]
        return f"{base}?{urlencode(given, quote_via=quote)}" if given else base


@router.get("/data")
async def list_all(
    request: Request,
    context: Here,
    q: Annotated[str, Query(max_length=300)] = "",
    number: Annotated[int, Query(alias="page", ge=1, le=LARGEST // PER_PAGE)] = 1,
) -> Response:
    """Show the time series."""
    found, total = await context.read(
        lambda c: resources.list_page(c, skip=(number - 1) * PER_PAGE, limit=PER_PAGE, q=q.strip() or None)
    )
    template = "data_list_live.html" if is_partial(request) else "data_list.html"
    return page(request, template, found=found, total=total, number=number, q=q, per_page=PER_PAGE)


@router.get("/data/{resource_id}")
async def show(
    request: Request,
    resource_id: str,
    context: Here,
    since: Annotated[Text, Query(alias="from")] = "",
    until: Annotated[Text, Query(alias="to")] = "",
    series: Annotated[list[PlainText] | None, Query(max_length=1000)] = None,
    granularity: Text = "",
    aggregate: Text = "avg",
    cursor: Annotated[str, Query(max_length=4000)] = "",
    scale: Text = "",
    tz: Text = "",
) -> Response:
    """Show a time series; `from` and `to` are UTC, or of `tz`."""
    said: Formats = frame(request)["fmt"]
    view = DataView(
        resource_id=resource_id,
        since=since.strip(),
        until=until.strip(),
        zone=named(tz) if tz else IN_UTC,
        series=tuple(series or ()),
        granularity=granularity if granularity in {*Granularity, "auto"} else "",
        aggregate=aggregate if aggregate in set(Aggregate) else "avg",
    )
    resource = await context.read(lambda c: resources.get(c, resource_id))
    living = await context.read(lambda c: _living(c, resource))
    # What cannot be read as a time is said beside the form, and the rest of the page is still there.
    wrong: str | None = None
    rows = Page(readings=[], next_cursor=None)
    names, days = await context.read(
        lambda c: (readings.series_names(c, resource.wrapper_id), charts.of_days(c, _all_of(resource, view)))
    )

    def look(c: Connection) -> tuple[Page, bool]:
        asked = _asked(c, resource, view, cursor)
        return readings.page(c, asked, ROWS), asked.granularity in CALENDAR

    try:
        rows, calendar = await context.read(look)
        days = days or calendar  # days, weeks, months of UTC
    except (BadInput, ValueError) as error:
        wrong = str(error)
    fmt = replace(said, zone=IN_UTC) if days else said
    view = view.shown_in(fmt.zone)
    api = f"/resources/{resource.id}/data"
    downloads = [(kind, view.in_utc.address(api, ("format", kind))) for kind in FileFormat]
    # A file has every point; JSON comes in pages.
    address = str(request.base_url).rstrip("/") + view.in_utc.address(api, ("format", "csv"))
    return page(
        request,
        "data_rows.html" if is_partial(request) else "data.html",
        resource=resource,
        view=view,
        rows=rows,
        names=names[:SHOWN_SERIES],
        hidden_names=max(0, len(names) - SHOWN_SERIES),
        wrong=wrong,
        downloads=downloads,
        address=address,
        snippets=SNIPPETS,
        days=days or all(fmt.is_midnight(each.x) for each in rows.readings),
        fmt=fmt,
        chart_url=view.in_utc.address(f"/data/{resource_id}/chart"),
        aggregates=Aggregate,
        cursor=cursor,
        iso=iso,
        scale="log" if scale == "log" else "",
        wrapper_id=living,
    )


@router.get("/data/{resource_id}/revised")
async def show_revised(
    request: Request,
    resource_id: str,
    context: Here,
    since: Annotated[From, Query(alias="from")],
    until: Annotated[To, Query(alias="to")],
    run: Annotated[PlainText | None, Query()] = None,
) -> Response:
    """Show what the values behind a flag of the chart were."""

    def look(c: Connection) -> list[Revision]:
        owner = resources.get(c, resource_id).wrapper_id
        return revisions.list_page(c, owner, limit=REVISIONS + 1, since=since, until=until, run_id=run)

    found = await context.read(look)
    fmt: Formats = frame(request)["fmt"]
    shown = found[:REVISIONS]
    dated = fmt.dated(*(each.x for each in shown))
    return page(request, "data_revised.html", found=shown, more=len(found) > REVISIONS, dated=dated)


def _living(c: Connection, resource: ResourceRecord) -> str | None:
    """Return the id of the wrapper that feeds a resource; None when it was deleted."""
    try:
        return wrappers.get(c, resource.wrapper_id, with_log=False).wrapper_id
    except NotFound:
        return None


def _all_of(resource: ResourceRecord, view: DataView) -> PointQuery:
    return PointQuery(
        owner=resource.wrapper_id,
        since=EARLIEST,
        until=LATEST,
        series=view.series or None,
        descending=True,
        aggregate=Aggregate(view.aggregate),
    )


def _asked(c: Connection, resource: ResourceRecord, view: DataView, cursor: str) -> PointQuery:
    since, until = view.span
    if since > until:
        raise BadInput("from must not be after to")
    asked = replace(_all_of(resource, view), since=since, until=until)
    granularity: Granularity | Literal["auto"] | None = None
    if view.granularity:
        granularity = "auto" if view.granularity == "auto" else Granularity(view.granularity)
    return placed(c, asked, granularity, cursor or None, 500)
