"""Remembers what was inferred of a column, which discovery asks at every step."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

COLUMNS = 64  # columns remembered; chosen: a discovery looks at a few tables of some columns each
CELLS = 6_000  # cells of a column that is remembered; chosen: the rows of a sample; with 64 columns 6 MB at most
PLAIN = frozenset({str, int, float, bool, type(None)})  # cells that are the same where type and value are

T = TypeVar("T")


class ColumnMemo(Generic[T]):
    """An inference that works once for the same cells.

    The longest unused column is forgotten first.
    """

    def __init__(self, infer: Callable[[Sequence[object], float], T]) -> None:
        self._infer = infer
        self._found: OrderedDict[tuple[float, tuple[type, ...], tuple[object, ...]], T] = OrderedDict()

    def __call__(self, cells: Sequence[object], least: float) -> T:
        """Return what the inference finds in these cells."""
        types = tuple(map(type, cells))
        if len(types) > CELLS or not PLAIN.issuperset(types):
            return self._infer(cells, least)
        key = least, types, tuple(cells)  # with the types, because True == 1 == 1.0
        if key in self._found:
            self._found.move_to_end(key)
        else:
            self._found[key] = self._infer(cells, least)
            if len(self._found) > COLUMNS:
                self._found.popitem(last=False)
        return self._found[key]
