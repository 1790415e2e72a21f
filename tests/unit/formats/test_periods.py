from datetime import UTC

import pytest

from slackwater.formats.month_names import month_number
from slackwater.formats.periods import quarter_number
from slackwater.formats.timestamp_inference import infer_time_form
from slackwater.formats.timestamps import time_parser
from slackwater.model.instants import parse_iso


@pytest.mark.parametrize(
    ("form", "text", "start"),
    [
        ("month", "janeiro 2024", "2024-01-01"),
        ("month", "Março de 2024", "2024-03-01"),
        ("month", "2023 NOV", "2023-11-01"),
        ("month", "2024M03", "2024-03-01"),
        ("month", "jan/24", "2024-01-01"),
        ("month", "dez-98", "1998-12-01"),
        ("month", "août 2024", "2024-08-01"),
        ("month", "septiembre 2024", "2024-09-01"),
        ("month", "2024Jan", "2024-01-01"),
        ("quarter", "2024-Q3", "2024-07-01"),
        ("quarter", "1.º T 2024", "2024-01-01"),
        ("quarter", "2024T4", "2024-10-01"),
        ("quarter", "2.º trimestre de 2024", "2024-04-01"),
        ("quarter", "Q4/23", "2023-10-01"),
        ("quarter", "IV T 2024", "2024-10-01"),
        ("quarter", "2024 2", "2024-04-01"),
        ("half", "2023-S2", "2023-07-01"),
        ("half", "1.º semestre 2023", "2023-01-01"),
        ("week", "2024-W05", "2024-01-29"),
        ("week", "2020 53", "2020-12-28"),
        ("week", "Semana 1 2021", "2021-01-04"),
        ("day", "5 de março de 2024", "2024-03-05"),
        ("day", "1er janvier 2024", "2024-01-01"),
        ("day", "March 5, 2024", "2024-03-05"),
    ],
)
def test_a_period_is_the_midnight_that_it_begins_with(form, text, start):
    assert time_parser(form, UTC)([text]) == [parse_iso(start)]


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("quarter", "2024-Q5"),
        ("week", "2023-W53"),
        ("month", "2024M13"),
        ("month", "foo 2024"),
        ("day", "31 fev 2024"),
        ("month", "jui 2024"),
    ],
)
def test_what_is_no_period_is_none(form, text):
    assert time_parser(form, UTC)([text]) == [None]


@pytest.mark.parametrize(
    ("samples", "form"),
    [
        (["1.º T 2023", "2.º T 2023"], "quarter"),
        (["dez/23", "jan/24"], "month"),
        (["2023-S1", "2023-S2"], "half"),
        (["29 février 2024", "1 mars 2024"], "day"),
        (["2024 1", "2024 2"], None),
        (["Janeiro", "Fevereiro"], None),
    ],
)
def test_the_form_of_periods_is_told_from_samples(samples, form):
    found = infer_time_form(samples)
    assert (found.form if found else None) == form


def test_parts_of_a_year_are_known_by_themselves():
    assert [month_number(name) for name in ("Fev.", "OUTUBRO", "sept", "jui", "x")] == [2, 10, 9, None, None]
    assert [quarter_number(name) for name in ("1.º T", "Q4", "3rd quarter", "5.º T")] == [1, 4, 3, None]
