"""Serves `/shares`: public links to data, for admins; each opens one resource."""

from typing import Annotated

from fastapi import HTTPException, Query, Request
from pydantic import BaseModel, ConfigDict, Field, model_validator

from slackwater.errors import BadInput
from slackwater.model.instants import iso, parse_iso
from slackwater.model.texts import Moment, Text
from slackwater.store.access import shares
from slackwater.store.access.shares import ShareRecord
from slackwater.store.engine.database import Connection
from slackwater.store.records import resources
from slackwater.web.api.context import Here
from slackwater.web.api.schemas import RESOURCE_ID, WRAPPER_ID, PlainText, Time, guarded, moment
from slackwater.web.api.series.data import span_of
from slackwater.web.security.auth import AdminRoute, Doorkeeper, guarded_router

MOST_COMPARED = 20  # time series of a comparison; chosen: more lines than colours

router = guarded_router("/shares", "shares", AdminRoute)


class ShareForm(BaseModel):
    """A new public link."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"resource_id": RESOURCE_ID, "name": "for the town's web page"}]},
    )

    resource_id: PlainText | None = Field(default=None, description="The time series; or give resource_ids.")
    resource_ids: Annotated[list[PlainText], Field(min_length=1, max_length=MOST_COMPARED)] | None = Field(
        default=None, description="Of a comparison: so many time series in one chart, 20 at most."
    )
    name: Text = Field(description="Who or what it is for.")
    series: list[PlainText] | None = Field(
        default=None, min_length=1, max_length=1000, description="Only these; all when left out."
    )
    since: Moment | None = Field(default=None, description="What lies before is not shown.")
    until: Moment | None = Field(default=None, description="What lies after is not shown; a date means all of it.")
    expires_at: Moment | None = Field(default=None, description="When it ends; never when left out.")

    @model_validator(mode="after")
    def _names_what_it_shows(self) -> "ShareForm":
        if (self.resource_id is None) == (self.resource_ids is None):
            raise ValueError("give either resource_id or resource_ids")
        if self.series is not None and self.resource_ids is not None:
            raise ValueError("series are chosen of a single time series; leave series out with resource_ids")
        return self


class ShareShape(BaseModel):
    """A public link."""

    share_id: str = Field(examples=[WRAPPER_ID])
    resource_id: str = Field(examples=[RESOURCE_ID])
    resource_ids: list[str] | None = Field(description="Of a comparison; `resource_id` is the first of them.")
    name: str
    series: list[str] | None
    since: Time | None
    until: Time | None
    created_by: str | None
    created_at: Time
    expires_at: Time | None
    revoked_at: Time | None


class NewShare(ShareShape):
    """A public link with its address, which is shown this once."""

    url: str = Field(examples=["https://slackwater.example.org/shared/sws_…"])


@router.get("", summary="List the public links", responses=guarded(admin=True))
async def list_shares(
    context: Here, resource_id: Annotated[PlainText | None, Query(max_length=100)] = None
) -> list[ShareShape]:
    """Return the public links, newest first, those that have ended too."""
    return list(map(share_shape, await context.read(lambda c: shares.list_all(c, resource_id))))


@router.post(
    "",
    summary="Make a public link",
    responses=guarded(
        {
            400: ["Invalid resource ID", "from must not be after to", "expires_at lies in the past"],
            404: "Resource not found",
        },
        admin=True,
        body=True,
    ),
)
async def create(form: ShareForm, request: Request, context: Here) -> NewShare:
    """Make a link that shows a resource, or some of it, to whoever has it."""
    record, token = await made(form, request, context)
    return NewShare(**share_shape(record).model_dump(), url=address(request, token))


@router.delete(
    "/{share_id}", summary="Revoke a public link", responses=guarded({404: "Public link not found"}, admin=True)
)
async def revoke(share_id: str, context: Here) -> ShareShape:
    """Close a link at once."""
    return share_shape(await context.write(lambda c: shares.revoke(c, share_id, context.clock())))


async def made(form: ShareForm, request: Request, context: Here) -> tuple[ShareRecord, str]:
    """Create a link from a form and return it with its token; HTTPException otherwise."""
    since, until = span_of(form.since or "", form.until or "")
    now = context.clock()
    ends = None if form.expires_at is None else parse_iso(form.expires_at)
    if since > until:
        raise HTTPException(400, "from must not be after to")
    if ends is not None and ends <= now:
        raise HTTPException(400, "expires_at lies in the past")
    name = request.state.caller.name

    def work(c: Connection) -> tuple[ShareRecord, str]:
        asked = [form.resource_id] if form.resource_ids is None else form.resource_ids
        found = tuple(dict.fromkeys(resources.get(c, each).id for each in asked if each is not None))
        return shares.create(
            c,
            resource_id=found[0],
            resource_ids=None if form.resource_ids is None else found,
            name=form.name,
            series=None if form.series is None else tuple(form.series),
            since=None if form.since is None else since,
            until=None if form.until is None else until,
            created_by=name,
            now=now,
            expires_at=ends,
        )

    try:
        return await context.write(work)
    except BadInput as error:
        raise HTTPException(400, str(error)) from None


def address(request: Request, token: str) -> str:
    """Return the address of a link, as browsers reach us."""
    doorkeeper: Doorkeeper = request.app.state.doorkeeper
    return f"{doorkeeper.sessions.base_url(request)}/shared/{token}"


def share_shape(record: ShareRecord) -> ShareShape:
    """Return a link as clients see it."""
    return ShareShape(
        share_id=record.share_id,
        resource_id=record.resource_id,
        resource_ids=None if record.resource_ids is None else list(record.resource_ids),
        name=record.name,
        series=None if record.series is None else list(record.series),
        since=moment(record.since),
        until=moment(record.until),
        created_by=record.created_by,
        created_at=iso(record.created_at),
        expires_at=moment(record.expires_at),
        revoked_at=moment(record.revoked_at),
    )
