"""What the service and the process that asks a language model say to each other.

A line of JSON each.

The process gets the keys of the model's provider over its standard input, and never a credential of a source.
"""

from typing import Any

import msgspec

from slackwater.pipe.frames import Finding


class FromModel(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag=str.lower):
    """A line from the process."""


class Fetch(FromModel, frozen=True, kw_only=True):
    """The model wants to see another page of the source."""

    url: str


class Propose(FromModel, frozen=True, kw_only=True):
    """The model's answer, as a wrapper module: to be tried."""

    module: str


class Accepted(FromModel, frozen=True, kw_only=True):
    """The last proposal has stood its trial; there is no more to say."""


class GaveUp(FromModel, frozen=True, kw_only=True):
    """There will be no module; why, in one sentence."""

    reason: str


class ToModel(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag=str.lower):
    """A line to the process."""


class Brief(ToModel, frozen=True, kw_only=True):
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


class Fetched(ToModel, frozen=True, kw_only=True):
    """What the source has answered, or why it was not asked."""

    text: str


class Judged(ToModel, frozen=True, kw_only=True):
    """How the trial went: `text` is a sentence that people are shown, too.

    `trace` is for the model alone.
    """

    accepted: bool
    text: str
    trace: str = ""


AnyFromModel = Fetch | Propose | Accepted | GaveUp
AnyToModel = Brief | Fetched | Judged

_from_model = msgspec.json.Decoder(AnyFromModel)
_to_model = msgspec.json.Decoder(AnyToModel)


def line(words: FromModel | ToModel) -> bytes:
    """Return words as they are sent."""
    return msgspec.json.encode(words) + b"\n"


def from_model(text: bytes) -> AnyFromModel:
    """Return what the process has said; msgspec.MsgspecError when it is nothing of the kind."""
    words: AnyFromModel = _from_model.decode(text)
    return words


def to_model(text: bytes) -> AnyToModel:
    """Return what the service has said; msgspec.MsgspecError when it is nothing of the kind."""
    words: AnyToModel = _to_model.decode(text)
    return words
