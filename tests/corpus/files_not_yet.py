"""Files of the corpus that do not come out as they should, and why. One that does must leave the list."""

KNOWN: dict[str, str] = {}
