"""A sound frame of each type that a wrapper process may send: where wild ones begin."""

from typing import Any

import msgspec

WINDOW = {"start": 0, "end": 86_400_000_000}
PROOF = {"window": WINDOW, "points": 1, "series": ["a"], "sample": [[0, 1.5, "a"]]}
FRAMES: list[dict[str, Any]] = [
    {"type": "hello", "pid": 1, "confinement": {"files": {"in_force": True, "detail": "d"}}},
    {"type": "request", "number": 1, "method": "GET", "url": "http://127.0.0.1:9/", "headers": [["a", "b"]]},
    {"type": "batch", "number": 1, "columns": [["s", b"\0" * 8, b"\0" * 8]], "window": WINDOW, "complete": True},
    {"type": "batch", "number": 1, "columns": [], "window": WINDOW, "page": msgspec.msgpack.encode({"offset": 1})},
    {"type": "log", "level": "WARNING", "message": "a line"},
    {"type": "progress", "done": 1, "total": 2},
    {"type": "found", "code": "wrapper = 1", "period": 1, "notes": ["n"], "seen": WINDOW, "proof": PROOF},
    {"type": "proven", "proof": PROOF},
    {"type": "inspected", "preview": "a;b", "columns": [{"name": "a"}], "row_count": 1, "errors": ["e"]},
    {"type": "done", "reason": "nothing older"},
    {"type": "outage", "message": "m", "retry_after": 1.5},
    {"type": "fault", "message": "m", "traceback": "t"},
    {"type": "final", "message": "m"},
    {"type": "unclear", "message": "m", "field": "f", "choices": ["c"], "findings": []},
]
