"""`/audit`: who has changed what, and who was turned away."""

from typing import Annotated

from fastapi import Query, Response
from pydantic import BaseModel, Field

from slackwater.model.instants import iso
from slackwater.store.access import audit
from slackwater.web.api.context import Here
from slackwater.web.api.schemas import LARGEST, TOTAL, WRAPPER_ID, Time, guarded
from slackwater.web.security.auth import AdminRoute, guarded_router

router = guarded_router("/audit", "audit", AdminRoute)


class AuditShape(BaseModel):
    """One entry of the trail."""

    at: Time
    kind: audit.Kind = Field(description="`deed`: a requested change; `refusal`: a 401, or a 403.")
    who: str | None = Field(
        examples=[WRAPPER_ID, "sub:1f0c"],
        description="Id of the key or `sub:` and the token's subject; null: a stranger.",
    )
    name: str | None = Field(examples=["dashboard"])
    role: str | None = Field(examples=["admin"])
    method: str = Field(examples=["POST"])
    route: str = Field(examples=["/resources/wrappers/{wrapper_id}/stop"])
    target: str | None = Field(examples=[WRAPPER_ID], description="Id of the wrapper, file or resource.")
    status: int = Field(examples=[200], description="The code that was answered.")
    address: str | None = Field(examples=["192.0.2.7"], description="Where the request came from.")
    note: str | None = Field(examples=["expired key"])


@router.get("", summary="The audit trail, newest first", responses={**guarded(admin=True), **TOTAL})
async def list_audit(
    context: Here,
    response: Response,
    skip: Annotated[int, Query(ge=0, le=LARGEST, description="How many to leave out.")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000, description="How many to return at most.")] = 100,
) -> list[AuditShape]:
    """Return a page of the trail; the total is in `X-Total-Count`."""
    found, total = await context.read(lambda c: audit.list_page(c, skip=skip, limit=limit))
    response.headers["X-Total-Count"] = str(total)
    return [AuditShape(**{**vars(entry), "at": iso(entry.at)}) for entry in found]
