"""Serves `/wrappers/{id}/quality`: calendar, gaps, jumps and rejected rows of a source."""

import json
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import quote, urlencode

from fastapi import Request, Response

from slackwater.model.buckets import Bucket
from slackwater.model.instants import iso
from slackwater.model.wrapper import WrapperRecord
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
        unread=[(each, adding(record, each.name)) for each in row_problems.unread(record, sums.fields)],
        name=str(record.definition.metadata["name"]),
        stored=record.counters.points,
        leads_to=leads_to,
        levels=range(LEVELS + 1),
    )


def adding(record: WrapperRecord, name: str) -> str | None:
    """Return what in source_config stores one more field, as JSON.

    None where no list of fields is known.
    """
    field, one = ("value_columns", None) if record.definition.source_type.is_file else ("value_fields", "value_field")
    given = record.definition.source_config
    known = given.get(field) or (one and given.get(one))
    for each in record.definition.findings or ():
        if not known and each.get("what") == "values":
            known = each.get("value")
    stored = [known] if isinstance(known, str) else known
    if not isinstance(stored, list) or not stored:
        return None
    change = {field: [*map(str, stored), name]} | ({one: None} if one and given.get(one) else {})
    return json.dumps(change, ensure_ascii=False)


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
