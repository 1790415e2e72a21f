"""`/data/{resource_id}/chart`: what a chart draws, as columns of numbers."""

from collections import defaultdict
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import HTTPException, Query, Request
from fastapi.responses import JSONResponse

from slackwater.errors import BadInput
from slackwater.model.buckets import Aggregate, Granularity, bucket_of
from slackwater.model.instants import EARLIEST, LATEST, SECOND, iso
from slackwater.store.engine.database import Connection
from slackwater.store.records import notes, resources, units
from slackwater.store.records.notes import Mark, MarkKind
from slackwater.store.records.units import Units
from slackwater.store.series import charts
from slackwater.store.series.charts import Chart
from slackwater.store.series.readings import PointQuery
from slackwater.web.api.context import Here
from slackwater.web.api.schemas import PlainText
from slackwater.web.api.series.data import From, To
from slackwater.web.console.route import page_router
from slackwater.web.console.view.formats import Formats
from slackwater.web.console.view.render import frame
from slackwater.web.console.view.zones import CALENDAR, UTC_NAME, Zone

LEAST, MOST = 20, 2_000  # stretches
FLAGS = 40  # of revised points, side by side; chosen: those that lie closer could not be told apart

router = page_router()


@router.get("/data/{resource_id}/chart")
async def chart(
    request: Request,
    resource_id: str,
    context: Here,
    since: Annotated[From | None, Query(alias="from")] = None,
    until: Annotated[To | None, Query(alias="to")] = None,
    series: Annotated[list[PlainText] | None, Query(max_length=1000)] = None,
    stretches: Annotated[int, Query(ge=LEAST, le=MOST)] = 600,
    granularity: Granularity | Literal["auto", ""] = "",
    aggregate: Aggregate = Aggregate.AVG,
) -> JSONResponse:
    """Return lines over a range: averages with bands, or few points as they are."""
    first, last = EARLIEST if since is None else since, LATEST if until is None else until
    if first > last:
        raise HTTPException(400, "from must not be after to")

    def look(c: Connection) -> dict[str, Any]:
        resource = resources.get(c, resource_id)
        asked = PointQuery(
            owner=resource.wrapper_id,
            since=first,
            until=last,
            series=tuple(series) if series else None,
            granularity=Granularity(granularity) if granularity not in ("auto", "") else None,
            aggregate=aggregate,
        )
        drawn = shape(charts.chart(c, asked, stretches), units.units_of(c, resource.wrapper_id))
        if asked.granularity in CALENDAR:
            drawn["days"] = True
        mark_unfinished(drawn, asked.granularity, context.clock())
        if asked.granularity is not None:
            drawn["unfinished"] = any(each["unfinished"] for each in drawn["series"])
            if since is None:  # the first period begins before its first point
                drawn["from"] = min([drawn["from"], *(x for each in drawn["series"] for x in each["x"][:1])])
            drawn["cut"] = is_cut(drawn, asked.granularity, first, last)
        seen = (drawn["from"], drawn["to"])
        marks = marks_shape(notes.marks(c, resource.wrapper_id), seen, resource.id, fmt)
        return in_zone(drawn, fmt.zone) | {"marks": marks}

    fmt: Formats = frame(request)["fmt"]

    try:
        return JSONResponse(await context.read(look))
    except BadInput as error:
        raise HTTPException(400, str(error)) from None


def shape(chart: Chart, known: Units) -> dict[str, Any]:
    """Convert a chart for its script: times in seconds, buckets by their middle."""
    half = (chart.width or 0) / 2
    return {
        "from": chart.since / SECOND,
        "to": chart.until / SECOND,
        "width": chart.width and chart.width / SECOND,
        "points": chart.points,
        "extent": chart.extent and [edge / SECOND for edge in chart.extent],
        "all_series": chart.series,
        "days": chart.days,
        "said_units": known.said,
        "series": [
            {
                "name": line.name,
                "unit": known.of(line.name),
                "said": known.said.get(line.name),
                "width": chart.width and chart.width / SECOND,
                "x": [(x + half) / SECOND for x in line.x],
                "y": line.y,
                "low": line.least,
                "high": line.most,
                "last": line.last,
            }
            for line in chart.lines
        ],
    }


def mark_unfinished(drawn: dict[str, Any], granularity: Granularity | None, now: int) -> None:
    """Say of each series of a shape whether its newest bucket goes on.

    Without a granularity the buckets are stretches of the series' `width`, told by their middle. `now` is in µs since
    the epoch.
    """
    for each in drawn["series"]:
        end = None
        if each["x"] and granularity is not None:
            end = bucket_of(granularity, round(each["x"][-1] * SECOND))[1]
        elif each["x"] and each["width"] is not None:
            end = round((each["x"][-1] + each["width"] / 2) * SECOND)
        each["unfinished"] = end is not None and end > now


def is_cut(drawn: dict[str, Any], granularity: Granularity, since: int, until: int) -> bool:
    """Check whether a range (µs) cuts the first or last bucket of a shape."""
    shown = [round(x * SECOND) for each in drawn["series"] for x in (*each["x"][:1], *each["x"][-1:])]
    first, last = bucket_of(granularity, since), bucket_of(granularity, until)
    begins = first[0] < since and any(x < first[1] for x in shown)
    ends = last[1] - 1 > until and any(x >= last[0] for x in shown)
    return begins or ends


def in_zone(drawn: dict[str, Any], zone: Zone) -> dict[str, Any]:
    """Add the zone of the chart's times; days have none, also beside others."""
    return drawn | {"zone": UTC_NAME if drawn["days"] or drawn.get("some_days") else zone.name}


def marks_shape(marks: list[Mark], seen: tuple[float, float], resource_id: str, fmt: Formats) -> list[dict[str, Any]]:
    """Convert marks for the chart's script, with changes in the user's language.

    Of revised points only those in view, `seen` in seconds, and those that lie close together as one.
    """
    return [
        *(_mark(mark, fmt) for mark in marks if mark.kind is not MarkKind.REVISED),
        *(_flag(each, resource_id, fmt) for each in _close(marks, seen)),
    ]


def _mark(mark: Mark, fmt: Formats) -> dict[str, Any]:
    text = mark.text if mark.kind is MarkKind.NOTE else fmt.t(f"mark.{mark.kind}")
    return {"at": mark.at / SECOND, "kind": mark.kind, "text": text, "name": mark.name, "id": mark.note_id}


def _close(marks: list[Mark], seen: tuple[float, float]) -> list[list[Mark]]:
    low, high = seen
    room = max(high - low, 1e-6) / FLAGS
    places: dict[int, list[Mark]] = defaultdict(list)
    for mark in marks:
        if mark.kind is MarkKind.REVISED and low <= mark.at / SECOND <= high:
            places[int((mark.at / SECOND - low) / room)].append(mark)
    return list(places.values())


def _flag(close: list[Mark], resource_id: str, fmt: Formats) -> dict[str, Any]:
    newest = max(close, key=lambda mark: mark.created_at or 0)
    count, when = sum(mark.points or 0 for mark in close), fmt.text(newest.created_at)
    if len(close) == 1:
        text = fmt.t("mark.revised", n=count if count == 1 else fmt.number(count), when=when)
    else:
        text = fmt.t("mark.revised_often", n=fmt.number(count), checks=fmt.number(len(close)), when=when)
    first = min(mark.at if mark.first is None else mark.first for mark in close)
    asked = {"from": iso(first), "to": iso(max(mark.at for mark in close))}
    if len(close) == 1 and newest.run_id is not None:
        asked["run"] = newest.run_id
    last = max(mark.at for mark in close) / SECOND
    more = f"/data/{resource_id}/revised?{urlencode(asked)}"
    return {"at": last, "kind": MarkKind.REVISED, "text": text, "name": None, "id": None, "more": more}
