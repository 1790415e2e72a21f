"""Names in a CSV file: none is a formula to a spreadsheet."""

import csv
import io

import pytest

from slackwater.web.export.stream import Sink, write_csv


def name_in_file(name: str) -> str:
    parts: list[bytes] = []
    sink = Sink(parts.append)
    write_csv(iter([(0, 1.0, name)]), sink)
    sink.hand_on()
    [_, row] = csv.reader(io.StringIO(b"".join(parts).decode(), newline=""))
    return row[2]


@pytest.mark.parametrize(
    "name",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\n=1+1", " =1", "\r\n\t=1", "\u00a0=1", "\ufeff=1", "\u200b=1", "＝1+1", "\n＋1"],
)
def test_what_a_spreadsheet_would_calculate_gets_an_apostrophe(name: str) -> None:
    assert name_in_file(name) == f"'{name}"


@pytest.mark.parametrize("name", ["CO₂ (ppm)", "a=b", "température", "'quoted'", "1-2"])
def test_an_ordinary_name_stays_as_it_is(name: str) -> None:
    assert name_in_file(name) == name
