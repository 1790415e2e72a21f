"""Serves `/keys`: API keys, for admins; a key is shown once, never stored."""

from typing import Annotated

from fastapi import Form, Request, Response

from slackwater.model.instants import DAY
from slackwater.store.access import keys
from slackwater.store.access.keys import Role
from slackwater.web.api.context import Context, Here
from slackwater.web.console.route import AdminPageRoute, page_router
from slackwater.web.console.view.render import is_partial, page

LASTING = (0, 1, 7, 30, 90, 365)  # days; 0 has no end
MAX_NAME = 100  # characters; chosen: one line of the table

router = page_router(AdminPageRoute)


@router.get("/keys")
async def show(request: Request, context: Here) -> Response:
    """List the keys."""
    return await _page(request, context)


@router.post("/keys")
async def create(
    request: Request,
    context: Here,
    name: Annotated[str, Form()] = "",
    role: Annotated[str, Form()] = Role.VIEWER,
    days: Annotated[int, Form()] = 90,
) -> Response:
    """Make a key and show it, this once."""
    name = name.strip()
    if not name or len(name) > MAX_NAME or not name.isprintable():
        return await _page(request, context, status=422, error="keys.bad_name")
    if role not in set(Role) or days not in LASTING:
        return await _page(request, context, status=422, error="keys.bad_choice")
    now = context.clock()
    ends = now + days * DAY if days else None
    record, key = await context.write(lambda c: keys.create(c, name, Role(role), now, ends))
    request.state.made = record.key_id
    return await _page(request, context, made=record, key=key)


@router.post("/keys/{key_id}/revoke")
async def revoke(key_id: str, request: Request, context: Here) -> Response:
    """Let a key in no more; its sessions end with it."""
    await context.write(lambda c: keys.revoke(c, key_id, context.clock()))
    return await _page(request, context)


async def _page(
    request: Request,
    context: Context,
    *,
    status: int = 200,
    error: str | None = None,
    made: keys.KeyRecord | None = None,
    key: str | None = None,
) -> Response:
    now = context.clock()
    found = await context.read(keys.list_all)
    # Those that let somebody in come first, and the newest of them.
    found.sort(key=lambda each: (each.refusal(now) is not None, -each.created_at))
    return page(
        request,
        "keys_list.html" if is_partial(request) else "keys.html",
        status=status,
        keys=found,
        now=now,
        error=error,
        made=made,
        key=key,
        roles=Role,
        lasting=LASTING,
    )
