"""What a source says when it refuses, read for names, sizes and spans."""

import pytest

from slackwater.discover.api.refusals import (
    UNKNOWN_NAME,
    KnownNames,
    named,
    numbers_in,
    offered,
    refuses_names,
    spans_in,
)
from slackwater.model.instants import DAY, HOUR

ABOUT_NAMES = [
    "Unknown parameter: zeit_von",
    "unexpected query parameter 'rows'",
    '{"detail": "Extra inputs are not permitted"}',
    "Unrecognized arguments [begin]",
    "The query parameter 'take' is not supported.",
    "'pg' is not a valid parameter",
    "Parâmetro desconhecido: tamanho",
]
ABOUT_VALUES = [
    "Unexpected value for begin_date",
    "unsupported date format in `from`",
    "limit must be between 1 and 100",
    'invalid parameter "start": cannot parse "" to a valid timestamp',
    "Missing required parameter: start_date",
]


@pytest.mark.parametrize("said", ABOUT_NAMES)
def test_a_refusal_of_names(said):
    assert refuses_names(said)


@pytest.mark.parametrize("said", ABOUT_VALUES)
def test_a_refusal_of_values_is_none_of_names(said):
    assert not refuses_names(said)


def test_whole_names_are_found():
    assert named(["limit", "page[limit]", "page"], "unknown parameters: page[limit], page_size") == ["page[limit]"]
    assert named(["start-after", "start"], "bad start-after") == ["start-after"]


def test_names_that_a_source_takes():
    assert offered("unknown parameter x; allowed parameters: von, bis, anzahl.") == ["von", "bis", "anzahl"]
    assert offered("date must be one of: 2020, 2021") == []


@pytest.mark.parametrize(
    ("said", "numbers"),
    [
        ("per_page must be between 1 and 100", [100, 1]),
        ("limit too large (max. 2,500)", [2500]),
        ("from must look like 2024-01-31T00:00:00Z", []),
        ("at most 250 items", [250]),
    ],
)
def test_numbers_that_a_refusal_allows(said, numbers):
    assert numbers_in(said) == numbers


def test_spans_that_a_refusal_allows():
    assert spans_in("The range may be at most 31 days") == [31 * DAY]
    assert spans_in("maximum window: 12 hours") == [12 * HOUR]


def test_what_was_refused_is_kept_in_mind():
    names = KnownNames()
    names.learn(["from", "to"], "Unknown parameter: to")
    assert names.strict
    assert names.unknown == {"to"}
    assert names.possible(["from", "until"])
    assert not names.possible(["from", "to"])


def test_a_source_that_lists_all_that_it_does_not_know():
    names = KnownNames()
    names.learn(["a", "b", "c", "d", "e"], "unknown parameters ['a', 'b', 'd', 'e']")
    assert names.lists
    assert names.unknown == {"a", "b", "d", "e"}
    one = KnownNames()
    one.learn(["a", "b", "c", "d", "e"], "unknown parameter a")
    assert one.lists is False


def test_refusals_in_words_that_nobody_knows_are_compared_with_that_of_a_stranger():
    names = KnownNames()
    names.learn_unknown(f"Nie ma takiego: {UNKNOWN_NAME}")
    names.learn(["od"], "Nie ma takiego: od")
    names.learn(["do"], "do: zła data")
    assert names.unknown == {"od"}
