"""Signing in and out, and the preferences of a browser: language, theme and time zone."""

import math
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from slackwater.errors import BadInput
from slackwater.web.api.context import context_of
from slackwater.web.console.route import error_page
from slackwater.web.console.view.render import LANGUAGE_COOKIE, THEME_COOKIE, THEMES, language_of, page
from slackwater.web.console.view.zones import BROWSER, UTC_NAME, ZONE_COOKIE, named
from slackwater.web.console.words import LANGUAGES, translator
from slackwater.web.security.auth import Doorkeeper
from slackwater.web.security.rate_limit import Rates

WRONG_PER_SECOND, WRONG_AT_ONCE = 0.2, 10  # wrong keys from one address
MAX_KEY = 500  # characters; our keys have below 60
YEAR = 365 * 86_400  # seconds; browsers keep a cookie little longer

router = APIRouter(include_in_schema=False)
wrong_keys = Rates(WRONG_PER_SECOND, WRONG_AT_ONCE)
Text = Annotated[str, Form()]


@router.get("/login")
async def show(request: Request, next: str = "/", ended: bool = False) -> Response:
    """Show the form, or lead on who is signed in already."""
    if await _doorkeeper(request).sessions.visitor(request):
        return RedirectResponse(same_site(next), 303)
    return _form(request, next, note="login.ended" if ended else None)


@router.post("/login")
async def sign_in(request: Request, key: Text = "", next: Text = "/") -> Response:
    """Open a session for the holder of an API key."""
    doorkeeper = _doorkeeper(request)
    address = request.client.host if request.client else "unknown"
    t = translator(language_of(request))
    if doorkeeper.sessions.is_foreign(request):
        return _form(request, next, 403, error=t("login.foreign"))
    if wait := wrong_keys.wait(address):
        seconds = math.ceil(wait)
        return _form(
            request, next, 429, error=t("login.too_many", seconds=seconds), headers={"Retry-After": str(seconds)}
        )
    key = key.strip()
    if not key:
        return _form(request, next, 422, error=t("login.empty"))
    try:
        record = await doorkeeper.key_of(request, key[:MAX_KEY])
    except HTTPException:
        wrong_keys.take(address)
        return _form(request, next, 401, error=t("login.bad_key"))
    return signed_in(request, await doorkeeper.sessions.begin_by_key(record), next)


@router.post("/logout")
async def sign_out(request: Request, csrf_token: Text = "") -> Response:
    """End the session."""
    sessions = _doorkeeper(request).sessions
    if visitor := await sessions.visitor(request):
        sessions.must_be_ours(request, visitor, csrf_token)
        await sessions.end(request)
    response = RedirectResponse("/login?ended=true", 303)
    response.delete_cookie(sessions.cookie_name(request), path="/", secure=sessions.is_secure(request), httponly=True)
    return response


@router.post("/preferences")
async def prefer(
    request: Request,
    language: Text = "",
    theme: Text = "",
    timezone: Text = "",
    zone: Text = "",
    browser_zone: Text = "",
    next: Text = "/",
) -> Response:
    """Keep language, theme and time zone in cookies of the browser, nowhere else.

    `timezone` is UTC, browser or other; then `browser_zone` or `zone` say which one that is.
    """
    sessions = _doorkeeper(request).sessions
    response = RedirectResponse(same_site(next), 303)
    if sessions.is_foreign(request):
        return response
    for cookie, value, known in ((LANGUAGE_COOKIE, language, LANGUAGES), (THEME_COOKIE, theme, THEMES)):
        if value in known:
            sessions.set_cookie(request, response, cookie, value, seconds=YEAR)
    try:
        if timezone == BROWSER:
            kept = f"{BROWSER}:{named(browser_zone).name}"
        else:
            kept = named(zone).name if timezone == "other" else UTC_NAME
    except BadInput as error:
        return error_page(request, error)
    if timezone:
        sessions.set_cookie(request, response, ZONE_COOKIE, kept, seconds=YEAR)
    return response


def signed_in(request: Request, token: str, target: str) -> Response:
    """Return the answer to somebody whose session was opened just now."""
    sessions = _doorkeeper(request).sessions
    response = RedirectResponse(same_site(target), 303)
    sessions.set_cookie(request, response, sessions.cookie_name(request), token, seconds=sessions.lasts)
    return response


def same_site(target: str) -> str:
    """Return a path of ours to go on to; whatever leads elsewhere becomes the overview."""
    parts = urlsplit(target) if target.isprintable() else None
    # Browsers take `\` for `/`, and `//` for the beginning of a host.
    ours = parts and not parts.scheme and not parts.netloc and parts.path.startswith("/")
    return target if ours and "\\" not in target and not target.startswith("//") else "/"


def refused(request: Request, target: str, status: int, error: str) -> Response:
    """Return the form again, with what went wrong."""
    return _form(request, target, status, error=error)


def _form(
    request: Request,
    target: str,
    status: int = 200,
    *,
    error: str | None = None,
    note: str | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    guard = context_of(request).guard
    values: dict[str, Any] = {"next": same_site(target), "error": error, "note": note}
    with_provider = guard.oidc_issuer is not None and guard.oidc_client_id is not None
    return page(request, "login.html", status=status, headers=headers, oidc=with_provider, **values)


def _doorkeeper(request: Request) -> Doorkeeper:
    doorkeeper: Doorkeeper = request.app.state.doorkeeper
    return doorkeeper
