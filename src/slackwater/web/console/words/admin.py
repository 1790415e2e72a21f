"""Keys, audit and nodes."""

WORDS: dict[str, tuple[str, str]] = {}
