"""A language model's provider on loopback: it speaks the real wire formats, and says what the test tells it to.

with Provider() as provider:
    provider.says(call("declare", {...}), call("fetch", {...}), text("I cannot"), Refusal(429))
    provider.requests                  # the bodies that have arrived, with their headers
"""

import json
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

KEY = "sk-of-the-provider-0123456789"


@dataclass(frozen=True)
class Call:
    """The model calls a tool."""

    tool: str
    arguments: Any  # a dict, or text that is no JSON


@dataclass(frozen=True)
class Text:
    """The model only talks."""

    text: str


@dataclass(frozen=True)
class Refusal:
    """The provider does not answer well."""

    status: int
    code: str = "error"
    type: str = "error"


@dataclass(frozen=True)
class Slow:
    """The provider takes its time."""

    seconds: float


Reply = Call | Text | Refusal | Slow
Script = Reply | Callable[[dict[str, Any]], Reply]


@dataclass
class Provider:
    """Serves /v1/chat/completions (OpenAI) and /v1/messages (Anthropic)."""

    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._waiting: deque[Script] = deque()
        self._last: Script = Text("I have nothing more to say.")
        self._closing = threading.Event()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads = True
        self._http.block_on_close = False
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def says(self, *replies: Script) -> None:
        """What the next answers are; the last of them is repeated for ever."""
        self._waiting = deque(replies)
        self._last = replies[-1]
        self.requests.clear()
        self.keys.clear()

    def answer(self, path: str, body: dict[str, Any], key: str) -> tuple[int, dict[str, Any]]:
        self.requests.append(body)
        self.keys.append(key)
        script = self._waiting.popleft() if self._waiting else self._last
        reply = script(body) if callable(script) else script
        if isinstance(reply, Slow):
            self._closing.wait(reply.seconds)
            reply = Text("too late")
        if isinstance(reply, Refusal):
            return reply.status, {"type": "error", "error": {"message": "no", "code": reply.code, "type": reply.type}}
        return 200, (_anthropic if path.endswith("/messages") else _openai)(reply, str(body.get("model")))


def told(body: dict[str, Any]) -> str:
    """All that a request says to the model, as one text."""
    return json.dumps(body)


def _openai(reply: Call | Text, model: str) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": reply.text if isinstance(reply, Text) else None}
    if isinstance(reply, Call):
        arguments = reply.arguments if isinstance(reply.arguments, str) else json.dumps(reply.arguments)
        function = {"name": reply.tool, "arguments": arguments}
        message["tool_calls"] = [{"id": f"call_{time.monotonic_ns()}", "type": "function", "function": function}]
    finish = "tool_calls" if isinstance(reply, Call) else "stop"
    return {
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1_700_000_000, "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        "usage": {"prompt_tokens": 900, "completion_tokens": 100, "total_tokens": 1000},
    }  # fmt: skip


def _anthropic(reply: Call | Text, model: str) -> dict[str, Any]:
    block: dict[str, Any] = {"type": "text", "text": reply.text} if isinstance(reply, Text) else {}
    if isinstance(reply, Call):
        block = {"type": "tool_use", "id": "toolu_1", "name": reply.tool, "input": reply.arguments}
    return {
        "id": "msg_1", "type": "message", "role": "assistant", "model": model, "content": [block],
        "stop_reason": "tool_use" if isinstance(reply, Call) else "end_turn", "stop_sequence": None,
        "usage": {"input_tokens": 900, "output_tokens": 100},
    }  # fmt: skip


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            key = self.headers.get("x-api-key") or self.headers.get("authorization", "").removeprefix("Bearer ")
            status, answer = provider.answer(self.path, body, key)
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    return Handler
