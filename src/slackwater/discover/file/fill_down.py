"""Cells that stand once for several rows, as merged cells do: which columns have them."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from slackwater.discover.file.column_profile import Column
from slackwater.discover.file.sample import FileSample
from slackwater.discover.file.time_columns import named
from slackwater.discover.inference.evidence import Evidence
from slackwater.formats.cells import cell_text


def filled(sample: FileSample, config: Mapping[str, Any], evidence: Evidence) -> tuple[FileSample, list[str]]:
    """Return the sample with such gaps filled, and the names of their columns."""
    given = config.get("fill_down")
    if given is not None:
        names = [named(sample, name, "fill_down").name for name in given]
    else:
        names = [column.name for column in sample.columns if _stands_for_several(column, sample.consecutive)]
    if not names:
        return sample, []
    reason = f"blank cells of {', '.join(map(repr, names))} mean what stands above them"
    evidence.add("layout", f"gaps in {', '.join(names)}", 1 if given else 0.85, reason, "fill_down")
    return sample.filled_down(names), names


def _stands_for_several(column: Column, rows: int) -> bool:
    """Check whether a column's cells apply to the blank rows below.

    It begins with a cell, leaves a third blank, and says nothing twice running, but a year.
    """
    texts = [cell_text(cell) for cell in column.cells[:rows]]
    said = [text for text in texts if text]
    if not said or not texts[0] or (len(texts) - len(said)) * 3 < len(texts):
        return False
    if column.part == "year":
        return True
    if any(earlier == later for earlier, later in pairwise(said)):
        return False
    timed = column.time_form is not None
    if column.number_form is None:
        return len(said) > 1 or timed
    return timed and column.time_rank > 0 and column.named_as_time
