"""`/resources/{id}/revisions`: what became of published points, when, and by which run."""

from typing import Annotated, Literal

from fastapi import HTTPException, Query
from pydantic import BaseModel, Field

from slackwater.model.instants import EARLIEST, LATEST, iso
from slackwater.store.records import resources
from slackwater.store.series import revisions
from slackwater.store.series.revisions import Revision
from slackwater.web.api.context import Here
from slackwater.web.api.schemas import LARGEST, RESOURCE_ID, PlainText, Time, guarded
from slackwater.web.api.series.data import From, To
from slackwater.web.security.auth import ResourceRoute, guarded_router

router = guarded_router("/resources", "resources", ResourceRoute)


class RevisionShape(BaseModel):
    """One change of a stored point: replaced, withdrawn by the source, or back.

    A withdrawn point stays stored.
    """

    kind: Literal["replaced", "withdrawn", "returned"]
    series: str = Field(examples=["co2"])
    x: Time
    before: float | None = Field(examples=[316.1], description="Null for a point that came back.")
    after: float | None = Field(examples=[316.2], description="Null for a point that was withdrawn.")
    at: Time = Field(description="When it was stored.")
    run_id: str | None


class RevisionPage(BaseModel):
    """A page of revisions, newest first, and where the next one begins."""

    resource_id: str = Field(examples=[RESOURCE_ID])
    revisions: list[RevisionShape]
    next_cursor: str | None = Field(description="Send it as `cursor` for the next page; null on the last one.")


@router.get(
    "/{resource_id}/revisions",
    summary="What has changed in its data",
    responses=guarded({400: ["Invalid resource ID", "from must not be after to"], 404: "Resource not found"}),
)
async def list_revisions(
    resource_id: str,
    context: Here,
    limit: Annotated[int, Query(ge=1, le=5000, description="Revisions of a page.")] = 500,
    since: Annotated[From | None, Query(alias="from", description="First time of the points, ISO 8601.")] = None,
    until: Annotated[To | None, Query(alias="to", description="Last time of the points.")] = None,
    series: Annotated[list[PlainText] | None, Query(max_length=1000, description="Only this series.")] = None,
    run: Annotated[PlainText | None, Query(description="Only what this run has changed.")] = None,
    cursor: Annotated[int | None, Query(ge=1, le=LARGEST, description="`next_cursor` of the page before.")] = None,
) -> RevisionPage:
    """Return what later values replaced and what the source withdrew, the newest first."""
    first, last = EARLIEST if since is None else since, LATEST if until is None else until
    if first > last:
        raise HTTPException(400, "from must not be after to")
    resource = await context.read(lambda c: resources.get(c, resource_id))
    found = await context.read(
        lambda c: revisions.list_page(
            c,
            resource.wrapper_id,
            limit=limit + 1,
            before_id=cursor,
            since=first,
            until=last,
            names=tuple(series) if series else None,
            run_id=run,
        )
    )
    more = len(found) > limit
    return RevisionPage(
        resource_id=resource.id,
        revisions=list(map(_shape, found[:limit])),
        next_cursor=str(found[limit - 1].revision_id) if more else None,
    )


def _shape(revision: Revision) -> RevisionShape:
    return RevisionShape(
        kind=revision.kind,
        series=revision.series,
        x=iso(revision.x),
        before=revision.before,
        after=revision.after,
        at=iso(revision.at),
        run_id=revision.run_id,
    )
