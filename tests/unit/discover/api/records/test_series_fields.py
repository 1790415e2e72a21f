"""Which fields, or labels of lists that are the same in the whole sample, name the series."""

import pytest

from slackwater.discover.api.records.mixtures import each_evenly
from slackwater.discover.api.records.series_fields import entry_labels, series_fields
from slackwater.model.instants import MINUTE

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
    assert found == ("metric.a0", "metric.a1", "metric.a2", "metric.station")  # in the order of the source


CLOCKS = {
    "two": [(60, 0), (60, 7)],
    "three": [(60, 0), (60, 7), (60, 22)],
    "of other steps": [(60, 0), (45, 7)],
    "with two alike": [(60, 0), (60, 7), (60, 7)],
}


def ticking(clocks: list[tuple[int, int]], count: int = 20) -> tuple[list[str], list[int | None]]:
    rows = sorted((offset + n * step, f"k{place}") for place, (step, offset) in enumerate(clocks) for n in range(count))
    return [name for _, name in rows], [minute * MINUTE for minute, _ in rows]


@pytest.mark.parametrize("clocks", CLOCKS.values(), ids=CLOCKS)
def test_texts_each_of_which_has_a_clock_of_its_own_tell_series_apart(clocks):
    names, times = ticking(clocks)
    assert each_evenly({"type": names}, times) == "type"
    assert each_evenly({"type": names[::-1]}, times[::-1]) == "type"
    assert each_evenly({"state": names}, times) is None  # as of a pump that is switched by a clock


def test_texts_with_clocks_of_their_own_are_chosen_as_series():
    names, times = ticking(CLOCKS["three"])
    values = [20.5 + n * 7 % 11 for n in range(len(times))]
    assert series_fields({"type": names, "level": values}, times, set()) == ("type",)


def apart(names: str, *minutes: int) -> tuple[list[str], list[int | None]]:
    steps = [minutes[n % len(minutes)] for n in range(60)]
    return [names[n % len(names)] for n in range(60)], [sum(steps[:n]) * MINUTE for n in range(60)]


ONE_CLOCK = {
    "evenly in turns": apart("ab", 60),
    "evenly": apart("aababbbab", 60),
    "with gaps": apart("ab", 60, 60, 60, 120, 180, 60, 60),
    "events": apart("abbacab", 7, 31, 2, 90, 11, 5, 64, 3, 1, 77, 20),
    "more often for a while": (
        ["slow"] * 20 + ["fast"] * 40,
        [*range(0, 200 * MINUTE, 10 * MINUTE)] + [(200 + n) * MINUTE for n in range(40)],
    ),
    "one evenly": (["a", "b"] * 30, [n // 2 * 60 * MINUTE + n % 2 * (n * 37 % 50 + 5) * MINUTE for n in range(60)]),
    "few": ticking([(60, 0), (60, 7)], 4),
    "few of one": (
        ["a", "b", "a", "b", "a", "b", "a", "b", *"aaaa"],
        [minute * MINUTE for minute in (0, 7, 60, 67, 120, 127, 180, 187, 240, 300, 360, 420)],
    ),
    "numbers": ([5, 7] * 20, ticking([(60, 0), (60, 7)])[1]),
    "one alone": (["a"] * 40, ticking([(60, 0), (60, 7)])[1]),
}


@pytest.mark.parametrize(("names", "times"), ONE_CLOCK.values(), ids=ONE_CLOCK)
def test_texts_without_clocks_of_their_own_tell_no_series_apart(names, times):
    assert each_evenly({"type": names}, times) is None


@pytest.mark.parametrize(("field", "named"), [("station", True), ("messstelle", True), ("tariff", False)])
def test_stations_that_are_read_by_turns_are_series_though_the_hour_tells_which(field, named):
    names, times = apart("ab", 60)
    values = [20.5 + n * 7 % 11 for n in range(60)]
    assert series_fields({field: names, "level": values}, times, set()) == ((field,) if named else ())


SIZES = [round(10 + n * 37 % 61 + n / 7, 1) for n in range(60)]
TOUCHING = [40.0 if n in (2, 9) else size for n, size in enumerate(SIZES)]
OFTEN = [n * 17 % 23 < 9 for n in range(60)]
CLASSES = {
    "of sizes": (["Good" if size < 40 else "Poor" for size in SIZES], SIZES, False),
    "of another size": (["Good" if often else "Poor" for often in OFTEN], SIZES, True),
    "that overlap by one": (["Good" if size < 40 or n == 1 else "Poor" for n, size in enumerate(SIZES)], SIZES, True),
    "that touch": (["Good" if n == 2 or size < 40 else "Poor" for n, size in enumerate(TOUCHING)], TOUCHING, True),
    "far apart": (
        ["Good" if often else "Poor" for often in OFTEN],
        [n * 7 % 30 + 500 * often for n, often in enumerate(OFTEN)],
        True,
    ),
    "of few values": (
        ["Good" if often else "Poor" for often in OFTEN],
        [n * 7 % 5 + 5 * often for n, often in enumerate(OFTEN)],
        True,
    ),
    "one after the other": (["Good"] * 30 + ["Poor"] * 30, sorted(SIZES), True),
}


@pytest.mark.parametrize(("classes", "sizes", "named"), CLASSES.values(), ids=CLASSES)
def test_classes_that_follow_from_a_value_name_no_series(classes, sizes, named):
    times = [n * 60 * MINUTE for n in range(60)]
    found = series_fields({"Category.Name": classes, "level": sizes}, times, set())
    assert found == (("Category.Name",) if named else ())


def test_texts_that_follow_from_a_value_name_series_where_they_are_no_classes_or_it_is_a_number_of_the_record():
    times = [n * 60 * MINUTE for n in range(60)]
    classes, sizes, _ = CLASSES["of sizes"]
    assert series_fields({"place.name": classes, "level": sizes}, times, set()) == ("place.name",)
    numbers = [4_000 + int(size * 10) for size in sizes]
    columns = {"Category.Name": classes, "level": [n * 29 % 17 / 2 for n in range(60)], "record_id": numbers}
    assert series_fields(columns, times, set()) == ("Category.Name",)
