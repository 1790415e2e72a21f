"""Two-digit years: the column decides, or a person."""

from datetime import UTC, date, datetime

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


def in_words(form: str, first: int, last: int) -> list[str]:
    names = ["jan", "fev", "mar", "abr", "mai", "jun", "jul", "ago", "set", "out", "nov", "dez"]
    write = {
        "month": lambda year, month: f"{names[month - 1]}/{year % 100:02}",
        "words": lambda year, month: f"3 {names[month - 1]}. {year % 100:02} 10:00",
        "quarter": lambda year, month: f"{(month + 2) // 3}T/{year % 100:02}" if month % 3 == 1 else "",
        "half": lambda year, month: f"S{(month + 5) // 6}/{year % 100:02}" if month % 6 == 1 else "",
    }[form]
    return [cell for year in range(first, last + 1) for month in range(1, 13) if (cell := write(year, month))]


@pytest.mark.parametrize("form", ["month", "words", "quarter", "half"])
def test_periods_and_words_have_their_century_from_the_column_too(form):
    assert years(in_words(form, 1964, 1972)) == set(range(1964, 1973))
    assert years(in_words(form, 1996, 2003)) == set(range(1996, 2004))
    found = infer_time_form(in_words(form, 1962, 1968))
    assert found is not None
    assert (found.form, found.rivals) == (form, (f"{form}|1900",))


def test_years_of_four_digits_stay_where_they_are_beside_those_of_two():
    read = time_parser("month|1900", UTC)
    assert read(["jan/67", "fev 2024", date(2024, 3, 1)]) == [
        parse_iso(text) for text in ("1967-01-01", "2024-02-01", "2024-03-01")
    ]
    assert years([f"jan {year}" for year in range(2020, 2060)]) == set(range(2020, 2060))
