"""A columnar batch of points, and what makes it acceptable."""

import sys
from array import array
from collections.abc import Iterator
from itertools import chain
from math import isfinite
from typing import Self, TypeVar

import msgspec

from slackwater.errors import ProtocolViolation
from slackwater.model.instants import EARLIEST, LATEST
from slackwater.model.printable import visible

Numbers = TypeVar("Numbers", "array[int]", "array[float]")

MAX_POINTS = 100_000  # points of one batch; chosen: 1.6 MB, a tenth of the largest frame
MAX_SERIES_NAME = 300  # characters; chosen: several joined labels of statistics
DEFAULT_SERIES = "value"


class Column(msgspec.Struct, frozen=True, array_like=True):
    """The points of one series: `x` int64 µs since the epoch, `y` float64, both little-endian."""

    series: str
    x: bytes
    y: bytes

    @classmethod
    def of(cls, series: str, x: "array[int]", y: "array[float]") -> Self:
        """Pack two arrays ('q' and 'd') of equal length."""
        if sys.byteorder == "big":
            x, y = x[:], y[:]
            x.byteswap()
            y.byteswap()
        return cls(series, x.tobytes(), y.tobytes())

    def __len__(self) -> int:
        return len(self.x) // 8

    def times(self) -> "array[int]":
        """Return x as an array of int64."""
        times: array[int] = array("q")
        times.frombytes(self.x)
        return _native(times)

    def values(self) -> "array[float]":
        """Return y as an array of float64."""
        values: array[float] = array("d")
        values.frombytes(self.y)
        return _native(values)


class Rejected(msgspec.Struct, frozen=True, array_like=True):
    """A record that could not become a point: its position and the reason."""

    where: str
    reason: str


def checked(columns: list[Column]) -> list[Column]:
    """Return the columns if every point is one we may store.

    ProtocolViolation says which rule is broken.
    """
    if sum(len(column) for column in columns) > MAX_POINTS:
        raise ProtocolViolation(reason=f"a batch holds more than {MAX_POINTS:,} points")
    for column in columns:
        if not column.series or len(column.series) > MAX_SERIES_NAME:
            raise ProtocolViolation(reason=f"a series name must have 1 to {MAX_SERIES_NAME} characters")
        if len(column.x) % 8 or len(column.x) != len(column.y):
            raise ProtocolViolation(reason=f"x and y of series {column.series!r} differ in length")
        if not column.x:
            continue
        times = column.times()
        if min(times) < EARLIEST or max(times) > LATEST:
            raise ProtocolViolation(reason=f"a time of series {column.series!r} is outside the years 1 to 9999")
        if not all(map(isfinite, column.values())):
            raise ProtocolViolation(reason=f"a value of series {column.series!r} is not a finite number")
    return columns


def with_visible_names(columns: list[Column]) -> list[Column]:
    """Return columns whose series names have their control characters written out."""
    return [
        column if (name := visible(column.series)) == column.series else Column(name, column.x, column.y)
        for column in columns
    ]


def rows(columns: list[Column]) -> Iterator[tuple[str, int, float]]:
    """Yield (series, x, y) of every point, in order."""
    return chain.from_iterable(
        zip([column.series] * len(column), column.times(), column.values(), strict=True) for column in columns
    )


def _native(values: Numbers) -> Numbers:
    if sys.byteorder == "big":
        values.byteswap()
    return values
