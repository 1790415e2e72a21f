"""Completes discovery's results: questions with findings and fields, finds with their span."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from slackwater.errors import BadSource, Question, Refused
from slackwater.model.checkpoint import Interval
from slackwater.pipe.frames import Finding

_FIELDS = {
    True: ("records_path", "date_field", "value_field", "series_field", "timezone"),
    False: ("sheet_name", "header_row", "time_column", "value_columns", "date_format", "delimiter", "encoding"),
}


@contextmanager
def knowing(findings: Iterable[Finding]) -> Iterator[None]:
    """Let what is not understood inside tell what was found before; `findings` may grow meanwhile."""
    try:
        yield
    except BadSource as unclear:
        if unclear.findings is None:
            unclear.findings = list(findings)
        raise


@contextmanager
def naming_fields(*, api: bool) -> Iterator[None]:
    """Add the answerable fields to errors inside that name none."""
    try:
        yield
    except (Question, Refused):
        raise
    except BadSource as unclear:
        if unclear.field:
            raise
        names = _FIELDS[api]
        helpful = f"{', '.join(names[:-1])} or {names[-1]}"
        raise BadSource(
            f"{unclear} What can be given in source_config: {helpful}.", findings=unclear.findings
        ) from None


def span(times: Sequence[int | None]) -> Interval | None:
    """Return the window of all known times, for the trial."""
    known = [time for time in times if time is not None]
    return Interval(min(known), max(known) + 1) if known else None
