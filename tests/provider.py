"""A language model's provider on loopback: it speaks the real wire formats, and says what the test tells it to.

with Provider() as provider:
    provider.says(call("declare", {...}), call("fetch", {...}), text("I cannot"), Refusal(429))
    provider.requests                  # the bodies that have arrived, with their headers
"""

import json
import ssl
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
class Declined:
    """The model refuses to answer; how a provider says so is its own."""


@dataclass(frozen=True)
class Spent:
    """The quota is used up; how a provider says so is its own."""


@dataclass(frozen=True)
class Garbage:
    """The provider's answer is none: a page of a proxy, with the status of a good answer."""

    body: str = "<html>Welcome to this network</html>"


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


Reply = Call | Text | Declined | Spent | Garbage | Refusal | Slow
Script = Reply | Callable[[dict[str, Any]], Reply]


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Say nothing of a client that has gone."""


@dataclass
class Provider:
    """Serves /v1/chat/completions (OpenAI), /v1/messages (Anthropic) and /v1beta/models/…:generateContent (Google)."""

    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._waiting: deque[Script] = deque()
        self._last: Script = Text("I have nothing more to say.")
        self._closing = threading.Event()
        self._http = _Server(("127.0.0.1", 0), _handler(self))
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

    def over(self, tls: ssl.SSLContext) -> None:
        """Speak TLS from now on; the URL stays the same but for its scheme."""
        self._http.socket = tls.wrap_socket(self._http.socket, server_side=True)

    def says(self, *replies: Script) -> None:
        """What the next answers are; the last of them is repeated for ever."""
        self._waiting = deque(replies)
        self._last = replies[-1]
        self.requests.clear()
        self.keys.clear()

    def answer(self, path: str, body: dict[str, Any], key: str) -> tuple[int, dict[str, Any] | str]:
        self.requests.append(body)
        self.keys.append(key)
        script = self._waiting.popleft() if self._waiting else self._last
        reply = script(body) if callable(script) else script
        if isinstance(reply, Slow):
            self._closing.wait(reply.seconds)
            reply = Text("too late")
        if isinstance(reply, Garbage):
            return 200, reply.body
        google = ":generateContent" in path
        if isinstance(reply, Spent):
            return _GOOGLE_SPENT if google else _ANTHROPIC_SPENT if path.endswith("/messages") else _OPENAI_SPENT
        if isinstance(reply, Refusal):
            said = f"The key {key} is not welcome."  # some providers do quote it
            if google:
                return reply.status, {"error": {"code": reply.status, "message": said, "status": reply.type}}
            return reply.status, {"type": "error", "error": {"message": said, "code": reply.code, "type": reply.type}}
        speak = _google if google else _anthropic if path.endswith("/messages") else _openai
        return 200, speak(reply, str(body.get("model")))


_OPENAI_SPENT = (
    429,
    {
        "error": {
            "message": "You exceeded your current quota.",
            "type": "insufficient_quota",
            "param": None,
            "code": "insufficient_quota",
        }
    },
)
_ANTHROPIC_SPENT = (
    400,
    {
        "type": "error",
        "error": {
            "type": "invalid_request_error",
            "message": "Your credit balance is too low to access the Anthropic API.",
        },
    },
)
_GOOGLE_SPENT = (
    429,
    {
        "error": {
            "code": 429,
            "status": "RESOURCE_EXHAUSTED",
            "message": "You exceeded your current quota.",
            "details": [
                {
                    "@type": "type.googleapis.com/google.rpc.QuotaFailure",
                    "violations": [{"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier"}],
                }
            ],
        }
    },
)


def told(body: dict[str, Any]) -> str:
    """All that a request says to the model, as one text."""
    return json.dumps(body)


def _openai(reply: Call | Text | Declined, model: str) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": reply.text if isinstance(reply, Text) else None}
    if isinstance(reply, Call):
        arguments = reply.arguments if isinstance(reply.arguments, str) else json.dumps(reply.arguments)
        function = {"name": reply.tool, "arguments": arguments}
        message["tool_calls"] = [{"id": f"call_{time.monotonic_ns()}", "type": "function", "function": function}]
    finish = {Call: "tool_calls", Text: "stop", Declined: "content_filter"}[type(reply)]
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        "usage": {"prompt_tokens": 900, "completion_tokens": 100, "total_tokens": 1000},
    }


def _anthropic(reply: Call | Text | Declined, model: str) -> dict[str, Any]:
    content: list[dict[str, Any]] = []
    if isinstance(reply, Text):
        content = [{"type": "text", "text": reply.text}]
    elif isinstance(reply, Call):
        block = {"type": "tool_use", "id": f"toolu_{time.monotonic_ns()}", "name": reply.tool, "input": reply.arguments}
        content = [block]
    stopped = {Call: "tool_use", Text: "end_turn", Declined: "refusal"}[type(reply)]
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": content,
        "stop_reason": stopped,
        "stop_sequence": None,
        "usage": {"input_tokens": 900, "output_tokens": 100},
    }


def _google(reply: Call | Text | Declined, _model: str) -> dict[str, Any]:
    usage = {"promptTokenCount": 900, "candidatesTokenCount": 100, "totalTokenCount": 1000}
    about = {"usageMetadata": usage, "modelVersion": "a-model", "responseId": "r-1"}
    if isinstance(reply, Declined):
        return {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, **about}
    part: dict[str, Any] = {"text": reply.text} if isinstance(reply, Text) else {}
    if isinstance(reply, Call):
        part = {"functionCall": {"name": reply.tool, "args": reply.arguments}}
    candidate = {"index": 0, "content": {"role": "model", "parts": [part]}, "finishReason": "STOP"}
    return {"candidates": [candidate], **about}


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            key = self.headers.get("x-api-key") or self.headers.get("x-goog-api-key")
            key = key or self.headers.get("authorization", "").removeprefix("Bearer ")
            status, answer = provider.answer(self.path, body, key)
            content = (answer if isinstance(answer, str) else json.dumps(answer)).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Connection", "close")  # who asks within a test's process leaves no connection behind
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    return Handler
