"""Parameters of a URL: in its query, and as parts of its path."""

import pytest

from slackwater.runtime.api.url_parameters import called, days_in_path, merged, parts_of_path, with_params
from slackwater.runtime.api.wrapper import ApiWrapper


@pytest.mark.parametrize(
    ("url", "params", "after"),
    [
        ("http://x/obs/2026-11-01/2026-11-10/all?c=no2", {"/2": "2026-01-01"}, "/obs/2026-01-01/2026-11-10/all?c=no2"),
        ("http://x/Start=2026-11-01/Json", {"/1": "2025-01-02", "n": 3}, "/Start=2025-01-02/Json?n=3"),
        ("http://x/day/2026/11/18?z=1", {"/2-4": "2025/01/02"}, "/day/2025/01/02?z=1"),
        ("http://x/datos/01-02-2026%2003:04", {"/2": "05-06-2026 07:08"}, "/datos/05-06-2026%2007:08"),
        ("http://x/a?n=1&from=2", {"from": 3}, "/a?n=1&from=3"),
    ],
)
def test_each_parameter_goes_where_it_stands(url, params, after):
    for put in (with_params, merged):
        changed = put(url, params)
        assert changed.removeprefix("http://x").replace("%3A", ":") == after


def test_a_part_that_a_path_does_not_have_changes_nothing():
    assert merged("http://x/a?b=1", {"/7": "2026-01-01"}) == "http://x/a?b=1"


def test_parts_are_called_by_what_they_say():
    url = "http://x/counts/2026/11/18/SiteCode=MY1"
    assert list(parts_of_path(url))[-1] == ("/5", "MY1")
    assert list(parts_of_path("http://x/from/01-02-2026%2003:04")) == [("/1", "from"), ("/2", "01-02-2026 03:04")]
    assert list(days_in_path(url)) == [("/2-4", "2026/11/18")]
    assert called("/2-4", url) == "`/2026/11/18`"
    assert called("from", url) == "`from`"


@pytest.mark.parametrize("put", [with_params, merged])
def test_a_blank_is_no_plus_sign(put):
    """A server that reads URLs and no forms, as those of OData do, would take it for a plus sign."""
    changed = put("http://x/a?z=2%2B3&f=a%20eq%201", {"g": "t ge 2"})
    assert changed == "http://x/a?z=2%2B3&f=a%20eq%201&g=t%20ge%202"
    wrapper = ApiWrapper(url="http://x/a?f=a%20eq%201", params={"g": "t ge 2"}, records="r", time="t", value="v")
    assert wrapper.url == "http://x/a?f=a%20eq%201&g=t%20ge%202"
