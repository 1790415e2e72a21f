"""Names of months: the whole column says of which language they are."""

import tomllib
from datetime import UTC
from importlib.resources import files

import pytest

from slackwater.formats.month_names import month_number, plain
from slackwater.formats.timestamp_inference import infer_time_form
from slackwater.formats.timestamps import time_parser
from slackwater.model.instants import parse_iso

LANGUAGES = tomllib.loads(files("slackwater.formats").joinpath("months.toml").read_text("utf-8"))
YEAR = [parse_iso(f"2023-{month:02}-01") for month in range(1, 13)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("write", ["{} 2023", "{}/23", "2023 {}", "01 {} 2023"])
def test_a_year_of_months_is_read_in_every_language(language, write):
    for place in (0, -1):
        names = [month.split()[place] for month in LANGUAGES[language].split("|")]
        cells = [write.format(name.capitalize()) for name in names]
        found = infer_time_form(cells)
        assert found is not None, cells
        assert not found.ambiguous, (cells, found)
        assert time_parser(found.form, UTC)(cells) == YEAR, (cells, found)


def test_a_name_of_two_months_is_read_by_its_language_or_asked_about():
    months = ["październik 2023", "listopad 2023", "grudzień 2023"]
    found = infer_time_form(months)
    assert found is not None
    assert time_parser(found.form, UTC)(months) == YEAR[9:]
    found = infer_time_form(["listopad 2021", "listopad 2022", "listopad 2023"])
    assert found is not None
    assert found.ambiguous


@pytest.mark.parametrize(
    ("text", "month"),
    [("Mrz", 3), ("Jänner", 1), ("setiembre", 9), ("Février", 2), ("Sept.", 9), ("jui", None), ("x", None)],
)
def test_names_that_need_no_language(text, month):
    assert month_number(text) == month


def test_accents_and_case_do_not_matter():
    assert plain("  MARÇO\u00a0de ") == "marco de"


def test_a_language_that_is_not_known_is_told():
    with pytest.raises(ValueError, match="'xx' is no language"):
        time_parser("month:xx", UTC)
