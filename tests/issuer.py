"""An identity provider on the loopback: its discovery document, its keys, and tokens of every kind, good and bad."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

AUDIENCE = "slackwater-tests"
_MAKERS: dict[str, tuple[Callable[[], Any], Any]] = {
    "RS256": (lambda: rsa.generate_private_key(65537, 2048), RSAAlgorithm),
    "PS256": (lambda: rsa.generate_private_key(65537, 2048), RSAAlgorithm),
    "ES256": (lambda: ec.generate_private_key(ec.SECP256R1()), ECAlgorithm),
    "EdDSA": (ed25519.Ed25519PrivateKey.generate, OKPAlgorithm),
}


class Key:
    """A signing key with its id."""

    def __init__(self, kid: str, algorithm: str = "RS256") -> None:
        make, kind = _MAKERS[algorithm]
        self.kid, self.algorithm, self.private = kid, algorithm, make()
        public = kind.to_jwk(self.private.public_key())
        shown = json.loads(public) if isinstance(public, str) else public
        self.jwk = {**shown, "kid": kid, "use": "sig", "alg": algorithm}

    def pem(self) -> bytes:
        return self.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


class Issuer:
    """`with` runs it. `down` makes it answer 500, `asked` counts who asked for its keys."""

    def __init__(self, path: str = "/realms/tests") -> None:
        self.keys = [Key("rsa-1"), Key("ps-1", "PS256"), Key("ec-1", "ES256"), Key("ed-1", "EdDSA")]
        self.asked = 0
        self.client_secret: str | None = None  # that the token endpoint asks for
        self.who: dict[str, Any] = {}  # claims of whoever signs in, beside those of a good admin
        self.in_access_token = False  # whether the roles are in the access token alone, as with Keycloak
        self.granted: dict[str, dict[str, str]] = {}  # code → the authorization request that it answers
        self.down = False
        self._path = path
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer._answer(self)

            def do_POST(self) -> None:
                issuer._exchange(self)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}{path}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        documents: dict[str, Any] = {
            f"{self._path}/.well-known/openid-configuration": {
                "issuer": self.url,
                "jwks_uri": f"{self.url}/keys",
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
            },
            f"{self._path}/keys": {"keys": [key.jwk for key in self.keys]},
        }
        if request.path.startswith(f"{self._path}/authorize?") and not self.down:
            self._authorize(request)
            return
        document = documents.get(request.path)
        self.asked += request.path.endswith("/keys")
        self._tell(request, 500 if self.down else 404 if document is None else 200, document)

    def _authorize(self, request: BaseHTTPRequestHandler) -> None:
        """Sign somebody in at once, without a form, and send the browser back with a code."""
        asked = dict(parse_qsl(urlsplit(request.path).query))
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(16)
        self.granted[code] = asked
        request.send_response(302)
        request.send_header("Location", f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}")
        request.send_header("Content-Length", "0")
        request.end_headers()

    def _exchange(self, request: BaseHTTPRequestHandler) -> None:
        """Give tokens for a code: once, to the client that proves that it began."""
        form = dict(parse_qsl(request.rfile.read(int(request.headers["Content-Length"])).decode()))
        asked = self.granted.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        proven = asked is not None and asked["code_challenge"] == challenge
        proven = proven and asked["redirect_uri"] == form.get("redirect_uri")
        if not proven or form.get("client_secret") != self.client_secret:
            self._tell(request, 400, {"error": "invalid_grant"})
            return
        assert asked is not None
        named = {"aud": asked["client_id"], "nonce": asked["nonce"], **self.who}
        bare = {"realm_access": None} if self.in_access_token else {}
        tokens = {"id_token": self.token(**{**named, **bare}), "token_type": "Bearer"}
        tokens["access_token"] = self.token(**self.who) if self.in_access_token else "opaque"
        self._tell(request, 200, tokens)

    @staticmethod
    def _tell(request: BaseHTTPRequestHandler, status: int, document: Any) -> None:
        body = json.dumps(document).encode()
        request.send_response(status)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    def claims(self, **changes: Any) -> dict[str, Any]:
        """What a good admin's token says; None takes a claim away."""
        now = int(time.time())
        whole = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": "user-17",
            "preferred_username": "ines",
            "iat": now,
            "exp": now + 300,
            "realm_access": {"roles": ["admin", "offline_access"]},
            **changes,
        }
        return {name: value for name, value in whole.items() if value is not None}

    def token(self, key: Key | None = None, headers: dict[str, Any] | None = None, **changes: Any) -> str:
        """A token signed by a key of ours, unless another one is given."""
        key = key or self.keys[0]
        return jwt.encode(
            self.claims(**changes), key.private, algorithm=key.algorithm, headers={"kid": key.kid, **(headers or {})}
        )

    def with_alg_none(self, alg: str = "none") -> str:
        return ".".join((encoded({"alg": alg, "typ": "JWT", "kid": "rsa-1"}), encoded(self.claims()), ""))

    def signed_with_the_public_key(self) -> str:
        """The old trick: the issuer's public key taken as the secret of an HMAC."""
        import hashlib
        import hmac

        head = f"{encoded({'alg': 'HS256', 'typ': 'JWT', 'kid': 'rsa-1'})}.{encoded(self.claims())}"
        mac = hmac.new(self.keys[0].pem(), head.encode(), hashlib.sha256).digest()
        return f"{head}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


def encoded(form: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(form).encode()).decode().rstrip("=")
