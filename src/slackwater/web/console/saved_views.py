"""Serves `/console/views`: named lists of sources, saved per user, also for viewers."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Form, Response
from fastapi.requests import Request
from fastapi.responses import RedirectResponse
from pydantic import AfterValidator, StringConstraints

from slackwater.model.texts import plain
from slackwater.store.access import views
from slackwater.web.api.context import Here
from slackwater.web.console.route import OwnPageRoute, page_router

Name = Annotated[
    str, Form(), StringConstraints(strip_whitespace=True, min_length=1, max_length=60), AfterValidator(plain)
]
Address = Annotated[str, Form(max_length=2000)]

router = page_router(OwnPageRoute)


@router.post("/console/views")
async def save(request: Request, context: Here, name: Name, address: Address = "/") -> Response:
    """Keep the view that is looked at, and show it."""
    who = request.state.visitor.caller.who
    saved = await context.write(lambda c: views.save(c, who, name, _own(address), context.clock()))
    return RedirectResponse(saved.address, 303)


@router.post("/console/views/{view_id}/delete")
async def delete(request: Request, view_id: str, context: Here, address: Address = "/") -> Response:
    """Forget a view; what is looked at stays."""
    who = request.state.visitor.caller.who
    await context.write(lambda c: views.delete(c, who, view_id))
    return RedirectResponse(_own(address), 303)


def _own(address: str) -> str:
    """Return the address of a list or a comparison: no link leads elsewhere."""
    asked = urlsplit(address)
    path = asked.path if asked.path == "/compare" else "/"
    return f"{path}?{asked.query}" if asked.query else path
