"""The errors a caller can meet. A class's docstring is its message; its data are keyword attributes.

Sentences for clients and HTTP codes are made once, at the edge, from these.
"""

from typing import Any


class SlackwaterError(Exception):
    """Something went wrong."""

    def __init__(self, message: str | None = None, **data: Any) -> None:
        self.data = data
        super().__init__(message or (type(self).__doc__ or "").strip().format(**data))

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["data"][name]
        except KeyError:
            raise AttributeError(name) from None


class IllegalTransition(SlackwaterError):  # noqa: N818 - the field's word; it reads better without "Error"
    """A wrapper in status `{status}` cannot take the event `{event}`."""


class NotFound(SlackwaterError):  # noqa: N818
    """{what} not found"""


class Conflict(SlackwaterError):  # noqa: N818
    """That cannot be done in the present state."""


class BadInput(SlackwaterError):  # noqa: N818
    """The input cannot be used."""


class StaleEpoch(SlackwaterError):  # noqa: N818
    """Epoch {epoch} of wrapper {wrapper_id} is over; nothing of it is stored any more."""


class BadSource(SlackwaterError):  # noqa: N818
    """The source cannot be read as it is declared; a person has to change something."""


class Refused(BadSource):
    """The source answers, but not what it was asked for: the credentials or the address have to be changed."""


class Question(BadSource):
    """Discovery cannot decide, and a question is better than a wrong guess; `field` of source_config answers it."""


class Transient(SlackwaterError):  # noqa: N818
    """The source is not answering as it should right now; trying again later is right."""


class Unavailable(SlackwaterError):  # noqa: N818
    """The service cannot do that right now; try again."""


class ProtocolViolation(SlackwaterError):  # noqa: N818
    """The wrapper process broke the rules of the pipe: {reason}"""
