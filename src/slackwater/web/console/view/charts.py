"""`/data/{resource_id}/chart`: what a chart draws, as columns of numbers."""

from typing import Annotated, Any, Literal

from fastapi import HTTPException, Query, Request
from fastapi.responses import JSONResponse

from slackwater.errors import BadInput
from slackwater.model.buckets import Aggregate, Granularity
from slackwater.model.instants import EARLIEST, LATEST, SECOND
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
from slackwater.web.console.view.render import frame
from slackwater.web.console.words import Translate

LEAST, MOST = 20, 2_000  # stretches

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
        return drawn | {"marks": marks_shape(notes.marks(c, resource.wrapper_id), frame(request)["t"])}

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
            }
            for line in chart.lines
        ],
    }


def marks_shape(marks: list[Mark], t: Translate) -> list[dict[str, Any]]:
    """Convert marks for the chart's script, with changes in the user's language."""
    return [
        {
            "at": mark.at / SECOND,
            "kind": mark.kind,
            "text": mark.text if mark.kind is MarkKind.NOTE else t(f"mark.{mark.kind}"),
            "name": mark.name,
            "id": mark.note_id,
        }
        for mark in marks
    ]
