"""What the service and the process that asks a language model say to each other.

A line of JSON each.

The process gets the keys of the model's provider over its standard input, and never a credential of a source.
"""

from typing import Any

import msgspec

from slackwater.pipe.frames import Finding


class Said(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag=str.lower):
    """A line from the process."""


class Fetch(Said, frozen=True, kw_only=True):
    """The model wants to see another page of the source."""

    url: str


class Propose(Said, frozen=True, kw_only=True):
    """The model's answer, as a wrapper module: to be tried."""

    module: str


class Accepted(Said, frozen=True, kw_only=True):
    """The last proposal has stood its trial; there is no more to say."""


class GaveUp(Said, frozen=True, kw_only=True):
    """There will be no module; why, in one sentence."""

    reason: str


class Told(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag=str.lower):
    """A line to the process."""


class Brief(Told, frozen=True, kw_only=True):
    """What is known, what is asked, and by what means."""

    models: list[str]  # `provider:model`, in the order in which they are tried
    keys: dict[str, str]  # provider → API key
    base_url: str | None
    environment: dict[str, str] = {}  # with proxies and authorities, for libraries
    seconds: float
    tokens: int
    source_type: str
    place: str  # its URL or file name
    given: dict[str, Any]  # fields of source_config, without secrets
    question: str
    findings: list[Finding]
    sample: str

    def __repr__(self) -> str:
        return f"Brief({self.place!r})"


class Fetched(Told, frozen=True, kw_only=True):
    """What the source has answered, or why it was not asked."""

    text: str


class Judged(Told, frozen=True, kw_only=True):
    """How the trial went: `text` is a sentence that people are shown, too.

    `trace` is for the model alone.
    """

    accepted: bool
    text: str
    trace: str = ""


AnySaid = Fetch | Propose | Accepted | GaveUp
AnyTold = Brief | Fetched | Judged

_said = msgspec.json.Decoder(AnySaid)
_told = msgspec.json.Decoder(AnyTold)


def line(words: Said | Told) -> bytes:
    """Return words as they are sent."""
    return msgspec.json.encode(words) + b"\n"


def said(text: bytes) -> AnySaid:
    """Return what the process has said; msgspec.MsgspecError when it is nothing of the kind."""
    words: AnySaid = _said.decode(text)
    return words


def told(text: bytes) -> AnyTold:
    """Return what the service has said; msgspec.MsgspecError when it is nothing of the kind."""
    words: AnyTold = _told.decode(text)
    return words
