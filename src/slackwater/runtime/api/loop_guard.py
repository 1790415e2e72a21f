"""Detects pagination loops."""

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

import msgspec

from slackwater.errors import BadSource
from slackwater.runtime.api.page_token import PageToken
from slackwater.runtime.api.pagination import Offset, OutOfReach, PageNumber, shown

_DEPTHS = frozenset(digit * 10**zeros for digit in (1, 2, 5) for zeros in range(3, 7))  # 1,000, 2,000, 5,000, 10,000 …
_PAGES = frozenset(digit * 10**zeros for digit in (1, 2, 2.5, 5) for zeros in range(1, 5))  # 10, 20, 25, 50, 100 …
_DEEP = 2  # full pages; a single one is all that there is, as discovery has seen


@dataclass
class Trail:
    """The pages seen in one walk; a page that repeats is an error.

    Without it, a source that ignores its page parameters would be read for ever, or lose what it did not show.
    """

    places: set[str] = field(default_factory=set)
    contents: set[str] = field(default_factory=set)

    @classmethod
    def resumed(cls, token: PageToken | None) -> "Trail":
        """Return the trail of a walk resumed at `token`, with the page before as seen."""
        before = token.before if token else None
        return cls(contents={before} if before else set())

    def enter(self, url: str) -> None:
        """Note that the page at `url` is asked for; BadSource if it has been already."""
        if url in self.places:
            raise BadSource(
                f"The next page of the source is one that was read already ({shown(url)}). Correct `pages` in the "
                "wrapper's code, or ask for shorter pages."
            )
        self.places.add(url)

    def has_seen(self, records: list[Any]) -> bool:
        """Say whether an earlier page held the same records."""
        return bool(records) and _digest(records) in self.contents

    def turn(self, url: str, records: list[Any], following: PageToken | None) -> PageToken | None:
        """Record a page and return the next token, extended by what was seen.

        `url` is the page's, `records` what it held. BadSource if an earlier page held the same records.
        """
        if not records:
            return following
        held = _digest(records)
        if held in self.contents:
            raise BadSource(
                f"Two pages of the source hold the same records (again at {shown(url)}): it does not honour the "
                f"requested page. Correct `pages` in the wrapper's code."
            )
        self.contents.add(held)
        return None if following is None else msgspec.structs.replace(following, before=held)


def refuse_depth(paging: Offset | PageNumber, token: PageToken | None, repeated: int) -> None:
    """Raise OutOfReach if a doubtful page repeats at a usual depth, of records or pages.

    Then it may be the last that is handed out, and not the last that there is.
    """
    if isinstance(paging, Offset):
        read, size = (token.offset or 0) if token else 0, paging.limit
    else:
        page = token.page if token is not None and token.page is not None else paging.first
        read, size = (page - paging.first) * paging.size, paging.size
    usual = (read in _DEPTHS and read >= _DEEP * size) or read / size in _PAGES
    if paging.doubtful and repeated >= size and usual:
        raise OutOfReach(read)


def _digest(records: list[Any]) -> str:
    return blake2b(msgspec.json.encode(records), digest_size=8).hexdigest()
