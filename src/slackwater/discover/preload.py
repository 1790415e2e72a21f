"""Prepares, in the parent of all looks, what each of them needs.

Patterns are compiled when they are first used; without this each look would do it.
"""

from slackwater.formats.cells import time_part
from slackwater.formats.numbers import infer_number_form
from slackwater.formats.timestamp_inference import infer_time_form

_TEXTS = ("2024-01-31 13:45", "31/01/2024", "31 January 2024 13:45", "level", "1.5", "1,5")

for _text in _TEXTS:
    time_part(_text)
    infer_time_form([_text])
    infer_number_form([_text])
