"""Serves `/resources/{id}/data`: points of a resource, by page or as a stream."""

import math
import re
from dataclasses import replace
from datetime import UTC, tzinfo
from typing import Annotated, Any, Literal

from fastapi import HTTPException, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, BeforeValidator, Field

from slackwater.errors import BadInput
from slackwater.model.buckets import Aggregate, Granularity
from slackwater.model.instants import DAY, EARLIEST, LATEST, from_micros, iso, parse_iso
from slackwater.store.engine.database import Connection
from slackwater.store.records import resources
from slackwater.store.series import readings, vintages
from slackwater.store.series.readings import PointQuery
from slackwater.web.api.context import Here
from slackwater.web.api.schemas import RESOURCE_ID, PlainText, Time, guarded
from slackwater.web.export.stream import MEDIA_TYPES, FileFormat, file_answer
from slackwater.web.security.auth import ResourceRoute, guarded_router

router = guarded_router("/resources", "resources", ResourceRoute)

_DATE = re.compile(r"\d{4}-\d\d-\d\d|\d{8}|\d{4}-?W\d\d(-?\d)?")
_LOST_PLUS = re.compile(r"(?<=\d) (?=\d\d:?\d\d$)")


class DataPoint(BaseModel):
    """One point, or one bucket by its start."""

    x: Time
    y: float | None = Field(examples=[316.1])
    series: str = Field(examples=["co2"])


class DataPage(BaseModel):
    """A page of data, and where the next one begins."""

    resource_id: str = Field(examples=[RESOURCE_ID])
    data: list[DataPoint]
    next_cursor: str | None = Field(description="Send it as `cursor` for the next page; null on the last one.")
    as_of: Time | None = Field(default=None, description="The moment whose state this is; only when requested.")
    granularity: Granularity | None = Field(default=None, description="Of the buckets; only when requested.")


def _from(text: object) -> int:
    return _moment(str(text), UTC, latest=False)


def _to(text: object) -> int:
    return _end(str(text), UTC)


def _moment(text: str, zone: tzinfo, *, latest: bool) -> int:
    try:
        return parse_iso(_LOST_PLUS.sub("+", text), zone, latest=latest)
    except (ValueError, OverflowError):
        raise ValueError(f"{text[:60]!r} is not an ISO 8601 date or time such as 1958-03-29") from None


def _end(text: str, zone: tzinfo) -> int:
    if not _DATE.fullmatch(text.strip()):
        return _moment(text, zone, latest=True)
    # A date is a whole day: asked for data up to it, nobody means its midnight. Not each day has 24 hours.
    following = _moment(text, UTC, latest=False) + DAY
    return LATEST if following > LATEST else _moment(from_micros(following).date().isoformat(), zone, latest=False) - 1


def span_of(since: str, until: str, zone: tzinfo = UTC) -> tuple[int, int]:
    """Parse two texts into an inclusive range (µs), open where empty; ValueError otherwise.

    Times without a zone are of `zone`.
    """
    return _moment(since, zone, latest=False) if since else EARLIEST, _end(until, zone) if until else LATEST


_TIME_SCHEMA: dict[str, Any] = {"examples": ["1958-03-29", "1958-03-29T12:00:00Z"]}
From = Annotated[int, BeforeValidator(_from, json_schema_input_type=str)]
To = Annotated[int, BeforeValidator(_to, json_schema_input_type=str)]


@router.get(
    "/{resource_id}/data",
    summary="Read its data",
    response_model=DataPage,
    responses={
        **guarded(
            {
                400: [
                    "Invalid resource ID",
                    "from must not be after to",
                    "as_of 2020-01-01T00:00:00Z lies before 2026-11-01T00:00:00Z, from which on replaced values are "
                    "kept; ask for a later moment. SLACKWATER_VINTAGE_DAYS sets how long they are kept",
                    "cursor is not one that this service has given; leave it out to begin at the start",
                ],
                404: "Resource not found",
            }
        ),
        200: {
            "content": {
                "text/csv": {"example": "x,y,series\n1958-03-29T00:00:00Z,316.1,co2\n"},
                MEDIA_TYPES[FileFormat.XLSX]: {"schema": {"type": "string", "format": "binary"}},
                MEDIA_TYPES[FileFormat.PARQUET]: {"schema": {"type": "string", "format": "binary"}},
            }
        },
    },
)
async def data(
    request: Request,
    resource_id: str,
    context: Here,
    limit: Annotated[int, Query(ge=1, le=5000, description="Points of a page; files have no limit.")] = 500,
    since: Annotated[
        From | None, Query(alias="from", description="First moment, ISO 8601.", json_schema_extra=_TIME_SCHEMA)
    ] = None,
    until: Annotated[
        To | None,
        Query(alias="to", description="Last moment; a date means all of that day.", json_schema_extra=_TIME_SCHEMA),
    ] = None,
    series: Annotated[
        list[PlainText] | None, Query(max_length=1000, description="Only this series; may be repeated.")
    ] = None,
    order: Annotated[Literal["asc", "desc"], Query(description="Oldest or newest first.")] = "asc",
    cursor: Annotated[
        str | None, Query(max_length=4000, description="`next_cursor` of the page before, with the same parameters.")
    ] = None,
    granularity: Annotated[
        Granularity | Literal["auto"] | None,
        Query(description="Buckets (UTC, weeks from Monday); `auto` is the finest that fits into `limit`."),
    ] = None,
    aggregate: Annotated[Aggregate | None, Query(description="Of the values in a bucket; `avg` unless given.")] = None,
    as_of: Annotated[
        To | None,
        Query(
            description="The series as it stood then; a date means the end of that day. Later points and values are "
            "left out.",
            json_schema_extra=_TIME_SCHEMA,
        ),
    ] = None,
    format: Annotated[
        Literal["json"] | FileFormat, Query(description="`csv`, `xlsx` and `parquet` stream, and have no limit.")
    ] = "json",
) -> Response:
    """Return points or buckets ordered by time, then series; the range is inclusive."""
    first, last = EARLIEST if since is None else since, LATEST if until is None else until
    if first > last:
        raise HTTPException(400, "from must not be after to")
    if aggregate is not None and granularity is None:
        raise HTTPException(400, "aggregate needs a granularity: hour, day, week, month, year or auto")
    resource = await context.read(lambda c: resources.get(c, resource_id))
    asked = PointQuery(
        owner=resource.wrapper_id,
        since=first,
        until=last,
        series=tuple(series) if series else None,
        descending=order == "desc",
        aggregate=aggregate or Aggregate.AVG,
        as_of=as_of,
    )
    if as_of is not None:
        await context.read(lambda c: vintages.must_reach(c, as_of))
    asked = await context.read(lambda c: placed(c, asked, granularity, cursor, limit))
    if isinstance(format, FileFormat):
        end = context.downloads.begin(request.state.caller.who)
        return await file_answer(context.database, resource, asked, format, end)
    page = await context.read(lambda c: readings.page(c, asked, limit))
    answer = {
        "resource_id": resource.id,
        "data": [{"x": iso(x), "y": y if math.isfinite(y) else None, "series": name} for x, y, name in page.readings],
        "next_cursor": page.next_cursor,
    }
    if as_of is not None:
        answer["as_of"] = iso(as_of)
    if asked.granularity is not None:
        answer["granularity"] = asked.granularity.value
    return JSONResponse(answer)


def placed(
    c: Connection, asked: PointQuery, granularity: Granularity | Literal["auto"] | None, cursor: str | None, limit: int
) -> PointQuery:
    """Return the query with position and granularity; BadInput for another query's cursor."""
    after, before = readings.place_of(cursor) if cursor is not None else (None, None)
    if granularity == "auto":
        # Later pages keep to what the first one chose, however the data has grown meanwhile.
        granularity = before or readings.fitting_granularity(c, asked, limit)
    if after is not None and before != granularity:
        raise BadInput("cursor belongs to another granularity; send it with the parameters that it was given for")
    return replace(asked, granularity=granularity, after=after)
