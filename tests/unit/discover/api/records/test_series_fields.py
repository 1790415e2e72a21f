"""Which labels of lists that are the same in the whole sample name the series."""

import pytest

from slackwater.discover.api.records.series_fields import entry_labels

LABELS = {"metric.job": ["north"] * 3, "metric.site": ["A"] * 3}
VALUES = {"took": [1, 1, 1], "values.0": [0, 60, 120], "values.1": ["1.5", "1.5", "2.5"]}


def named(more: dict, url: str = "http://x/A/query?start=1", taken: str = "") -> set[str]:
    return set(entry_labels({**LABELS, **VALUES, **more}, {taken}, {"metric", "took", "about", "code"}, url))


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"code": ["north"] * 3},  # no object of texts
        {"place.name": ["Upper"] * 3},  # of the records themselves
        {"about.name": ["Upper"] * 3, "about.height": [4] * 3},
        {"about.name": ["Upper"] * 3, "about.since": ["2024-01-01"] * 3},
        {"metric.host": ["a", "a", "b"]},
        {"metric.note": ["calibrated"] * 3},
        {"metric.empty": [" "] * 3},
    ],
)
def test_labels_of_objects_of_texts_alone_that_never_change_name_the_series(more):
    assert named(more) == {"metric.job", "metric.site"}


def test_what_is_taken_or_selected_by_the_url_names_no_series():
    assert named({}, taken="metric.job") == {"metric.site"}
    assert named({}, url="http://x/query?q=m%7Bsite%3D%22A%22%7D") == {"metric.job"}
    assert named({}, url="http://x/query?q=ABA&job=northern") == {"metric.job", "metric.site"}


def test_of_many_labels_those_that_are_called_as_series_are_taken_first():
    more = {f"metric.a{n}": [f"v{n}"] * 3 for n in range(6)}
    found = entry_labels({**more, "metric.station": ["w"] * 3}, set(), {"metric"}, "http://x")
    assert len(found) == 4
    assert "metric.station" in found
