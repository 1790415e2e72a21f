"""The overview."""

WORDS: dict[str, tuple[str, str]] = {}
