"""What no source means is asked about: series named by times, one for each row, numbers with units left over."""

import pytest

from runs import Recorder
from slackwater.discover.file.pipeline import discover
from slackwater.discover.inference.plausibility import API, names_of_times, refuse_value_names, unread_quantities
from slackwater.errors import Question
from slackwater.pipe.frames import Found


async def look(text: str, **config: object) -> Found:
    run = Recorder(config={"file_id": "f", **config}, task="discover", content=text.encode(), file_name="a.csv")
    return await discover(run)


@pytest.mark.parametrize(
    "texts",
    [
        ["11:00p", "11:30p", "12:00a"],
        ["13h15", "13h30", "13h45"],
        ["12:15 AM", "12:30 AM", "12:45 AM"],
        ["00:00-00:15", "00:15-00:30", "00:30-00:45"],
        [f"HE{n}" for n in range(1, 25)],
        [f"SP{n}" for n in range(1, 49)],
        ["2024-05-01", "2024-05-02", "2024-05-03"],
        ["2024-05-01T10:00:00Z", "2024-05-01T11:00:00Z", "2024-05-01T12:00:00Z", "_time"],
    ],
)
def test_clocks_periods_and_dates_name_no_series(texts: list[str]) -> None:
    assert names_of_times(texts)


@pytest.mark.parametrize("texts", [["north", "south", "west"], ["1", "2", "3"], ["PM10", "PM25", "NO2"], ["H1", "H2"]])
def test_other_texts_may(texts: list[str]) -> None:
    assert not names_of_times(texts)


def test_numbers_with_units_are_measurements_that_were_not_read() -> None:
    columns = {
        "use": [f"{n / 7:.2f} kWh" for n in range(20)],
        "Betrag": [f"{n}.234,5{n}-" if n % 3 else f"{n},00" for n in range(1, 10)],
        "depth": ["5 m", "10 m"] * 10,
        "street": [f"{n} North Road" for n in range(20)],
    }
    assert list(unread_quantities(columns)) == ["use", "Betrag"]


@pytest.mark.parametrize("unit", ["Kč", "zł", "кВт", "元", "kWh", " bytes"])
@pytest.mark.parametrize("first", [120, 1_234_567_890])
def test_units_in_any_letters_are_units_of_numbers_however_long(unit, first):
    cells = [f"{first + n * n * 7} {unit}" for n in range(30)]
    assert list(unread_quantities({"Budget": cells})) == ["Budget"]


def test_keys_that_end_in_a_word_are_no_quantities():
    for mark in ("", ".", "-"):
        assert unread_quantities({"id": [f"{1_772_323_200 + n * 3_600}{mark}entry" for n in range(30)]}) == {}


@pytest.mark.parametrize("form", ["{}¢", "{} ″", "< {}", "~{}", "▲ {}", "↑{}", "×{}", "{} ± 0.2", "123456789kg{:.0s}"])
def test_signs_beside_numbers_that_nothing_reads_are_asked_about(form):
    cells = (
        [form.format(f"{n * 7 % 40}.5") for n in range(30)]
        if "kg" not in form
        else [f"12345678{n % 12}kg" for n in range(30)]
    )
    assert list(unread_quantities({"Q": cells})) == ["Q"]


@pytest.mark.parametrize(
    "form",
    ["#{}", "№ {}", "§ {}", "@{}", "v{}", "A-{}", "{}/5", "{}+", "({})", "M {}.5", "{}:30", "&{}", "No. {}", "*{}"],
)
def test_signs_of_codes_beside_numbers_are_no_units(form):
    assert unread_quantities({"code": [form.format(n + 1) for n in range(30)]}) == {}


async def test_an_event_of_each_row_names_no_series() -> None:
    rows = "\n".join(f"2024-03-{n // 2 + 1:02},caller {n * 7919 % 9973},{n % 5 + 0.5}" for n in range(30))
    with pytest.raises(Question, match="events and no series") as asked:
        await look(f"date,who,minutes\n{rows}\n")
    assert asked.value.field == "series_columns"


async def test_a_nearly_empty_column_names_no_series() -> None:
    rows = "\n".join(
        f"2024-03-{n + 1:02},{n % 7 + 0.5},{'seen' if n == 4 else 'gone' if n == 9 else ''}" for n in range(30)
    )
    found = await look(f"date,level,event\n{rows}\n")
    assert "event" not in found.code


async def test_a_unit_that_changes_parts_the_series() -> None:
    rows = "\n".join(
        f"2024-03-{n + 1:02},{20.5 + n % 3 if n < 15 else 70.5 + n % 3},{'C' if n < 15 else 'F'}" for n in range(30)
    )
    found = await look(f"date,level,Einheit\n{rows}\n")
    assert 'series="Einheit"' in found.code or 'series=["Einheit"]' in found.code


async def test_zones_in_a_column_of_any_name_are_asked_about() -> None:
    rows = "\n".join(f"2024-03-{n + 1:02} 10:00,{'EST' if n < 9 else 'EDT'},{n % 7 + 0.5}" for n in range(30))
    with pytest.raises(Question) as asked:
        await look(f"datetime,tz_cd,flow\n{rows}\n")
    assert asked.value.field == "timezone"


def test_names_that_are_even_numbers_count_a_time() -> None:
    names = [f"Values.{n * 300}" for n in range(40)]
    with pytest.raises(Question, match="which are times and no names of series"):
        refuse_value_names(names, API)
    with pytest.raises(Question, match="which are times and no names of series"):
        refuse_value_names([f"{n * 15}" for n in range(96)], API)  # minutes of a whole day
    refuse_value_names(names[:9], API)  # as of depths
    refuse_value_names([f"{n * 10}" for n in range(40)], API)
    refuse_value_names([f"Values.{n}" for n in range(40)], API)  # places in a list
