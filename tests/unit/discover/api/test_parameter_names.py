"""Words as names, in the styles of parameters."""

import pytest

from slackwater.discover.api.parameter_names import STYLES, Styles, small_number, spelt, style_of, styles_of
from slackwater.discover.api.probe import Sample


def test_styles():
    assert [spelt("page size", style) for style in STYLES] == [
        "page_size",
        "pageSize",
        "pagesize",
        "page-size",
        "PageSize",
    ]
    assert [style_of(spelt("start date", style)) for style in STYLES] == list(STYLES)
    assert style_of("limit") is None
    assert style_of("value") is None


def test_names_come_in_the_clear_style_first():
    names = list(
        Styles(("kebab", "snake", "camel", "flat", "pascal"), clear=True).names(["limit", "page size", "$top"])
    )
    assert names[:3] == ["limit", "page-size", "$top"]
    assert set(names) >= {"page_size", "pageSize", "pagesize", "PageSize"}
    assert len(names) == len(set(names))


def test_without_a_clear_style_two_take_turns():
    pairs = Styles().pairs([("start date", "end date"), ("from", "to")])
    assert pairs[:3] == [("start_date", "end_date"), ("startDate", "endDate"), ("from", "to")]


@pytest.mark.parametrize(
    ("url", "body", "style"),
    [
        ("https://x.org/a?station-id=7", {"rows": []}, "kebab"),
        ("https://x.org/a", {"rows": [], "nextToken": "x", "totalCount": 4}, "camel"),
        ("https://x.org/a?minlatitude=3", {"rows": []}, "flat"),
        ("https://x.org/a", {"rows": [], "page_info": 1}, "snake"),
        ("https://x.org/a", {"rows": [], "TotalCount": 9}, "pascal"),
    ],
)
def test_the_style_of_a_source(url, body, style):
    found = styles_of(Sample(url, url, body), "rows")
    assert found.order[0] == style
    assert found.clear


def test_numbers_that_may_be_pages():
    assert [small_number(each) for each in ("0", "17", 3)] == [0, 17, 3]
    assert [small_number(each) for each in ("2024-01-01", "1733011200", "-1", True, 1.5, "")] == [None] * 6


def test_parameters_that_are_seen_are_written_as_the_others_are_whatever_fields_are_called():
    url = "https://x.org/a?api-key=7"
    body = {"rows": [], "station_id": 1, "generated_at": 2, "page_info": 3, "last_seen": 4}
    found = styles_of(Sample(url, url, body), "rows")
    assert found.order[:2] == ("kebab", "snake")
    assert not found.clear
