"""`/console/audit`: who has changed what, and who was turned away; for admins."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query, Request, Response

from slackwater.store.access import audit
from slackwater.store.access.audit import Entry, Kind
from slackwater.web.api.context import Here
from slackwater.web.api.schemas import LARGEST
from slackwater.web.console.route import AdminPageRoute, page_router
from slackwater.web.console.view.render import is_partial, page
from slackwater.web.console.words import WORDS

PER_PAGE = 50  # entries; chosen: two screens
WRAPPER, RESOURCE = "/resources/wrappers/{wrapper_id}", "/resources/{resource_id}"

router = page_router(AdminPageRoute)


@router.get("/console/audit")
async def show(
    request: Request,
    context: Here,
    kind: str = "",
    q: Annotated[str, Query(max_length=300)] = "",
    number: Annotated[int, Query(alias="page", ge=1, le=LARGEST)] = 1,
) -> Response:
    """Show a page of the trail, newest first."""
    wanted = Kind(kind) if kind in set(Kind) else None
    entries, total = await context.read(
        lambda c: audit.list_page(c, skip=(number - 1) * PER_PAGE, limit=PER_PAGE, kind=wanted, q=q.strip() or None)
    )
    given = {name: value for name, value in (("kind", kind), ("q", q.strip())) if value}

    def address(page_number: int) -> str:
        return "/console/audit?" + urlencode(given | {"page": str(page_number)})

    return page(
        request,
        "audit_list.html" if is_partial(request) else "audit.html",
        entries=entries,
        total=total,
        kind=wanted,
        kinds=Kind,
        q=q,
        number=number,
        pages=max(1, -(-total // PER_PAGE)),
        first=(number - 1) * PER_PAGE + 1,
        address=address,
        deed=deed,
        leads_to=leads_to,
    )


def deed(entry: Entry) -> str | None:
    """Return the word key of an audited action; None when only the route remains."""
    key = f"deed.{entry.method} {entry.route}"
    return key if key in WORDS else None


def leads_to(entry: Entry) -> str | None:
    """Return the page of what an entry is about."""
    if entry.target is None:
        return None
    if entry.route.startswith(WRAPPER) or entry.route == "/resources/wrappers/generate":
        return f"/wrappers/{entry.target}"
    return f"/data/{entry.target}" if entry.route.startswith(RESOURCE) else None
