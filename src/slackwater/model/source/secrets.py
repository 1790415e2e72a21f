"""Lists which values of a source configuration are credentials, and what replaces them.

One replacement each for what is shown, what is kept and what is sent.
"""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_plus, urlsplit

MASK = "********"
SEALED = "sealed"  # {"sealed": "<token>"} stands for a secret in the store
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
    """Return a source configuration with each secret value replaced by the result of `change`.

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
    if isinstance(changed.get("body"), dict):
        changed["body"] = _nested(changed["body"], change)
    return changed


def _nested(here: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(here, dict):
        return {
            name: change(each) if _is_nested_secret(name, each) else _nested(each, change)
            for name, each in here.items()
        }
    return [_nested(each, change) for each in here] if isinstance(here, list) else here


def _is_nested_secret(name: str, value: Any) -> bool:
    """Check whether a value in a body is a credential, by name; placeholders are none."""
    if not is_secret(name) or value in (None, "") or isinstance(value, bool | list):
        return False
    if isinstance(value, dict):
        return value.keys() == {SEALED}
    return not (isinstance(value, str) and value.startswith("{{"))


def check_body(here: Any) -> None:
    """Refuse (ValueError) a body that looks like one with sealed secrets in it."""
    if isinstance(here, dict):
        if here.keys() == {SEALED}:
            raise ValueError(f"must not have an object with the field {SEALED!r} alone")
        here = list(here.values())
    if isinstance(here, list):
        for each in here:
            check_body(each)


def without_secrets(here: Any) -> Any:
    """Return a body without the credentials in it, which the service adds to each request."""
    if isinstance(here, dict):
        return {name: without_secrets(each) for name, each in here.items() if not _is_nested_secret(name, each)}
    return [without_secrets(each) for each in here] if isinstance(here, list) else here


def with_missing(here: Any, whole: Any) -> Any:
    """Return a body with the credentials of `whole` that it lacks."""
    if isinstance(here, dict) and isinstance(whole, dict):
        missing = {name: each for name, each in whole.items() if name not in here and _is_nested_secret(name, each)}
        return {name: with_missing(each, whole.get(name)) for name, each in here.items()} | missing
    if isinstance(here, list) and isinstance(whole, list):
        return [with_missing(each, whole[place]) if place < len(whole) else each for place, each in enumerate(here)]
    return here


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
        elif name == "body":
            merged[name] = _unmasked(value, kept.get(name))
    return merged


def _unmasked(here: Any, kept: Any) -> Any:
    if isinstance(here, dict):
        before = kept if isinstance(kept, dict) else {}
        return {
            name: before.get(name, each) if each == MASK else _unmasked(each, before.get(name))
            for name, each in here.items()
        }
    if isinstance(here, list):
        before_list = kept if isinstance(kept, list) else []
        return [
            _unmasked(each, before_list[place] if place < len(before_list) else None) for place, each in enumerate(here)
        ]
    return here


def without_credentials(url: str, also: str | None = None) -> tuple[str, dict[str, str]]:
    """Return a URL without the parameters whose names tell of a credential, and these.

    ValueError if one is doubled.

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
