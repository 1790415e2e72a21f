"""Which values of a source configuration are credentials, and what is shown, kept and sent in their stead."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_plus, urlsplit

MASK = "********"
SECRET_FIELDS = frozenset(
    {
        "api_key",
        "bearer_token",
        "password",
        "client_secret",
        "refresh_token",
        "client_certificate",
        "client_certificate_password",
    }
)
_BY_NAME = ("custom_headers", "query_params", "token_params")  # groups whose names tell which values are secrets
SECRET_GROUPS = ("secret_headers",)  # groups of nothing but secrets
_SECRET_ENDINGS = (
    "auth",
    "authorization",
    "cookie",
    "cookies",
    "key",
    "passwd",
    "password",
    "pwd",
    "secret",
    "sig",
    "signature",
    "token",
)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def is_secret(name: str) -> bool:
    """Say whether a header or parameter of that name most likely carries a credential."""
    return any(word.lower().endswith(_SECRET_ENDINGS) for word in _WORD.findall(name))


def with_secrets(config: dict[str, Any], change: Callable[[Any], Any]) -> dict[str, Any]:
    """Return a source configuration with each secret value that it has replaced by what `change` makes of it.

    The one place that knows where secrets are: what is shown, what is kept and what is scrubbed all come through here.
    """
    changed = dict(config)
    for name in SECRET_FIELDS & changed.keys():
        changed[name] = change(changed[name]) if changed[name] else changed[name]
    for group in (*_BY_NAME, *SECRET_GROUPS):
        if isinstance(changed.get(group), dict):
            changed[group] = {
                name: change(value)
                if (group in SECRET_GROUPS or is_secret(name)) and value not in (None, "")
                else value
                for name, value in changed[group].items()
            }
    return changed


def masked(config: dict[str, Any]) -> dict[str, Any]:
    """Return a source configuration as it may be shown: every secret is `********`."""
    return with_secrets(config, lambda _: MASK)


def unmasked(sent: dict[str, Any], kept: dict[str, Any]) -> dict[str, Any]:
    """Return what a client sent, with every `********` replaced by the secret that is kept."""
    merged = dict(sent)
    for name, value in sent.items():
        if value == MASK and name in SECRET_FIELDS:
            merged[name] = kept.get(name)
        elif name in (*_BY_NAME, *SECRET_GROUPS) and isinstance(value, dict):
            before = kept.get(name) or {}
            merged[name] = {key: before.get(key, each) if each == MASK else each for key, each in value.items()}
    return merged


def without_credentials(url: str, also: str | None = None) -> tuple[str, dict[str, str]]:
    """Return a URL without the parameters whose names tell of a credential, and these; ValueError if one is doubled.

    `also` is the name of one that is a credential though its name does not tell.
    """
    parts = urlsplit(url)
    kept: list[str] = []
    found: dict[str, str] = {}
    for pair in parts.query.split("&"):
        name, _, value = (unquote_plus(each) for each in pair.partition("="))
        if not is_secret(name) and name != also:
            kept.append(pair)
        elif name in found:
            raise ValueError(f"location has the parameter {name} twice; give it once, in query_params")
        else:
            found[name] = value
    return (parts._replace(query="&".join(kept)).geturl(), found) if found else (url, {})
