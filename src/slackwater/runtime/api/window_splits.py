"""Splits a window into the parts that the source answers."""

from dataclasses import dataclass, replace
from typing import Self

from msgspec.structs import replace as replace_token

from slackwater.errors import BadSource
from slackwater.model.checkpoint import Interval
from slackwater.runtime.api.page_token import PageToken
from slackwater.runtime.api.pagination import OutOfReach
from slackwater.runtime.api.time_filters import WindowFilter


@dataclass(frozen=True)
class Parts:
    """The unread rest of a window: before `until`, in parts of `width` µs, newest first.

    The token of a page in it says where it stands, so that another process goes on there; a window that is read in one
    piece needs no such words.
    """

    window: Interval
    until: int
    width: int
    least: int  # µs; a part that is no wider cannot be divided
    widest: int  # µs; no part is wider

    @classmethod
    def of(
        cls, window: Interval, token: PageToken | None, time_filter: WindowFilter | None
    ) -> tuple[Self, PageToken | None]:
        """Return the remaining parts of a window at `token`, and the token within the next."""
        least = time_filter.unit if time_filter else window.width
        widest = window.width
        if time_filter is not None and time_filter.widest is not None:
            # What is asked for is wider than the part, by a unit at each end at most.
            widest = min(widest, max(time_filter.unit, time_filter.widest - 2 * time_filter.unit))
        if token is not None and token.until is not None:
            return cls(window, token.until, token.width or widest, least, widest), token.inside
        return cls(window, window.end, widest if token is None else window.width, least, widest), token

    @property
    def next(self) -> Interval | None:
        """The part to read next, None when all are read."""
        if self.until <= self.window.start:
            return None
        return Interval(max(self.window.start, self.until - self.width), self.until)

    @property
    def last(self) -> bool:
        """Whether the next part is the last."""
        return self.until - self.width <= self.window.start

    def done(self) -> Self:
        """Return what is left when the next part has been read."""
        return replace(self, until=max(self.window.start, self.until - self.width))

    @property
    def reach(self) -> int:
        """The width of the next part in µs."""
        return min(self.width, self.until - self.window.start)

    def halved(self, reached: OutOfReach) -> Self:
        """Return parts of half the width; BadSource where they are too short for that."""
        if self.reach <= self.least:
            raise BadSource(
                f"The source has more than {reached.most:,} records in {self.next}, and hands out no more than "
                "that to one question. Give query_params that select fewer series, a larger page_size, or page_param "
                "if it has pages."
            ) from None
        return replace(self, width=self.reach // 2)

    def narrowed(self, width: int) -> Self:
        """Return parts of at most `width` µs, but at least the filter's resolution."""
        return replace(self, width=min(self.width, max(width, self.least)))

    def as_wide_as_can_be(self) -> Self:
        """Return the same in the widest parts that may be asked for."""
        return replace(self, width=self.widest)

    def widened(self) -> Self:
        """Return the same in parts of twice the width, as far as that may be."""
        return replace(self, width=max(self.width, min(self.width * 2, self.widest)))

    def token(self, page: PageToken | None) -> PageToken | None:
        """Return the token for `page` of the next part; None at the end or beginning."""
        if self.until == self.window.end and self.width >= self.window.width:
            return page
        return replace_token(page or PageToken(), until=self.until, width=self.width) if self.next else None
