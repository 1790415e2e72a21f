"""What a benchmark hands back, and how it is shown."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from math import ceil
from typing import Any

HEADER = ("figure", "measured", "aim", "", "reference", "ratio")


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One measured number; aim and reference are in its unit, None where there is none."""

    name: str
    value: float
    unit: str  # ms, MB (10^6 bytes), points/s, clicks, or × for a ratio
    at_most: float | None = None
    at_least: float | None = None
    reference: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the aim is met; None without an aim."""
        if self.at_most is not None:
            return self.value <= self.at_most
        return None if self.at_least is None else self.value >= self.at_least

    @property
    def ratio(self) -> float | None:
        """Measured / reference."""
        return self.value / self.reference if self.reference else None

    def cells(self) -> tuple[str, ...]:
        """The figure as a row under HEADER."""
        aim = ""
        if self.at_most is not None:
            aim = f"≤ {_written(self.at_most, self.unit)}"
        if self.at_least is not None:
            aim = f"≥ {_written(self.at_least, self.unit)}"
        return (
            self.name,
            _written(self.value, self.unit),
            aim,
            {True: "met", False: "MISSED", None: ""}[self.met],
            _written(self.reference, self.unit) if self.reference is not None else "",
            f"{self.ratio:.2f}" if self.ratio is not None else "",
        )

    def form(self) -> dict[str, Any]:
        """The figure for JSON."""
        return {**asdict(self), "met": self.met, "ratio": self.ratio}


@dataclass(frozen=True, kw_only=True)
class Report:
    """The figures of one benchmark; the notes say what exactly was measured and what the reference is."""

    title: str
    figures: Sequence[Figure]
    notes: Sequence[str] = field(default_factory=tuple)

    def __str__(self) -> str:
        rows = [HEADER, *(figure.cells() for figure in self.figures)]
        widths = [max(len(row[n]) for row in rows) for n in range(len(HEADER))]
        lines = [self.title]
        for row in rows:
            name, *others = (
                cell.ljust(width) if n in (0, 3) else cell.rjust(width)
                for n, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
            lines.append("  ".join(["", name, *others]).rstrip())
        return "\n".join([*lines, *(f"  – {note}" for note in self.notes)])

    def form(self) -> dict[str, Any]:
        """The report for JSON."""
        return {"title": self.title, "figures": [each.form() for each in self.figures], "notes": list(self.notes)}


def percentile(values: Sequence[float], percent: int) -> float:
    """Return the value that `percent` of all do not exceed (nearest rank, never interpolated)."""
    return sorted(values)[max(1, ceil(len(values) * percent / 100)) - 1]


def _written(value: float, unit: str) -> str:
    if unit == "points/s":
        return f"{value:,.0f} {unit}"
    return f"{value:.2f} {unit}" if unit == "×" else f"{value:,.1f} {unit}"
