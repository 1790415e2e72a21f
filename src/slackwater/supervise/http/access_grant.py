"""Builds OAuth 2.0 token requests from the grants of a source."""

import json
from base64 import b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Self
from urllib.parse import quote_plus, urlencode

from slackwater.model.source.config import ApiConfig


@dataclass(frozen=True)
class Grant:
    """What an access token is given for. `repr` shows no secret."""

    url: str
    client_id: str
    client_secret: str | None = field(default=None, repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    scope: str | None = None
    in_body: bool = False  # whether the client's id and secret are fields of the form
    params: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    timeout: float = 30.0

    @classmethod
    def of(cls, config: ApiConfig) -> Self | None:
        """Return the grant that a configuration describes, None where it needs none."""
        if config.auth_type != "oauth2" or config.token_url is None or config.client_id is None:
            return None
        return cls(
            url=config.token_url,
            client_id=config.client_id,
            client_secret=config.client_secret,
            refresh_token=config.refresh_token,
            scope=config.scope,
            in_body=config.client_auth == "body",
            params=tuple(config.token_params.items()),
            timeout=config.timeout_seconds,
        )

    @property
    def key(self) -> str:
        """A digest that tells this grant from all others; nothing can be read from it."""
        fields = (self.url, self.client_id, self.client_secret, self.refresh_token, self.scope, self.params)
        return sha256(json.dumps(fields).encode()).hexdigest()

    def request(self, refresh_token: str | None) -> tuple[list[tuple[str, str]], bytes]:
        """Return the headers and the form that ask for a token."""
        form = {"grant_type": "refresh_token" if refresh_token is not None else "client_credentials"}
        if refresh_token is not None:
            form["refresh_token"] = refresh_token
        if self.scope is not None:
            form["scope"] = self.scope
        headers = [("Accept", "application/json"), ("Content-Type", "application/x-www-form-urlencoded")]
        if self.client_secret is not None and not self.in_body:
            pair = f"{quote_plus(self.client_id)}:{quote_plus(self.client_secret)}"
            headers.append(("Authorization", f"Basic {b64encode(pair.encode()).decode()}"))
        else:
            form["client_id"] = self.client_id
            if self.client_secret is not None:
                form["client_secret"] = self.client_secret
        return headers, urlencode(form | dict(self.params)).encode("ascii")
