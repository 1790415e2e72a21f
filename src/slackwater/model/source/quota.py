"""What a source's headers say about how often it may be asked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from slackwater.model.instants import SECOND, parse_iso

_PREFIXES = ("ratelimit-", "x-ratelimit-", "x-rate-limit-")
_EPOCH = 1_000_000_000  # a number of seconds beyond it is a moment, not a span; a thousand times that are milliseconds


@dataclass(frozen=True)
class Quota:
    """Requests allowed, those left, and the source's word for when there will be more.

    None = not said.
    """

    limit: int | None = None
    remaining: int | None = None
    reset: str | None = None

    def wait(self, now: float) -> float:
        """Return the seconds for which the source is better left alone.

        `now` in seconds since the epoch.
        """
        if self.remaining != 0 or self.reset is None:
            return 0.0
        return max(0.0, _seconds(self.reset.strip(), now))


def quota(headers: Mapping[str, str]) -> Quota:
    """Return what headers (names in lower case) say of a rate limit: `RateLimit-*`, `X-RateLimit-*`, `RateLimit`."""
    limit, left = _number(headers, "limit"), _number(headers, "remaining")
    reset = _first(headers, "reset")
    for name in ("ratelimit", "ratelimit-policy"):  # the one-line forms of the standard's drafts
        parts = dict(re.findall(r"\b(limit|remaining|reset|r|t|q)=(\d{1,15})\b", headers.get(name, "")))
        limit = limit if limit is not None else _part(parts, "limit", "q")
        left = left if left is not None else _part(parts, "remaining", "r")
        reset = reset or parts.get("reset") or parts.get("t")
    return Quota(limit, left, reset)


def _seconds(text: str, now: float) -> float:
    if re.fullmatch(r"\d{1,15}(\.\d*)?", text):
        number = float(text)
        if number >= _EPOCH * 100:
            number /= 1000
        return number - now if number >= _EPOCH else number
    try:
        return parse_iso(text) / SECOND - now
    except ValueError:
        pass
    try:
        return parsedate_to_datetime(text).timestamp() - now
    except (ValueError, TypeError, IndexError, OverflowError):
        return 0.0


def _first(headers: Mapping[str, str], what: str) -> str | None:
    return next((headers[prefix + what] for prefix in _PREFIXES if prefix + what in headers), None)


def _number(headers: Mapping[str, str], what: str) -> int | None:
    match = re.match(r"\s*(\d{1,15})\b", _first(headers, what) or "")
    return int(match[1]) if match else None


def _part(parts: Mapping[str, str], *names: str) -> int | None:
    return next((int(parts[name]) for name in names if name in parts), None)
