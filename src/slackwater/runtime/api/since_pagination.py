"""Pages through sources that accept a start alone: each answer gives the next start."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from slackwater.errors import BadSource
from slackwater.model.checkpoint import Interval
from slackwater.model.instants import LATEST
from slackwater.runtime.api.page_token import PageToken
from slackwater.runtime.api.pagination import Answer
from slackwater.runtime.api.time_filters import TimeSince, written
from slackwater.runtime.api.url_parameters import with_params


@dataclass(frozen=True)
class Onwards:
    """Pages from the newest record on, until none is newer.

    A source that gives no more than so many records at once, the oldest first, is read to its end that way; one that
    gives all at once gets one more request, and shows its newest record again.
    """

    time_filter: TimeSince
    zone: tzinfo
    times: Callable[[list[Any]], Sequence[int]]

    def place(self, url: str, token: PageToken | None) -> str:
        """Return the URL for everything since the newest record so far, or newer still."""
        if token is None or token.since is None:
            return url
        start = token.since + (self.time_filter.unit if token.beyond else 0)
        return with_params(url, self._params(start))

    def after(self, token: PageToken | None, answer: Answer) -> PageToken | None:
        """Go on from the newest record until nothing is newer.

        Several records of one moment may be all that the source gives at once. Then there is something beyond them
        that did not come with them: BadSource, since no question leads to the others of that moment.
        """
        times = self.times(answer.records)
        if not times:
            return None
        if token and token.beyond:
            raise BadSource(
                f"The source gives no more than {token.count:,} records at once, and has as many of one moment: the "
                f"others of that moment cannot be requested. Give query_params that select fewer series, or page_param "
                "if it has pages."
            )
        newest, count = max(times), len(times)
        if (
            token
            and token.since is not None
            and self.time_filter.align
            and self._params(newest) == self._params(token.since)
        ):
            return None  # the bucket that is not over yet, and the one before it, come again
        if self._written(min(times)) != self._written(newest):
            return PageToken(since=newest, count=count)
        return PageToken(since=newest, count=count, beyond=True) if count > 1 else None

    def ends(self, token: PageToken | None, status: int) -> bool:
        """Check whether the status means that nothing is newer."""
        return token is not None and status == self.time_filter.empty

    def _params(self, start: int) -> dict[str, str]:
        return dict(self.time_filter.params(Interval(start, LATEST), self.zone))

    def _written(self, time: int) -> str:
        return written(time, self.time_filter.form, self.zone)
