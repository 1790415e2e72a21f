"""Shapes as values: what lies at a place → flat records."""

import pytest

from slackwater.formats.payload.csv_answers import csv_records
from slackwater.formats.payload.shapes import Place
from slackwater.formats.payload.text import from_xml

CUBE = {
    "id": ["geo", "time"],
    "size": [2, 2],
    "dimension": {
        "geo": {"category": {"index": {"PT": 1, "ES": 0}, "label": {"PT": "Portugal", "ES": "Spain"}}},
        "time": {"category": {"index": ["2023", "2024"], "label": {"2023": "year 23", "2024": "year 24"}}},
    },
    "role": {"time": ["time"]},
}
CELLS = [
    {"geo": "Spain", "time": "2023", "value": 1.5},
    {"geo": "Portugal", "time": "2023", "value": 3},
    {"geo": "Portugal", "time": "2024", "value": 4},
]
AXES = {
    "series": [{"id": "GEO", "values": [{"id": "PT", "name": "Portugal"}, {"id": "ES", "name": "Spain"}]}],
    "observation": [{"id": "TIME_PERIOD", "values": [{"id": "2023"}, {"id": "2024"}]}],
}
SERIES = {"0": {"observations": {"0": [3, 0], "1": [4, 0]}}, "1": {"observations": {"0": [1.5]}}}
OBSERVED = [
    {"GEO": "Portugal", "TIME_PERIOD": "2023", "value": 3},
    {"GEO": "Portugal", "TIME_PERIOD": "2024", "value": 4},
    {"GEO": "Spain", "TIME_PERIOD": "2023", "value": 1.5},
]
FLAT = {"observation": AXES["series"] + AXES["observation"]}

GRID = {
    "type": "Coverage",
    "domain": {"axes": {"t": {"values": ["2024-01", "2024-02"]}, "x": {"start": 1, "stop": 2, "num": 2}}},
    "ranges": {
        "z": {"axisNames": ["x", "t"], "shape": [2, 2], "values": [1, 2, 3, None]},
        "time": {"axisNames": ["t"], "shape": [2], "values": [7, 8]},
    },
}
GRIDDED = [
    {"z": 1, "time (parameter)": 7, "position": "x=1.0", "time": "2024-01"},
    {"z": 3, "time (parameter)": 7, "position": "x=2.0", "time": "2024-01"},
    {"z": 2, "time (parameter)": 8, "position": "x=1.0", "time": "2024-02"},
    {"z": None, "time (parameter)": 8, "position": "x=2.0", "time": "2024-02"},
]
TRACK = {
    "type": "Coverage",
    "domain": {
        "axes": {
            "composite": {"dataType": "tuple", "coordinates": ["t", "x"], "values": [["2024-01", 5], ["2024-02", 6]]},
            "z": {"values": [10]},
        }
    },
    "ranges": {"wind": {"axisNames": ["composite"], "shape": [2], "values": [3, 4]}},
}
TRACKED = [
    {"wind": 3, "position": "x=5 z=10", "time": "2024-01"},
    {"wind": 4, "position": "x=6 z=10", "time": "2024-02"},
]
ELSEWHERE = {**TRACK, "ranges": {"wind": "https://elsewhere.example/wind.covjson"}}
SHORT = {**TRACK, "ranges": {"wind": {"axisNames": ["composite"], "shape": [2], "values": [3]}}}
TIMELESS = {**TRACK, "domain": {"axes": {"composite": {"values": [1, 2]}}}}


@pytest.mark.parametrize(
    ("place", "body", "records"),
    [
        (Place("1"), [{"page": 1}, [{"a": 1}]], [{"a": 1}]),
        (Place("*.v"), [{"id": "A", "v": [{"t": 1}]}, {"id": "B"}], [{"id": "A", "t": 1}]),
        (Place("*"), {"A": [{"t": 1}], "B": [{"t": 2}]}, [{"series": "A", "t": 1}, {"series": "B", "t": 2}]),
        (Place("*"), {"A": [{"t": 1}], "sources": ["LMS"]}, [{"series": "A", "t": 1}]),
        (Place("*.*"), {"A": {"x": [{"t": 1}]}}, [{"series": "A x", "t": 1}]),
        (Place("*.v"), [{"id": 1, "v": [{"id": 2}]}], [{"id": 2, "parent.id": 1}]),
        (Place("a.*.v"), {"a": []}, []),
        (Place("a.*.v"), {"error": "none"}, None),
        (Place("rows", "rows", "names"), {"names": ["t", "y"], "rows": [[1, 2]]}, [{"t": 1, "y": 2}]),
        (Place(None, "rows"), [["t", "y"], [1, 2]], [{"t": 1, "y": 2}]),
        (Place(None, "rows", ("t", "y")), [[1, 2]], [{"t": 1, "y": 2}]),
        (Place(None, "pairs"), [[1, 2]], [{"time": 1, "value": 2}]),
        (Place("h", "columns"), {"h": {"t": [1, 2], "y": [3, 4], "k": ["m"]}}, [{"t": 1, "y": 3}, {"t": 2, "y": 4}]),
        (Place("h", "columns"), {"h": {}}, []),
        (Place("r", "keyed"), {"r": {"2024": {"USD": 1}}}, [{"USD": 1, "key": "2024"}]),
        (Place("r", "keyed"), {"r": {"2024": 1}}, [{"key": "2024", "value": 1}]),
        (Place("r", "keyed"), {"r": []}, []),
        (Place(None, "object"), {"t": 1}, [{"t": 1}]),
        (Place(None, "jsonstat"), {**CUBE, "value": [1.5, None, 3, 4]}, CELLS),
        (Place(None, "jsonstat"), {**CUBE, "value": {"0": 1.5, "2": 3, "3": 4}}, CELLS),
        (Place(None, "sdmx"), {"dataSets": [{"series": SERIES}], "structure": {"dimensions": AXES}}, OBSERVED),
        (
            Place(None, "sdmx"),
            {"data": {"dataSets": [{"series": SERIES}], "structures": [{"dimensions": AXES}]}},
            OBSERVED,
        ),
        (
            Place(None, "sdmx"),
            {"dataSets": [{"observations": {"0:0": [3], "0:1": [4], "1:0": [1.5]}}], "structure": {"dimensions": FLAT}},
            OBSERVED,
        ),
        (Place(None, "covjson"), GRID, GRIDDED),
        (Place(None, "covjson"), {"type": "CoverageCollection", "coverages": [GRID, TRACK]}, [*GRIDDED, *TRACKED]),
        (Place(None, "covjson"), {"type": "CoverageCollection", "coverages": []}, []),
        (Place(None, "covjson"), {"type": "CoverageCollection", "coverages": [GRID, ELSEWHERE]}, None),
        (Place(None, "covjson"), SHORT, None),
        (Place(None, "covjson"), TIMELESS, None),
        (Place(None, "covjson"), {"error": "none"}, None),
        (Place("r", "dated"), {"t": 1, "r": [{"a": 2, "t": 3}]}, [{"a": 2, "t": 3, "parent.t": 1}]),
        (Place("d.r", "dated"), {"t": 0, "d": {"t": 1, "x": [], "r": [{"a": 2}]}}, [{"a": 2, "t": 1}]),
        (Place("r", "dated"), {"t": 1, "r": []}, []),
        (Place("r", "dated"), {"t": 1, "r": 5}, None),
        (Place(None, "csv"), "# remark\na;b\n1,5;2\n", [{"a": "1,5", "b": "2"}]),
        (Place(None, "csv"), "a\tb\n", []),
        (Place(None, "csv", ("0", "1")), "2024-01-01,2\n", [{"0": "2024-01-01", "1": "2"}]),
        (Place(None, "ndjson"), '{"a": 1}\n{"a": 2}\n', [{"a": 1}, {"a": 2}]),
        (Place(None, "ndjson"), {"a": 1}, [{"a": 1}]),
        (Place(None, "ndjson"), "no\njson", None),
    ],
)
def test_the_records_of_a_shape(place, body, records):
    assert place.records(body) == records


def test_xml_is_read_as_json_would_say_it():
    body = from_xml(b'<?xml version="1.0"?><d xmlns="urn:x"><o t="2024-01-01">1.5</o><o t="2024-01-02">2</o></d>')
    assert Place("d.o").records(body) == [{"t": "2024-01-01", "text": "1.5"}, {"t": "2024-01-02", "text": "2"}]
    assert Place("d.o").records(from_xml(b'<d><o t="2024-01-01">1.5</o></d>')) == [{"t": "2024-01-01", "text": "1.5"}]
    assert from_xml(b"<html><body/></html>") is None
    assert from_xml(b'<!DOCTYPE d [<!ENTITY a "b">]><d>&a;</d>') is None


def test_text_with_a_line_beyond_all_measure_is_no_csv():
    assert csv_records("time,value\n2024-01-01,1\n" + "x" * 200_000 + ",2\n", None) is None


def test_names_of_csv_may_stand_below_a_row_about_it_that_is_as_wide():
    rows = [f"D,PRICE,,2026/03/{day:02},1,{day}.5" for day in range(1, 20)]
    found = csv_records("\n".join(["C,MARKET,REPORT,DAILY,2026/03/03,331", "I,PRICE,,SETTLED,RUN,PRICE", *rows]), None)
    assert len(found) == 19
    assert found[0]["SETTLED"] == "2026/03/01"


def test_a_row_without_a_number_among_others_holds_no_names():
    rows = [f"{'AB'[n % 2]},{'n/a' if n == 3 else n + 0.5}" for n in range(1, 20)]
    assert len(csv_records("\n".join(rows), None)) == 18  # but for the first, as answers have names
