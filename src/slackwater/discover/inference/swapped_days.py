"""Detects dates in which a spreadsheet has taken days for months. Pure."""

import re
from collections.abc import Sequence
from datetime import UTC
from itertools import pairwise

from slackwater.errors import Question
from slackwater.formats.annotations import lenient_times
from slackwater.formats.cells import cell_text
from slackwater.formats.timestamps import time_parser
from slackwater.model.instants import from_micros

_DAY_AND_MONTH = re.compile(r"(%d)([/.-])(%m)|(%m)([/.-])(%d)")
_DISORDER = 2  # steps back; chosen: one may be a correction


def refuse_swapped_days(form: str | None, cells: Sequence[object], name: str) -> None:
    """Raise a Question where times run on only with days and months swapped."""
    match = _DAY_AND_MONTH.match(form or "")
    if form is None or match is None:
        return
    first, mark, second = filter(None, match.groups())
    other = f"{second}{mark}{first}{form[match.end() :]}"
    times = lenient_times(time_parser(form, UTC))(cells)
    turned = lenient_times(time_parser(other, UTC))(cells)
    swapped = [at if back is None else back for at, back in zip(times, turned, strict=True) if at is not None]
    known = [time for time in times if time is not None]
    if min(_steps_back(known)) >= _DISORDER and min(_steps_back(swapped)) == 0 and any(map(_is_late, known)):
        raise Question(
            f"the times in column {name!r} run on only if those whose day is 12 or less have their day and month the "
            f"other way round than {form}: a spreadsheet may have taken days for months, as in "
            f"{cell_text(next(iter(cells)))!r}. Correct the column, or give date_format",
            field="date_format",
            alternatives=[{"date_format": form}],
        )


def _is_late(time: int) -> bool:
    """Check for a day that is no month."""
    return from_micros(time).day > len("JFMAMJJASOND")


def _steps_back(times: Sequence[int]) -> tuple[int, int]:
    """Count how often times fall, and how often they rise."""
    steps = [later - earlier for earlier, later in pairwise(times)]
    return sum(step < 0 for step in steps), sum(step > 0 for step in steps)
