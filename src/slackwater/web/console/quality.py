"""Serves `/wrappers/{id}/quality`: calendar, gaps, jumps and rejected rows of a source."""

from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import quote, urlencode

from fastapi import Request, Response

from slackwater.model.buckets import Bucket
from slackwater.model.instants import iso
from slackwater.store.records import row_problems
from slackwater.store.series.quality import Evenness
from slackwater.web.api.context import Here
from slackwater.web.api.series.quality import looked_at
from slackwater.web.console.route import page_router
from slackwater.web.console.view.formats import Formats
from slackwater.web.console.view.render import frame, language_of, page
from slackwater.web.console.view.zones import IN_UTC
from slackwater.web.console.words import messages

LEVELS = 4  # of completeness, beside nothing at all

router = page_router()


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One calendar cell of the strip; `level` from 0 (nothing) to LEVELS (complete)."""

    start: int
    end: int
    points: int
    level: int


@router.get("/wrappers/{wrapper_id}/quality")
async def show(request: Request, wrapper_id: str, context: Here) -> Response:
    """Return the tab of a source's page."""
    record, found, sums, rejected = await looked_at(context, wrapper_id)
    resource_id = record.resource_id
    fmt: Formats = frame(request)["fmt"]

    def leads_to(start: int, end: int) -> str | None:
        given = urlencode({"from": iso(start), "to": iso(end)}, quote_via=quote)
        return None if resource_id is None else f"/data/{resource_id}?{given}"

    return page(
        request,
        "wrapper_quality.html",
        found=found,
        utc=replace(fmt, zone=IN_UTC),
        dated=fmt.dated(record.marks.low_water_mark, record.marks.high_water_mark, period=record.period),
        strips=[(each, cells(each, found.cells)) for each in found.series],
        sums=sums,
        rejected=rejected,
        row_said=partial(messages.rejected, language=language_of(request)),
        unread=row_problems.unread(record, sums.fields),
        leads_to=leads_to,
        levels=range(LEVELS + 1),
    )


def cells(series: Evenness, buckets: list[Bucket]) -> list[Cell]:
    """Return a series' cells with levels relative to what is usual."""
    return [
        Cell(start=start, end=end, points=count, level=_level(count, series.expected))
        for (start, end), count in zip(buckets, series.counts, strict=True)
    ]


def _level(points: int, expected: int) -> int:
    if not points:
        return 0
    return max(1, min(LEVELS, LEVELS * points // max(1, expected)))
