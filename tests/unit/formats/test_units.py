"""Units in the names of series: found in brackets, and never made of a word that is none."""

import pytest

from slackwater.formats.units import unit_in


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("Preço médio (€)", "€"),
        ("Temp [°C]", "°C"),
        ("Dormidas (n.º)", "n.º"),
        ("Receitas (milhares €) / Norte", "milhares €"),
        ("NO2 (µg/m3)", "µg/m3"),
        ("Flow ( m³/s )", "m³/s"),
        ("RevPAR (€/noite)", "€/noite"),
        ("Radiation (kWh/m²)", "kWh/m²"),
        ("Camas (Norte) (%)", "%"),
        ("Norte / kg", "kg"),
        ("Taxa / % / Lisboa", "%"),
        ("Sexo / H", None),
        ("Setor / t", None),
        ("Norte / Lisboa", None),
        ("Foo (2020)", None),
        ("Pop (total)", None),
        ("Residents (Lisboa)", None),
        ("Homens (H)", None),
        ("Turma (A)", None),
        ("Speed m/s", None),
        ("Empty ()", None),
        ("Long (" + "m/" * 40 + "m)", None),
    ],
)
def test_the_unit_of_a_name(name, unit):
    assert unit_in(name) == unit
