"""Counts requests by host and what came of them, since the service has started."""

from collections import Counter

# Pairs of host and status: what a Prometheus target of usual size holds beside the series of 1,000 sources. A host that
# answers ever other codes fills them no further.
MOST_PAIRS = 1_000
OTHER = "other"


class RequestCounts:
    """Requests by host and status code, or by fault without an answer."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()

    def count(self, host: str, outcome: str) -> None:
        """Count one request; beyond `MOST_PAIRS` pairs it counts as that of another host."""
        pair = host, outcome
        if pair not in self._counts and len(self._counts) >= MOST_PAIRS:
            pair = OTHER, OTHER
        self._counts[pair] += 1

    def by_host(self) -> dict[tuple[str, str], int]:
        """Return (host, status or kind of fault) → requests."""
        return dict(self._counts)
