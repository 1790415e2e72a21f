"""Adds a source's credentials to its wrapper's requests, for its origin alone."""

import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode

import httpx

from slackwater.model.scrub import Scrubber
from slackwater.model.source.config import ApiConfig
from slackwater.model.source.secrets import with_missing
from slackwater.supervise.http.access_grant import Grant

DEFAULT_TIMEOUT = 30.0  # seconds, when a source has no configuration of its own
_SAFE = frozenset({"GET", "HEAD"})
_PORTS = {"http": 80, "https": 443}

Origin = tuple[str, str, int]  # scheme, host as it goes over the wire, port
Header = tuple[str, str]


def origin_of(url: httpx.URL) -> Origin:
    """Return scheme, host and port of an http or https URL."""
    return url.scheme, url.raw_host.decode("ascii"), url.port or _PORTS[url.scheme]


def _basic(config: ApiConfig) -> list[Header]:
    pair = f"{config.username or ''}:{config.password or ''}"
    return [("Authorization", f"Basic {b64encode(pair.encode()).decode()}")]


_CREDENTIALS: dict[str, Callable[[ApiConfig], list[Header]]] = {
    "none": lambda config: [],
    "api_key": lambda config: (
        [(config.api_key_header, config.api_key)] if config.api_key and not config.api_key_param else []
    ),
    "bearer": lambda config: [("Authorization", f"Bearer {config.bearer_token}")] if config.bearer_token else [],
    "basic": _basic,
    "oauth2": lambda config: [],  # the access token is asked for when it is needed
}


@dataclass(frozen=True)
class ClientCertificate:
    """A client certificate with its private key in PEM. `repr` shows nothing of it."""

    pem: str = field(repr=False)
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class Access:
    """How a source lets its wrapper in. `repr` shows no secret."""

    origin: Origin | None = None
    bound: bool = False  # nothing but the origin may be asked, and nothing changed there: a model wrote the module
    timeout: float = DEFAULT_TIMEOUT  # seconds to connect, and for each read
    headers: tuple[Header, ...] = field(default=(), repr=False)
    params: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: dict[str, Any] | None = field(default=None, repr=False)  # what the origin is asked with, by POST
    grant: Grant | None = None
    certificate: ClientCertificate | None = None  # for the origin and for where its tokens are given
    answers: Scrubber = field(default=Scrubber(()), repr=False)  # for what the source says, before a wrapper hears it
    messages: Scrubber = field(default=Scrubber(()), repr=False)  # for what people are told about the run

    @classmethod
    def of(cls, config: ApiConfig | None) -> Self:
        """Return the access that an API's configuration describes.

        None (a file) gives none to any host.

        ValueError when `location` is not a URL that can be requested.
        """
        if config is None:
            return cls()
        try:
            origin = origin_of(httpx.URL(config.location))
        except (httpx.InvalidURL, KeyError) as error:
            raise ValueError(f"location is not a URL that can be requested: {error}") from None
        certificate = None
        if config.client_certificate is not None:
            certificate = ClientCertificate(config.client_certificate, config.client_certificate_password)
        credentials = _CREDENTIALS[config.auth_type](config)
        taken = {name.lower() for name, _ in credentials}
        given = config.custom_headers | config.secret_headers
        custom = [(name, value) for name, value in given.items() if name.lower() not in taken]
        params = [(name, _text(value)) for name, value in config.query_params.items()]
        if config.auth_type == "api_key" and config.api_key and config.api_key_param:
            params = [pair for pair in params if pair[0] != config.api_key_param]
            params.append((config.api_key_param, config.api_key))
        form = config.model_dump()
        return cls(
            answers=Scrubber.for_answers(form),
            messages=Scrubber.for_messages(form),
            origin=origin,
            timeout=config.timeout_seconds,
            headers=(*credentials, *custom),
            params=tuple(params),
            body=config.body,
            grant=Grant.of(config),
            certificate=certificate,
        )

    def forbids(self, method: str, url: httpx.URL) -> str | None:
        """Return why a request may not be sent, None when it may."""
        if not self.bound or (origin_of(url) == self.origin and method in {"GET", "HEAD"}):
            return None
        return (
            f"{method} {url.scheme}://{url.netloc.decode('ascii')} is refused: a module that a language model wrote "
            "may only read from the origin of its source."
        )

    def bearing(self, token: str) -> Self:
        """Return the access with an access token, treated as a secret."""
        self.answers.learn(token)
        self.messages.learn(token)
        others = [each for each in self.headers if each[0].lower() != "authorization"]
        return replace(self, headers=(("Authorization", f"Bearer {token}"), *others))

    def certificate_for(self, origin: Origin) -> ClientCertificate | None:
        """Return the client certificate to show to an origin.

        None where it has none to see.
        """
        return self.certificate if origin == self.origin else None

    def reads(self, method: str, url: httpx.URL) -> bool:
        """Check whether a request is safe to repeat: it changes nothing.

        A source that is read by POST declares so.
        """
        return method in _SAFE or (method == "POST" and self.body is not None and origin_of(url) == self.origin)

    def content(self, method: str, url: httpx.URL, content: bytes) -> bytes:
        """Return the content with the body's missing credentials, for the origin."""
        if self.body is None or method != "POST" or origin_of(url) != self.origin:
            return content
        try:
            here = json.loads(content)
        except (ValueError, RecursionError):
            return content
        whole = with_missing(here, self.body)
        return content if whole == here else json.dumps(whole).encode()

    def target(self, url: httpx.URL) -> bytes:
        """Return path and query, with the source's parameters if missing."""
        target = url.raw_path
        if not self.params or origin_of(url) != self.origin:
            return target
        given = {name for name, _ in parse_qsl(url.query.decode("ascii"), keep_blank_values=True)}
        missing = [(name, value) for name, value in self.params if name not in given]
        if not missing:
            return target
        joint = b"?" if b"?" not in target else b"" if target.endswith((b"?", b"&")) else b"&"
        return target + joint + urlencode(missing).encode("ascii")

    def shown(self, url: httpx.URL, asked: str) -> str:
        """Return an answer's URL without our parameters copied by a redirect.

        Those that the wrapper itself had put into `asked` stay: it knows them.
        """
        added = {pair for pair in self.params if pair not in parse_qsl(httpx.URL(asked).query.decode("ascii"))}
        if not added or not url.query:
            return str(url)
        kept = [pair for pair in url.query.decode("ascii").split("&") if _decoded(pair) not in added]
        return str(url.copy_with(query="&".join(kept).encode("ascii") if kept else None))


def _text(value: str | float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _decoded(pair: str) -> tuple[str, str]:
    return next(iter(parse_qsl(pair, keep_blank_values=True)), ("", ""))
