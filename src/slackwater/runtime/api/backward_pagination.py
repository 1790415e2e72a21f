"""Pages through sources that accept an end alone: each answer gives the next end."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Any

from slackwater.errors import BadSource
from slackwater.runtime.api.page_token import PageToken
from slackwater.runtime.api.pagination import Answer
from slackwater.runtime.api.time_filters import unit_of, written
from slackwater.runtime.api.url_parameters import with_params


@dataclass(frozen=True)
class Earlier:
    """Pages by what lies before the oldest record, until nothing is older.

    `Earlier("before")` is `before=2024-01-01T00:00:00Z`. `form` is as in TimeFilter; `inclusive` says whether a record
    at exactly that moment comes back.
    """

    param: str
    form: str = "iso"
    inclusive: bool = False

    def __post_init__(self) -> None:
        if unit_of(self.form) is None:
            raise BadSource(f"Earlier: form {self.form!r:.40} is no form of a time.")

    def params(self, moment: int, zone: tzinfo = UTC) -> dict[str, str]:
        """Return the parameter that asks for what is not younger than a moment (µs)."""
        unit = unit_of(self.form) or 1
        return {self.param: written(moment + (unit - 1 if self.inclusive else unit), self.form, zone)}


@dataclass(frozen=True)
class Backwards:
    """The walk of an `Earlier`.

    Each question asks once more for the oldest moment of the page before. Its other records may not have fitted into
    that page. Where a page holds nothing else, and is full, no question leads further: BadSource.
    """

    pages: Earlier
    zone: tzinfo
    times: Callable[[list[Any]], Sequence[int]]

    def place(self, url: str, token: PageToken | None) -> str:
        """Return the URL for everything up to the oldest record so far."""
        return url if token is None or token.since is None else with_params(url, self._params(token.since))

    def after(self, token: PageToken | None, answer: Answer) -> PageToken | None:
        """Go on from the oldest record until nothing is older."""
        times = self.times(answer.records)
        if not times:
            return None
        oldest, came = min(times), len(answer.records)
        full = came if token is None or token.size is None else token.size
        if token is not None and token.since is not None and self._params(oldest) == self._params(token.since):
            if 1 < full <= came:
                raise BadSource(
                    f"The source gives no more than {came:,} records at once, and has as many of one moment: what is "
                    "older cannot be requested. Give query_params that select fewer series."
                )
            return None
        return PageToken(since=oldest, size=full)

    def ends(self, token: PageToken | None, status: int) -> bool:
        """Never end at an error status: what is asked for is there."""
        return False

    def _params(self, moment: int) -> dict[str, str]:
        return self.pages.params(moment, self.zone)
