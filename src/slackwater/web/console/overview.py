"""`/`: all wrappers at a glance."""

from fastapi import Request, Response

from slackwater.web.console.render import page
from slackwater.web.console.route import page_router

router = page_router()


@router.get("/")
async def show(request: Request) -> Response:
    """Show the wrappers."""
    return page(request, "overview.html")
