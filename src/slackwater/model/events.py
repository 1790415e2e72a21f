"""What events and lines of the log are about.

Their texts are for people alone.
"""

from enum import StrEnum


class Change(StrEnum):
    """What an event has changed of a source, its module or its data."""

    SOURCE = "source"  # another configuration, by a person
    REDISCOVERED = "rediscovered"  # it answered differently, so that it was discovered again
    MODULE = "module"  # a module that somebody has edited
    BEGUN = "begun"  # data and checkpoint were deleted


class LineKind(StrEnum):
    """What a line of the log is about."""

    REJECTED = "rejected"  # a row that could not become a point
