"""Cubes of statistics that are huge by their own words, or not what they say: read by what they hold."""

import pytest

from slackwater.formats.payload import jsonstat, sdmx


def cube(**said: object) -> dict[str, object]:
    time = {"category": {"index": ["2020", "2021"]}}
    return {"id": ["time", "place"], "size": [2, 10**9], "dimension": {"time": time, "place": {}}, "value": {}, **said}


def test_a_sparse_cube_is_read_by_its_values_and_not_by_its_size() -> None:
    found = jsonstat.records(cube(value={str(10**9 + 7): 1.5, "3": None, str(10**12): 4, "x": 5}))
    assert found == [{"time": "2021", "place": "7", "value": 1.5}]


@pytest.mark.parametrize("said", [{"size": ["2", 2]}, {"size": [2, 0]}, {"size": [2, 2.5]}])
def test_a_cube_without_whole_sizes_is_none(said: dict[str, object]) -> None:
    assert jsonstat.records(cube(**said)) is None


def test_a_dimension_that_tells_nothing_is_numbered() -> None:
    for dimension in (None, {"category": None}, {"category": {"label": 3}}):
        held = cube(size=[2, 2], dimension={"time": {}, "place": dimension}, value=[1, 2, 3, 4])
        assert jsonstat.records(held)[3] == {"time": "1", "place": "1", "value": 4}


@pytest.mark.parametrize(
    "datasets", [[None], [{"series": {"0": {"observations": [1]}}}], [{"series": [1]}], [{"structure": "a"}]]
)
def test_a_message_that_breaks_its_own_form_holds_nothing(datasets: list[object]) -> None:
    axes = {"observation": [{"id": "TIME_PERIOD", "values": [{"id": "2020"}]}]}
    assert sdmx.records({"dataSets": datasets, "structure": {"dimensions": axes}}) == []
