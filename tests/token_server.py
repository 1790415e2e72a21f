"""A token endpoint as providers have it: tokens that end, refresh tokens that are replaced and must not come twice."""

import base64
import threading
import time
from urllib.parse import parse_qsl, unquote_plus

from sources import Answer, Recorded, SourceServer

CLIENT = "tides-client"
SECRET = "s3cret/of the+client"
FIRST = "refresh-0-of-the-configuration"


class TokenServer:
    """Routes `/token` of a server. `lifetime` in seconds; each refresh token is good once, and ends all if reused."""

    def __init__(self, server: SourceServer, *, lifetime: float = 3600, in_body: bool = False) -> None:
        self.url = server.route("/token", self._answer)
        self.lifetime = lifetime
        self.issued: dict[str, float] = {}  # access token → its end
        self.forms: list[dict[str, str]] = []
        self.refresh = FIRST
        self.revoked = False
        self.down = False
        self._in_body = in_body
        self._lock = threading.Lock()

    def lets_in(self, request: Recorded) -> bool:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        return time.monotonic() < self.issued.get(token, 0)

    def guarded(self, route):
        """Return a route that only answers to a good access token."""
        return lambda request: route(request) if self.lets_in(request) else Answer({"error": "invalid_token"}, 401)

    def _answer(self, request: Recorded) -> Answer:
        with self._lock:
            return self._given(request)

    def _given(self, request: Recorded) -> Answer:
        if self.down:
            return Answer({"error": "down"}, 503)
        form = dict(parse_qsl(request.body.decode(), strict_parsing=True))
        self.forms.append(form)
        basic = request.headers.get("authorization", "").removeprefix("Basic ")
        pair = (form.get("client_id", ""), form.get("client_secret", ""))
        if not self._in_body:
            name, _, password = base64.b64decode(basic).decode().partition(":")
            pair = unquote_plus(name), unquote_plus(password)
        if request.method != "POST" or pair != (CLIENT, SECRET):
            return Answer({"error": "invalid_client", "error_description": f"{pair[1]} is wrong"}, 401)
        more = {}
        if form["grant_type"] == "refresh_token":
            if self.revoked or form["refresh_token"] != self.refresh:
                self.revoked = True
                return Answer({"error": "invalid_grant"}, 400)
            self.refresh = f"refresh-{len(self.forms)}-given-by-the-source"
            more = {"refresh_token": self.refresh}
        token = f"access-{len(self.forms)}-given-by-the-source"
        self.issued[token] = time.monotonic() + self.lifetime
        return Answer({"access_token": token, "token_type": "Bearer", "expires_in": self.lifetime, **more})
