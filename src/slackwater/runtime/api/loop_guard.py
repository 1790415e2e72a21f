"""Detects pagination loops."""

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

import msgspec

from slackwater.errors import BadSource
from slackwater.runtime.api.page_token import PageToken
from slackwater.runtime.api.pagination import shown


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


def _digest(records: list[Any]) -> str:
    return blake2b(msgspec.json.encode(records), digest_size=8).hexdigest()
