"""`/data/{id}/shares`: public links to a time series, made, listed and revoked; for admins."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import Form, HTTPException, Request, Response
from pydantic import ValidationError

from slackwater.model.instants import DAY, iso
from slackwater.store.access import shares
from slackwater.store.records import resources
from slackwater.web.api.context import Context, Here
from slackwater.web.api.series.shares import ShareForm, address, made
from slackwater.web.console.route import AdminPageRoute, page_router
from slackwater.web.console.view.render import page

LASTING = (0, 1, 7, 30, 90, 365)  # days; 0 has no end

router = page_router(AdminPageRoute)
Text = Annotated[str, Form()]


@router.get("/data/{resource_id}/shares")
async def show(request: Request, resource_id: str, context: Here) -> Response:
    """List the links to a time series."""
    return await _page(request, context, resource_id)


@router.post("/data/{resource_id}/shares")
async def create(
    request: Request,
    resource_id: str,
    context: Here,
    name: Text = "",
    days: Annotated[int, Form()] = 0,
    since: Annotated[str, Form(alias="from")] = "",
    until: Annotated[str, Form(alias="to")] = "",
    limited: Annotated[bool, Form(alias="range")] = False,
    scale: Text = "",
    series: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """Make a link to what is looked at and show it, this once."""
    if days not in LASTING:
        return await _page(request, context, resource_id, error="keys.bad_choice")
    ends = iso(context.clock() + days * DAY) if days else None
    try:
        form = ShareForm(
            resource_id=resource_id,
            name=name,
            series=series or None,
            since=(limited and since) or None,
            until=(limited and until) or None,
            expires_at=ends,
        )
    except ValidationError:
        return await _page(request, context, resource_id, error="share.bad")
    request.state.caller = request.state.visitor.caller
    try:
        record, token = await made(form, request, context)
    except HTTPException as refused:
        return await _page(request, context, resource_id, refused=str(refused.detail))
    request.state.made = record.share_id
    query = "?" + urlencode({"scale": scale}) if scale == "log" else ""
    return await _page(request, context, resource_id, url=address(request, token) + query)


@router.post("/data/{resource_id}/shares/{share_id}/revoke")
async def revoke(request: Request, resource_id: str, share_id: str, context: Here) -> Response:
    """Close a link."""
    await context.write(lambda c: shares.revoke(c, share_id, context.clock()))
    return await _page(request, context, resource_id)


async def _page(
    request: Request,
    context: Context,
    resource_id: str,
    *,
    url: str | None = None,
    error: str | None = None,
    refused: str | None = None,
) -> Response:
    resource = await context.read(lambda c: resources.get(c, resource_id))
    found = await context.read(lambda c: shares.list_all(c, resource.id))
    now = context.clock()
    return page(
        request,
        "shares.html",
        status=422 if error or refused else 200,
        resource=resource,
        found=[each for each in found if each.is_open(now)],
        url=url,
        error=error,
        refused=refused,
        lasting=LASTING,
    )
