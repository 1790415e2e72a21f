"""Collects the findings of file discovery with their reasons, and log sentences."""

from collections.abc import Iterator, Sequence
from typing import Any

from slackwater.pipe.frames import Alternative, Finding


class Evidence:
    """Collects findings; a later one replaces an earlier one about the same subject."""

    def __init__(self) -> None:
        self._findings: dict[str, Finding] = {}
        self.notes: list[str] = []

    def add(
        self,
        what: str,
        value: Any,
        confidence: float,
        reason: str,
        field: str | None = None,
        alternatives: Sequence[Alternative] = (),
    ) -> None:
        """Keep one decision. `reason` is the evidence in a sentence, `field` what overrides it."""
        self._findings[what] = Finding(
            what=what, value=value, confidence=confidence, reason=reason, field=field, alternatives=list(alternatives)
        )

    def note(self, sentence: str) -> None:
        """Keep a sentence for the wrapper's log."""
        self.notes.append(sentence)

    def __iter__(self) -> Iterator[Finding]:
        """Yield the findings in the order in which they were made."""
        return iter(self._findings.values())
