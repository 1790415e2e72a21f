"""Defines the page token of checkpoints: where reading goes on inside a window."""

from collections.abc import Mapping
from typing import Any, Self

import msgspec

from slackwater.errors import BadSource


class PageToken(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A page inside a window, by its pagination style, and its part of the window.

    A style that finds no term of its own begins at the first page: the declaration was changed meanwhile, and reading a
    page twice is no harm.
    """

    offset: int | None = None  # records before it
    page: int | None = None  # its number
    url: str | None = None
    cursor: str | None = None
    since: int | None = None  # µs since the epoch; all records from then on
    beyond: bool = False  # `since` itself left out
    size: int | None = None  # records of a full page
    seen: int | None = None  # records of the pages before it
    count: int | None = None  # records of the page before it
    before: str | None = None  # digest of the page before it
    until: int | None = None  # µs since the epoch; end of the part, None where the window is read in one piece
    width: int | None = None  # µs; of the part and those after it

    @classmethod
    def of(cls, stored: Any) -> Self | None:
        """Return the token of a checkpoint, None without one; BadSource for other values.

        Up to 0.2 parts of windows were written as `{"until": …, "width": …, "page": {…}}`; they are read, too.
        """
        if stored is None:
            return None
        if isinstance(stored, Mapping) and isinstance(stored.get("page", 0), Mapping | None):
            stored = {**{name: value for name, value in stored.items() if name != "page"}, **(stored["page"] or {})}
        try:
            return msgspec.convert(stored, cls)
        except msgspec.ValidationError as error:
            raise BadSource(f"The checkpoint's page token cannot be used ({error}). Delete the checkpoint.") from None

    @property
    def inside(self) -> Self | None:
        """The same without its part; None for the first page of a part."""
        bare = msgspec.structs.replace(self, until=None, width=None)
        return None if bare == type(self)() else bare


def stored(token: PageToken | None) -> dict[str, Any] | None:
    """Return a token as a checkpoint keeps it."""
    kept: dict[str, Any] | None = msgspec.to_builtins(token)
    return kept
