"""Renders templates as pages, escaped and in the user's language."""

import hashlib
import re
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from slackwater.web.api.context import context_of
from slackwater.web.console.view.formats import Formats
from slackwater.web.console.view.log_lines import translated
from slackwater.web.console.view.plain_terms import form_in_words, names_a_setting, said
from slackwater.web.console.view.zones import zone_of
from slackwater.web.console.words import LANGUAGES, OWN_NAMES, WORDS, Language, chosen, translator
from slackwater.web.security.sessions import Visitor

HERE = Path(__file__).parents[1]  # the room of the console
THEMES = ("auto", "light", "dark")
LANGUAGE_COOKIE, THEME_COOKIE = "slackwater_language", "slackwater_theme"

# No script and no style but from our own files, no request to anywhere else, and nobody may frame a page.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
# With `no-referrer` browsers would send `Origin: null` with our own forms.
HEADERS = {"Content-Security-Policy": POLICY, "Referrer-Policy": "same-origin", "Vary": "HX-Request, Cookie"}


class Place(NamedTuple):
    """An entry of the navigation."""

    path: str
    key: str
    icon: str
    admins_only: bool


PLACES = (
    Place("/", "nav.overview", "overview", False),
    Place("/problems", "nav.problems", "warning", False),
    Place("/new", "nav.new", "plus", True),
    Place("/data", "nav.data", "data", False),
    Place("/compare", "compare.title", "compare", False),
    Place("/console/alerts", "nav.alerts", "bell", True),
    Place("/keys", "nav.keys", "key", True),
    Place("/console/audit", "nav.audit", "audit", True),
    Place("/console/nodes", "nav.nodes", "node", True),
)

environment = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def begun(text: str) -> str:
    """Return a sentence with a great letter at its beginning, unless that names a field."""
    first = re.match(r"[a-z]+(?=[ '])", text)
    return text if first is None or f"settings.field.{first[0]}" in WORDS else text[0].upper() + text[1:]


environment.filters["begun"] = begun
environment.tests["correctable"] = names_a_setting


def page(
    request: Request, template: str, *, status: int = 200, headers: dict[str, str] | None = None, **values: Any
) -> HTMLResponse:
    """Render a template as a response; adds the values that `base.html` needs."""
    text = environment.get_template(template).render(**{**frame(request), **values})
    return HTMLResponse(text, status, headers={**HEADERS, **(headers or {})})


def frame(request: Request) -> dict[str, Any]:
    """Return what every template may use."""
    visitor: Visitor | None = getattr(request.state, "visitor", None)
    language = language_of(request)
    context = context_of(request)
    zone = zone_of(request)
    fmt = Formats(language, context.clock(), zone)
    admin = visitor is not None and visitor.is_admin
    return {
        "t": translator(language),
        "words": WORDS,
        "said": lambda text: fmt.placed(said(text, language=language)),
        "logged": lambda line: fmt.placed(translated(line, language=language)),
        "formed": partial(form_in_words, t=translator(language)),
        "fmt": fmt,
        "zone": zone,
        "lang": language,
        "languages": [(each, OWN_NAMES[each]) for each in LANGUAGES],
        "theme": theme_of(request),
        "themes": THEMES,
        "visitor": visitor,
        "is_admin": admin,
        "csrf": visitor.csrf if visitor else "",
        "places": [place for place in PLACES if visitor and (admin or not place.admins_only)],
        "path": request.url.path,
        "here": _address(request),
        "asset": asset,
        "version": context.version,
        "partial": is_partial(request),
    }


def is_partial(request: Request) -> bool:
    """Check whether htmx requests a part of a page; history restores need it whole."""
    return "hx-request" in request.headers and "hx-history-restore-request" not in request.headers


def language_of(request: Request) -> Language:
    """Return the language to answer in."""
    return chosen(request.cookies.get(LANGUAGE_COOKIE), request.headers.get("accept-language", ""))


def theme_of(request: Request) -> str:
    """Return the theme that was chosen, `auto` when none was."""
    theme = request.cookies.get(THEME_COOKIE)
    return theme if theme in THEMES else "auto"


@cache
def asset(name: str) -> str:
    """Return a file's address below `static/`, versioned so that browsers cache it."""
    digest = hashlib.sha256((HERE / "static" / name).read_bytes()).hexdigest()[:12]
    return f"/console/static/{name}?v={digest}"


def _address(request: Request) -> str:
    query = request.url.query
    return request.url.path + (f"?{query}" if query else "")
