"""Serves the public links to a time series, or to a comparison; for admins."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Form, HTTPException, Query, Request, Response
from pydantic import ValidationError

from slackwater.errors import BadInput
from slackwater.model.instants import DAY, iso
from slackwater.store.access import shares
from slackwater.store.records import resources
from slackwater.web.api.context import Context, Here
from slackwater.web.api.schemas import PlainText
from slackwater.web.api.series.data import span_of
from slackwater.web.api.series.shares import MOST_COMPARED, ShareForm, address, made
from slackwater.web.console.route import AdminPageRoute, page_router
from slackwater.web.console.view.render import page
from slackwater.web.console.view.zones import IN_UTC, named

LASTING = (0, 1, 7, 30, 90, 365)  # days; 0 has no end

router = page_router(AdminPageRoute)
Text = Annotated[str, Form()]


@dataclass(frozen=True)
class LinkForm:
    """What the form of a link says."""

    name: Text = ""
    days: Annotated[int, Form()] = 0
    since: Annotated[str, Form(alias="from")] = ""
    until: Annotated[str, Form(alias="to")] = ""
    limited: Annotated[bool, Form(alias="range")] = False
    scale: Text = ""
    tz: Text = ""  # of `since` and `until`
    shown_in: Text = ""  # the zone of the page that the link opens
    series: Annotated[list[str] | None, Form()] = None

    @property
    def span(self) -> tuple[str, str]:
        """The range in UTC, "" where it is open; ValueError when it cannot be read."""
        if not self.tz:
            return self.since, self.until
        first, last = span_of(self.since, self.until, named(self.tz).info)
        return iso(first) if self.since else "", iso(last) if self.until else ""


@dataclass(frozen=True)
class Subject:
    """What links are made to: a time series, or several that are compared."""

    place: str  # of its links
    ids: tuple[str, ...]
    compared: bool


def _one(resource_id: str) -> Subject:
    return Subject(f"/data/{resource_id}/shares", (resource_id,), compared=False)


def _several(chosen: Annotated[list[PlainText], Query(alias="id", min_length=1, max_length=MOST_COMPARED)]) -> Subject:
    ids = tuple(dict.fromkeys(chosen))
    return Subject("/compare/shares?" + urlencode([("id", each) for each in ids]), ids, compared=True)


One = Annotated[Subject, Depends(_one)]
Several = Annotated[Subject, Depends(_several)]
Given = Annotated[LinkForm, Depends(LinkForm)]


@router.get("/data/{resource_id}/shares")
async def show(request: Request, subject: One, context: Here) -> Response:
    """List the links to a time series."""
    return await _page(request, context, subject)


@router.post("/data/{resource_id}/shares")
async def create(request: Request, subject: One, form: Given, context: Here) -> Response:
    """Make a link to what is looked at and show it, this once."""
    return await _make(request, context, subject, form)


@router.post("/data/{resource_id}/shares/{share_id}/revoke")
async def revoke(request: Request, subject: One, share_id: str, context: Here) -> Response:
    """Close a link."""
    await context.write(lambda c: shares.revoke(c, share_id, context.clock()))
    return await _page(request, context, subject)


@router.get("/compare/shares")
async def show_compared(request: Request, subject: Several, context: Here) -> Response:
    """List the links to comparisons."""
    return await _page(request, context, subject)


@router.post("/compare/shares")
async def create_compared(request: Request, subject: Several, form: Given, context: Here) -> Response:
    """Make a link to a comparison and show it, this once."""
    return await _make(request, context, subject, form)


@router.post("/compare/shares/{share_id}/revoke")
async def revoke_compared(request: Request, subject: Several, share_id: str, context: Here) -> Response:
    """Close a link to a comparison."""
    await context.write(lambda c: shares.revoke(c, share_id, context.clock()))
    return await _page(request, context, subject)


async def _make(request: Request, context: Context, subject: Subject, given: LinkForm) -> Response:
    if given.days not in LASTING:
        return await _page(request, context, subject, error="keys.bad_choice")
    try:
        since, until = given.span if given.limited else ("", "")
        zone = named(given.shown_in) if given.shown_in else IN_UTC
    except (BadInput, ValueError):
        return await _page(request, context, subject, error="share.bad")
    ends = iso(context.clock() + given.days * DAY) if given.days else None
    try:
        form = ShareForm(
            resource_id=None if subject.compared else subject.ids[0],
            resource_ids=list(subject.ids) if subject.compared else None,
            name=given.name,
            series=None if subject.compared else given.series or None,
            since=since or None,
            until=until or None,
            expires_at=ends,
        )
    except ValidationError:
        return await _page(request, context, subject, error="share.bad")
    request.state.caller = request.state.visitor.caller
    try:
        record, token = await made(form, request, context)
    except HTTPException as refused:
        return await _page(request, context, subject, refused=str(refused.detail))
    request.state.made = record.share_id
    shown = {"scale": "log" if given.scale == "log" else "", "tz": "" if zone.is_utc else zone.name}
    query = urlencode({name: text for name, text in shown.items() if text})
    return await _page(request, context, subject, url=address(request, token) + (f"?{query}" if query else ""))


async def _page(
    request: Request,
    context: Context,
    subject: Subject,
    *,
    url: str | None = None,
    error: str | None = None,
    refused: str | None = None,
) -> Response:
    named = await context.read(lambda c: [resources.get(c, each) for each in subject.ids])
    ids = tuple(each.id for each in named)
    known = await context.read(lambda c: shares.list_all(c, None if subject.compared else ids[0]))
    now = context.clock()
    path, _, query = subject.place.partition("?")
    return page(
        request,
        "shares.html",
        status=422 if error or refused else 200,
        place=subject.place,
        revoking=lambda share_id: f"{path}/{share_id}/revoke" + (f"?{query}" if query else ""),
        compared=subject.compared,
        name=", ".join(each.name for each in named),
        found=[each for each in known if each.is_open(now) and (each.resource_ids is not None) == subject.compared],
        mine=ids,
        url=url,
        error=error,
        refused=refused,
        lasting=LASTING,
    )
