"""Tells how far a move has come."""

from typing import Protocol


class Watcher(Protocol):
    """Shows somebody what a move does."""

    def begin(self, step: str, total: int) -> None:
        """Begin a step of so many rows."""

    def advance(self, rows: int) -> None:
        """Tell of rows that are done."""

    def remark(self, sentence: str) -> None:
        """Say something that is to be known."""
