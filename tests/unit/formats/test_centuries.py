"""Two-digit years: the column decides, or a person."""

from datetime import UTC, datetime

import pytest

from slackwater.formats.timestamp_inference import infer_time_form
from slackwater.formats.timestamps import time_parser
from slackwater.model.instants import from_micros, parse_iso


def months(first: int, last: int, form: str) -> list[str]:
    return [
        f"{datetime(year, month, 1, tzinfo=UTC):{form}}" for year in range(first, last + 1) for month in range(1, 13)
    ]


def years(cells: list[str]) -> set[int]:
    found = infer_time_form(cells)
    assert found is not None
    assert not found.ambiguous, found
    return {from_micros(time).year for time in time_parser(found.form, UTC)(cells) if time is not None}


@pytest.mark.parametrize("form", ["%b-%y", "%d/%m/%y", "%d-%b-%y"])
@pytest.mark.parametrize(("first", "last"), [(1964, 1972), (1949, 1971), (1990, 2004), (2001, 2011)])
def test_neighbours_are_never_a_century_apart(form, first, last):
    assert years(months(first, last, form)) == set(range(first, last + 1))


@pytest.mark.parametrize(("first", "last"), [(1930, 1950), (1962, 1968)])
def test_a_column_in_a_century_to_come_or_past_is_asked_about(first, last):
    found = infer_time_form(months(first, last, "%b-%y"))
    assert found is not None
    assert (found.form, found.rivals) == ("%b-%y", ("%b-%y|1900",))


def test_a_person_names_the_hundred_years():
    read = time_parser("%d/%m/%y|1900", UTC)
    assert read(["29/02/60", "01/01/05", "no"]) == [parse_iso("1960-02-29"), parse_iso("1905-01-01"), None]
    assert read(["29/02/00"]) == [None]
    assert time_parser("%d/%m/%y|1950", UTC)(["01/02/49"]) == [parse_iso("2049-02-01")]
