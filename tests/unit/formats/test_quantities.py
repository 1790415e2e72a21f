"""Numbers with their unit behind them, and what only looks like that."""

import pytest

from slackwater.formats.quantities import are_units, unit_of, without_unit


@pytest.mark.parametrize(
    ("cells", "unit"),
    [
        (["12.3 µg/m³", "8 µg/m³", None, "-"], "µg/m³"),
        (["5 mph", "15 mph"], "mph"),
        (["1.234,5kWh", "7kWh"], "kWh"),
        (["-3.5 °C"], "°C"),
        (["5 kW", "5000 W"], None),
        (["5 to 10 mph", "5 mph"], None),
        (["12 Main", "14 Main"], None),
        (["12.5 %"], None),
        ([1.5, 2.5], None),
        ([None, ""], None),
    ],
)
def test_the_unit_of_a_column(cells: list[object], unit: str | None) -> None:
    assert unit_of(cells) == unit


def test_only_the_unit_is_taken_off() -> None:
    assert [without_unit(cell, "m") for cell in ("2.5 m", "2.5m", "2.5 km/h", 3, None)] == [
        "2.5",
        "2.5",
        "2.5 km/h",
        3,
        None,
    ]


def test_units_by_themselves() -> None:
    assert are_units(["ppm", "µg/m³", None])
    assert are_units(["m³/s", "EUR/MWh"])
    assert not are_units(["north", "south"])
    assert not are_units(["mb", "ml"]), "magnitudes of earthquakes"
    assert not are_units(["V", "A"])
    assert not are_units([])
    assert not are_units([1, 2])
