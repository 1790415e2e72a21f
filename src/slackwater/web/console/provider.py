"""Signing in through the identity provider: there and back."""

import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from slackwater.errors import BadInput, NotFound, Unavailable
from slackwater.web.console.route import EXPECTED, error_page
from slackwater.web.console.session import refused, same_site, signed_in
from slackwater.web.console.view.render import language_of
from slackwater.web.console.words import translator
from slackwater.web.security.auth import Doorkeeper
from slackwater.web.security.oidc import Attempt, Provider
from slackwater.web.security.sessions import Caller, Sessions

COOKIE = "slackwater_attempt"
ATTEMPT_SECONDS = 600  # from leaving for the provider to coming back
BACK = "/login/callback"

router = APIRouter(include_in_schema=False)


@router.get("/login/oidc")
async def leave(request: Request, next: str = "/") -> Response:
    """Send the browser to the provider."""
    try:
        provider, sessions = _provider(request), _sessions(request)
        attempt = Attempt.begin(same_site(next))
        address = await provider.authorization_url(attempt, sessions.base_url(request) + BACK)
    except EXPECTED as error:
        return error_page(request, error)
    response = RedirectResponse(address, 303)
    kept = urlsafe_b64encode(json.dumps(attempt).encode()).decode()
    sessions.set_cookie(request, response, _name(request), kept, seconds=ATTEMPT_SECONDS)
    return response


@router.get(BACK)
async def come_back(request: Request, code: str = "", state: str = "", error: str = "") -> Response:
    """Open a session for whom the provider vouches for."""
    t = translator(language_of(request))
    attempt = _attempt(request)
    if attempt is None or not secrets.compare_digest(state.encode(), attempt.state.encode()):
        return refused(request, "/", 400, t("login.stale"))
    doorkeeper: Doorkeeper = request.app.state.doorkeeper
    try:
        if error or not code:
            raise BadInput(error[:60] or "no code")
        who = await _provider(request).redeem(code, attempt, _sessions(request).base_url(request) + BACK)
    except BadInput as why:
        doorkeeper.record_refusal(request, None, 401, f"identity provider: {why}")
        return refused(request, attempt.next, 401, t("login.provider", why=why))
    except Unavailable as why:
        return refused(request, attempt.next, 503, str(why))
    caller = Caller(f"sub:{who.subject}", who.name, who.role)
    if who.role is None:
        doorkeeper.record_refusal(request, caller, 403, "no role")
        return refused(request, attempt.next, 403, t("login.no_role"))
    await doorkeeper.record(request, caller, 200, None)
    response = signed_in(request, await doorkeeper.sessions.begin_by_issuer(caller), attempt.next)
    response.delete_cookie(_name(request), path="/", secure=_sessions(request).is_secure(request), httponly=True)
    return response


def _attempt(request: Request) -> Attempt | None:
    try:
        found = json.loads(urlsafe_b64decode(request.cookies.get(_name(request), "")))
        return Attempt(*map(str, found)) if isinstance(found, list) else None
    except (ValueError, TypeError, RecursionError):
        return None


def _name(request: Request) -> str:
    return f"__Host-{COOKIE}" if _sessions(request).is_secure(request) else COOKIE


def _provider(request: Request) -> Provider:
    provider: Provider | None = request.app.state.provider
    if provider is None:
        raise NotFound(what="Identity provider")
    return provider


def _sessions(request: Request) -> Sessions:
    doorkeeper: Doorkeeper = request.app.state.doorkeeper
    return doorkeeper.sessions
