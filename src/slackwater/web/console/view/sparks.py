"""Draws sparklines: recent values as an SVG line, made by the server."""

from collections.abc import Sequence

WIDTH, HEIGHT = 120, 28
EDGE = 2.0  # that stays free, so that no line is cut


def line(values: Sequence[tuple[int, float]]) -> str:
    """Return polyline `points` in a WIDTH × HEIGHT box, "" for under two values."""
    if len(values) < 2:
        return ""
    first, last = values[0][0], values[-1][0]
    low, high = min(y for _, y in values), max(y for _, y in values)
    wide, tall = (WIDTH - 2 * EDGE) / (last - first), HEIGHT - 2 * EDGE
    # Halves, because the span of very large values has no finite difference.
    span = high / 2 - low / 2

    def up(y: float) -> float:
        return (y / 2 - low / 2) / span if span else 0.5

    return " ".join(f"{EDGE + (x - first) * wide:.1f},{HEIGHT - EDGE - up(y) * tall:.1f}" for x, y in values)
