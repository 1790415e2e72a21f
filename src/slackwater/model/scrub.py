"""Removes secrets from text and answers, in every encoding that sources repeat."""

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Self
from urllib.parse import quote, quote_plus

from slackwater.model.source.secrets import MASK, with_secrets

SHORTEST = 4  # characters of a secret that is looked for in messages: shorter ones are part of every other word
SHORTEST_IN_DATA = 8  # characters of a credential that is looked for in answers, where a mistake would spoil data
SHORTEST_PARAMETER_IN_DATA = 16  # likewise of a parameter, which is a secret by nothing but its name


class Scrubber:
    """Replaces secrets by `********`. `repr` shows none."""

    def __init__(self, secrets: Iterable[str], shortest: int = SHORTEST) -> None:
        self._shortest = shortest
        self._secrets = set(secrets)
        self._prepare()

    def learn(self, secret: str) -> None:
        """Add one more secret: an access token that a source has issued meanwhile."""
        if secret not in self._secrets:
            self._secrets.add(secret)
            self._prepare()

    def _prepare(self) -> None:
        found = {form for secret in self._secrets if len(secret) >= self._shortest for form in forms(secret)}
        # The longest first: one secret may begin like another. Plain search is many times faster than one pattern.
        self._forms = sorted((form for form in found if len(form) >= self._shortest), key=len, reverse=True)
        self._raw_forms = [form.encode("utf-8", "replace") for form in self._forms]

    @classmethod
    def for_messages(cls, config: dict[str, Any]) -> Self:
        """Return what takes the secrets of a source configuration out of what people read."""
        return cls(secrets_of(config))

    @classmethod
    def for_answers(cls, config: dict[str, Any]) -> Self:
        """Return the scrubber that removes a source's credentials from its answers."""
        named = {name: config.get(name) or {} for name in ("query_params", "body")}
        parameters = secrets_of(named)
        long = [each for each in parameters if len(each) >= SHORTEST_PARAMETER_IN_DATA]
        return cls([*secrets_of({**config, "query_params": {}, "body": {}}), *long], SHORTEST_IN_DATA)

    def __call__(self, text: str) -> str:
        """Return the text without secrets."""
        for form in self._forms:
            if form in text:
                text = text.replace(form, MASK)
        return text

    def cut(self, text: str, most: int) -> str:
        """Return at most `most` characters of a text, without secrets or halves of them.

        Only so much is looked through as may be shown, however long the text is.
        """
        reach = len(self._forms[0]) if self._forms else 0
        if len(text) <= most + reach:
            return self(text)[:most]
        return self(text[: most + reach])[: -reach or None][:most]

    def content(self, content: bytes) -> bytes:
        """Return bytes without secrets; the very same bytes when there are none in them."""
        for form in self._raw_forms:
            if form in content:
                content = content.replace(form, MASK.encode())
        return content


class Redactor:
    """Removes from the service's log its own secrets and those of running wrappers."""

    def __init__(self, own: Iterable[str] = ()) -> None:
        self._known = {object(): Scrubber(own)}

    @contextmanager
    def knowing(self, scrub: Scrubber) -> Iterator[None]:
        """Take the secrets of `scrub` out of the log too, while the block lasts."""
        ticket = object()
        self._known[ticket] = scrub
        try:
            yield
        finally:
            del self._known[ticket]

    def __call__(self, text: str) -> str:
        """Return the text without secrets."""
        for scrub in list(self._known.values()):
            text = scrub(text)
        return text


def secrets_of(config: dict[str, Any]) -> list[str]:
    """Return every secret value of a source configuration, also as it is sent.

    `Bearer x` counts as x too.
    """
    found: list[str] = []

    def note(value: Any) -> Any:
        found.append(str(value))
        return value

    with_secrets(config, note)
    headers = [*(config.get("custom_headers") or {}).values(), *(config.get("secret_headers") or {}).values()]
    found += [rest for value in headers if value in found and (rest := value.partition(" ")[2].strip())]
    if password := config.get("password"):
        found.append(f"{config.get('username') or ''}:{password}")
    if secret := config.get("client_secret"):
        found.append(f"{config.get('client_id') or ''}:{secret}")
    return found


def forms(secret: str) -> Iterator[str]:
    """Yield the encodings of a secret: plain, URL, JSON, Python, base64."""
    yield secret
    for encode in _ENCODINGS:
        yield encode(secret)
    raw = secret.encode("utf-8", "replace")
    for whole in (b64encode(raw).decode(), urlsafe_b64encode(raw).decode()):
        yield whole
        yield whole.rstrip("=")


_ENCODINGS: tuple[Callable[[str], str], ...] = (
    lambda secret: quote(secret, safe="", errors="replace"),
    lambda secret: quote(secret, safe="", errors="replace").lower(),
    lambda secret: quote(secret, errors="replace"),
    lambda secret: quote_plus(secret, errors="replace"),
    lambda secret: json.dumps(secret)[1:-1],
    lambda secret: json.dumps(secret, ensure_ascii=False)[1:-1],
    lambda secret: json.dumps(secret)[1:-1].replace("/", "\\/"),
    lambda secret: repr(secret)[1:-1],
)
