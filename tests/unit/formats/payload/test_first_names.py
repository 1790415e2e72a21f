"""Lists whose first record alone says what all are about."""

import pytest

from slackwater.formats.payload.first_names import with_first_names

STATES = [{"entity": "t", "state": "1", "at": "a"}, {"state": "2", "at": "b"}, {"state": "3", "at": "c"}]


@pytest.mark.parametrize(
    ("records", "names"),
    [
        (STATES, ["t", "t", "t"]),
        ([{"entity": "28-0316a2794b"}, {}, {}], ["28-0316a2794b"] * 3),
        ([*STATES, {"entity": "t"}], ["t"] * 4),
        ([*STATES, {"entity": "u"}], ["t", None, None, "u"]),  # it may be that of others
        ([{"entity": 7}, {}, {}], [7, None, None]),  # a number is no name
        ([{"entity": "t"}, {"entity": None}, {"entity": None}], ["t", None, None]),  # they say that they have none
        *(([{"entity": text}, {}, {}], [text, None, None]) for text in ("0.2", "-1,5 mm", "2026-05-01", "May 2026")),
        ([{"entity": "t"}, {}], ["t", None]),
        ([*STATES, STATES[0], {}], ["t", None, None, "t", None]),
        (["t", "u", "v"], None),
    ],
)
def test_only_a_text_that_the_others_lack_is_theirs_too(records, names):
    found = with_first_names(records)
    assert (found == records) if names is None else [each.get("entity") for each in found] == names
