"""Routes pages: redirects to sign-in without a session, and renders errors as pages."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException as StarletteHTTPException

from slackwater.errors import SlackwaterError
from slackwater.web.console.view.render import is_partial, page
from slackwater.web.console.words import WORDS
from slackwater.web.security.auth import READING, Doorkeeper, limited
from slackwater.web.transport.error_handlers import code_of

LOGIN = "/login"
EXPECTED = (SlackwaterError, StarletteHTTPException, RequestValidationError)


class PageRoute(APIRoute):
    """A page for whoever is signed in."""

    admins_only = False
    admins_change = True  # what it changes, only admins may change

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Put the check before all that FastAPI does with a request."""
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            doorkeeper: Doorkeeper = request.app.state.doorkeeper
            try:
                visitor = await doorkeeper.sessions.visitor(request)
                if visitor is None:
                    return to_sign_in(request)
                request.state.visitor = visitor
                if request.method in READING:
                    await doorkeeper.admit(request, admin=self.admins_only)
                    return await handle(request)
                return await _changing(request, doorkeeper, handle, admin=self.admins_change)
            except EXPECTED as error:
                return error_page(request, error)

        return guarded


class AdminPageRoute(PageRoute):
    """A page for admins alone."""

    admins_only = True


class OwnPageRoute(PageRoute):
    """A page by which everybody changes what is their own."""

    admins_change = False


def page_router(route_class: type[PageRoute] = PageRoute, *, dependencies: Sequence[Any] = ()) -> APIRouter:
    """Return a router for pages, which are not in the OpenAPI document."""
    return APIRouter(include_in_schema=False, route_class=route_class, dependencies=dependencies)


def to_sign_in(request: Request) -> Response:
    """Redirect a browser to sign-in and back; htmx reloads the whole page."""
    came_from = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    target = LOGIN if came_from == "/" or request.method not in READING else f"{LOGIN}?next={quote(came_from, safe='')}"
    if "text/event-stream" in request.headers.get("accept", ""):  # a script listens: a page would say nothing to it
        return Response(status_code=401)
    if is_partial(request):
        return Response(status_code=401, headers={"HX-Refresh": "true"})
    return RedirectResponse(target, 303)


def error_page(request: Request, error: Exception) -> Response:
    """Return what went wrong as a page of the console."""
    code = code_of(error)
    key = f"error.{code}" if f"error.{code}" in WORDS else "error.title"
    if isinstance(error, RequestValidationError):
        sentence = "; ".join(f"{'.'.join(map(str, each['loc'][1:]))}: {each['msg']}" for each in error.errors())
    else:
        sentence = str(error.detail) if isinstance(error, StarletteHTTPException) else str(error)
    if is_partial(request) or "application/json" in request.headers.get("accept", ""):
        return JSONResponse({"detail": sentence}, code)
    headers = dict(getattr(error, "headers", None) or {})
    headers.pop("WWW-Authenticate", None)
    return page(request, "error.html", status=code, headers=headers, title_key=key, sentence=sentence)


async def lost_page(request: Request, error: StarletteHTTPException) -> Response:
    """Return the page for an address without content, with a way back."""
    doorkeeper: Doorkeeper = request.app.state.doorkeeper
    request.state.visitor = await doorkeeper.sessions.visitor(request)
    return error_page(request, error)


async def _changing(
    request: Request, doorkeeper: Doorkeeper, handle: Callable[[Request], Coroutine[Any, Any, Response]], *, admin: bool
) -> Response:
    request = Request(request.scope, limited(request.receive))
    form = await request.form()  # FastAPI finds it there again
    token = form.get("csrf_token")
    caller = await doorkeeper.admit(request, admin=admin, form_token=token if isinstance(token, str) else None)
    status = 500
    try:
        response = await handle(request)
        status = response.status_code
        return response
    except Exception as error:
        status = code_of(error)
        raise
    finally:
        await doorkeeper.record(request, caller, status, getattr(request.state, "made", None))
