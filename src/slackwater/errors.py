"""Defines the errors that callers meet; attributes hold what catchers decide by.

Sentences for clients and HTTP codes are made once, at the edge, from these.
"""

from collections.abc import Sequence
from typing import Any


class SlackwaterError(Exception):
    """Something went wrong."""


class IllegalTransition(SlackwaterError):  # noqa: N818 - the field's word; it reads better without "Error"
    """A wrapper cannot take an event in the status that it has."""

    def __init__(self, status: str, event: str) -> None:
        self.status = status
        self.event = event
        super().__init__(f"A wrapper in status `{status}` cannot take the event `{event}`.")


class NotFound(SlackwaterError):  # noqa: N818
    """There is no such thing; `what` names its kind."""

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(f"{what} not found")


class UnknownFile(NotFound):
    """There is no such upload: a path, a body or a stored configuration names it."""

    def __init__(self, file_id: str) -> None:
        self.file_id = file_id
        super().__init__("File")


class Conflict(SlackwaterError):  # noqa: N818
    """That cannot be done in the present state."""


class BadInput(SlackwaterError):  # noqa: N818
    """The input cannot be used."""


class StaleEpoch(SlackwaterError):  # noqa: N818
    """An epoch of a wrapper is over; nothing of it is stored any more."""

    def __init__(self, wrapper_id: str, epoch: int) -> None:
        super().__init__(f"Epoch {epoch} of wrapper {wrapper_id} is over; nothing of it is stored any more.")


class BadSource(SlackwaterError):  # noqa: N818
    """The source cannot be read as it is declared; a person has to change something.

    `field` of source_config answers it, with one of `choices` perhaps. `alternatives` are complete settings that could
    be looked at, `offers` those that were and stood their trial (`pipe.frames.Offer`), `findings` what was known
    before (`pipe.frames.Finding`; None: nobody has said yet).
    """

    def __init__(
        self,
        message: str,
        *,
        field: str | None = None,
        choices: Sequence[Any] = (),
        alternatives: Sequence[dict[str, Any]] = (),
        offers: Sequence[Any] = (),
        findings: Sequence[Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.field = field
        self.choices = choices
        self.alternatives = alternatives
        self.offers = offers
        self.findings = findings


class Refused(BadSource):
    """The source refuses the request: its credentials or its address must be changed."""


class Question(BadSource):
    """Discovery cannot decide; `field` of source_config answers the question."""


class Transient(SlackwaterError):  # noqa: N818
    """The source is not answering as it should right now; trying again later is right."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after  # seconds, the source's own wish


class Unavailable(SlackwaterError):  # noqa: N818
    """The service cannot do that right now; try again."""


class KeyChanged(Unavailable):
    """The store's key is another one than this process was started with."""


class ProtocolViolation(SlackwaterError):  # noqa: N818
    """The wrapper process broke the rules of the pipe."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"The wrapper process broke the rules of the pipe: {reason}")
