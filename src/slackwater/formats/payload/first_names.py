"""Completes lists whose first record alone says what all of them are about. Pure.

So Home Assistant leaves out the name of the sensor behind the first state of each, to save space. A value or a time
that the others lack is none of theirs.
"""

import re
from typing import Any

from slackwater.formats.timestamp_inference import infer_time_form

_AMOUNT = re.compile(r"[^\w]*\d[\d.,' ]*(?:[eE][+-]?\d+)?\s*[^\d]{0,15}")  # a number with its unit
LEAST = 3  # records, so that there are others than the first and the last


def with_first_names(records: list[Any]) -> list[Any]:
    """Return the records, each with the texts that only the edges have."""
    first = records[0] if len(records) >= LEAST else None
    if not isinstance(first, dict) or not all(isinstance(record, dict) for record in records):
        return records
    names = {}
    for name, text in first.items():
        alone = isinstance(text, str) and not any(name in record for record in records[1:-1])
        if alone and records[-1].get(name, text) == text and _could_name(text):
            names[name] = text
    return [{**names, **record} for record in records] if names else records


def _could_name(text: str) -> bool:
    """Check whether a text may be a name: neither a number nor a time.

    `0.2 mm` and `May 2024` are none, `28-0316a2794b` is one.
    """
    return any(map(str.isalpha, text)) and not _AMOUNT.fullmatch(text) and infer_time_form([text]) is None
