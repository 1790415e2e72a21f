"""A real forward proxy on loopback: CONNECT and absolute-form. Every name it is asked for is this machine."""

import contextlib
import select
import socket
import socketserver
import ssl
import threading
from base64 import b64encode
from typing import Any, Self
from urllib.parse import urlsplit

HEAD = 64 * 1024


class ForwardProxy:
    """Records what it is asked for. `login` is name:password; `forbids` are hosts that it does not connect to."""

    def __init__(self, login: str | None = None, tls: ssl.SSLContext | None = None, forbids: str = "") -> None:
        self.asked: list[str] = []  # the first line of each request
        self.heads: list[str] = []
        proxy = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with contextlib.suppress(OSError), self.request if tls is None else _secured(self.request) as near:
                    proxy._serve(near)

        def _secured(near: socket.socket) -> ssl.SSLSocket:
            assert tls is not None
            return tls.wrap_socket(near, server_side=True)

        self._login = "Basic " + b64encode(login.encode()).decode() if login else None
        self._forbids = forbids
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.url = f"{'https' if tls else 'http'}://{f'{login}@' if login else ''}127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _serve(self, near: Any) -> None:
        buffered = b""
        while True:
            while b"\r\n\r\n" not in buffered:
                more = near.recv(HEAD)
                if not more:
                    return
                buffered += more
            head, _, buffered = buffered.partition(b"\r\n\r\n")
            lines = head.decode("latin-1").split("\r\n")
            self.asked.append(lines[0])
            self.heads.append(head.decode("latin-1"))
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
            if self._login is not None and headers.get("proxy-authorization") != self._login:
                near.sendall(b"HTTP/1.1 407 Who are you\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n")
                continue
            method, target, _ = lines[0].split(" ")
            place = urlsplit(f"//{target}" if method == "CONNECT" else target)
            if place.hostname == self._forbids:
                near.sendall(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")
                continue
            with socket.create_connection(("127.0.0.1", place.port or 80), 10) as far:
                if method == "CONNECT":
                    near.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
                    _pumped(near, far)
                    return
                path = target[target.index("/", 8) :] if "/" in target[8:] else "/"
                kept = [line for line in lines[1:] if not line.lower().startswith("proxy-")]
                length = int(headers.get("content-length", 0))
                while len(buffered) < length:
                    buffered += near.recv(HEAD)
                body, buffered = buffered[:length], buffered[length:]
                request = "\r\n".join([f"{method} {path} HTTP/1.1", *kept, "Connection: close"])
                far.sendall(request.encode("latin-1") + b"\r\n\r\n" + body)
                while answer := far.recv(HEAD):
                    near.sendall(answer)
                return


def _pumped(near: Any, far: socket.socket) -> None:
    while True:
        pending = isinstance(near, ssl.SSLSocket) and near.pending()
        ready = [near] if pending else select.select([near, far], [], [], 30)[0]
        for one in ready:
            data = one.recv(HEAD)
            if not data:
                return
            (far if one is near else near).sendall(data)
