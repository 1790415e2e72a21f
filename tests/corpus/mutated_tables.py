"""Tables that are known to the point, and the ways in which publishers write the same table down: one a mutation.

A `Draft` is the truth and how it will be written; a `Kind` changes the writing and never the truth. Kinds of one group
exclude each other. `doubts` are the reasons for which a question is right; without any a question is one too many.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import sin
from random import Random
from typing import Any

import openpyxl

from slackwater.model.instants import DAY, HOUR, MINUTE, from_micros, to_micros

Points = dict[str, dict[int, float]]
Cell = str | float | datetime | None
Row = list[Any]

STEPS = {"quarter hour": 15 * MINUTE, "half hour": 30 * MINUTE, "hour": HOUR, "day": DAY, "week": 7 * DAY}
MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}
NAMES = {
    "en": ("Date", "Value", "Station", ("Temperature (°C)", "Flow (m3/s)", "Energy (kWh)", "Price", "Visitors")),
    "pt": ("Data", "Valor", "Estação", ("Temperatura (°C)", "Caudal (m3/s)", "Energia (kWh)", "Preço", "Dormidas")),
    "es": ("Fecha", "Valor", "Estación", ("Temperatura (°C)", "Caudal (m3/s)", "Energía (kWh)", "Precio", "Turistas")),
    "fr": ("Date", "Valeur", "Station", ("Température (°C)", "Débit (m3/s)", "Énergie (kWh)", "Prix", "Visiteurs")),
    "de": ("Datum", "Wert", "Station", ("Temperatur (°C)", "Abfluss (m3/s)", "Energie (kWh)", "Preis", "Besucher")),
    "it": ("Data", "Valore", "Stazione", ("Temperatura (°C)", "Portata (m3/s)", "Energia (kWh)", "Prezzo", "Presenze")),
    "nl": ("Datum", "Waarde", "Station", ("Temperatuur (°C)", "Afvoer (m3/s)", "Energie (kWh)", "Prijs", "Bezoekers")),
    "pl": ("Data", "Wartość", "Stacja", ("Temperatura (°C)", "Przepływ (m3/s)", "Energia (kWh)", "Cena", "Goście")),
}
PLACES = ("Faro", "Évora", "Łódź", "Saint-Denis", "Köln", "Porto", "Lagos", "Beja")


@dataclass
class Draft:
    """A known table and how it is to be written."""

    rng: Random
    step: str
    times: list[int]
    series: Points
    language: str = "en"
    when: Callable[[int], list[Cell]] = lambda time: [from_micros(time).strftime("%Y-%m-%d %H:%M")]
    time_names: list[str] = field(default_factory=list)
    number: Callable[[float], Cell] = repr
    missing: Cell = ""
    layout: str = "columns"
    names: bool = True  # whether the columns are named
    before: list[tuple[str, Callable[[int, int, str], Cell]]] = field(default_factory=list)  # further columns: left
    after: list[tuple[str, Callable[[int, int, str], Cell]]] = field(default_factory=list)  # and right
    above: list[Row] = field(default_factory=list)
    below: list[Row] = field(default_factory=list)
    units: bool = False
    arrange: Callable[[list[Row]], list[Row]] = lambda rows: rows
    text: Callable[[list[str]], list[str]] = lambda lines: lines  # the last change, of the finished lines
    delimiter: str = ","
    encoding: str = "utf-8"
    newline: str = "\n"
    workbook: bool = False
    config: dict[str, Any] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)

    @property
    def header(self) -> str:
        """The name of the time's column."""
        return NAMES[self.language][0]

    @property
    def of_days(self) -> bool:
        """Whether its times are days or longer."""
        return self.step not in {"quarter hour", "half hour", "hour"}

    def file(self) -> tuple[str, bytes]:
        """Return the name and the content of the file."""
        rows = self._rows()
        if self.workbook:
            return "a.xlsx", _saved(rows)
        out = io.StringIO()
        writer = csv.writer(out, delimiter=self.delimiter, lineterminator="\n")
        writer.writerows([["" if cell is None else cell for cell in row] for row in rows])
        lines = self.text(out.getvalue().split("\n"))
        content = self.newline.join(lines)
        try:
            return "a.csv", content.encode(self.encoding)
        except UnicodeEncodeError:
            return "a.csv", content.encode()

    def _rows(self) -> list[Row]:
        head, body = getattr(self, f"_{self.layout}")()
        body = self.arrange(body)
        width = len(body[0])
        heads = [*self._units(head, width), *body] if self.names else body
        return [*self.above, *([head] if self.names else []), *heads, *self.below]

    def _units(self, head: Row, width: int) -> list[Row]:
        return [["", *["mm"] * (width - 1)]] if self.units and len(head) > 1 else []

    def cell(self, name: str, time: int) -> Cell:
        """A value as it is written."""
        value = self.series[name].get(time)
        return self.missing if value is None else self.number(value)

    def _beside(self, columns: list[tuple[str, Callable[[int, int, str], Cell]]], n: int, time: int, name: str) -> Row:
        return [write(n, time, name) for _, write in columns]

    def _columns(self) -> tuple[Row, list[Row]]:
        """A time for each row, the series beside each other."""
        head = [*(name for name, _ in self.before), *(self.time_names or [self.header]), *self.series]
        body = [
            [
                *self._beside(self.before, n, time, ""),
                *self.when(time),
                *(self.cell(name, time) for name in self.series),
                *self._beside(self.after, n, time, ""),
            ]
            for n, time in enumerate(self.times)
        ]
        return [*head, *(name for name, _ in self.after)], body

    def _long(self) -> tuple[Row, list[Row]]:
        """A row for each point, with the name of its series."""
        _, value, place, _ = NAMES[self.language]
        head = [*(name for name, _ in self.before), *(self.time_names or [self.header]), place, value]
        body, n = [], 0
        for name in self.series:
            for time in self.times:
                body.append(
                    [
                        *self._beside(self.before, n, time, name),
                        *self.when(time),
                        name,
                        self.cell(name, time),
                        *self._beside(self.after, n, time, name),
                    ]
                )
                n += 1
        return [*head, *(name for name, _ in self.after)], body

    def _across(self) -> tuple[Row, list[Row]]:
        """The series down, the times across."""
        head = [NAMES[self.language][2], *(self.when(time)[0] for time in self.times)]
        return head, [[name, *(self.cell(name, time) for time in self.times)] for name in self.series]

    def _clocks_across(self) -> tuple[Row, list[Row]]:
        """Days down, the clock across; of a single series."""
        [name] = self.series
        days = sorted({time // DAY * DAY for time in self.times})
        clocks = sorted({time % DAY for time in self.times})
        head = [self.header, *(self.clock_name(clock) for clock in clocks)]
        return head, [[*self.when(day), *(self.cell(name, day + clock) for clock in clocks)] for day in days]

    clock_name: Callable[[int], str] = lambda clock: f"{clock // HOUR:02}:{clock % HOUR // MINUTE:02}"

    def _months_across(self) -> tuple[Row, list[Row]]:
        """Years down, months across; of a single series."""
        [name] = self.series
        years = sorted({from_micros(time).year for time in self.times})
        head = [{"en": "Year", "pt": "Ano", "es": "Año", "de": "Jahr", "fr": "Année"}.get(self.language, "Year")]
        firsts = [[to_micros(datetime(year, month, 1, tzinfo=UTC)) for month in range(1, 13)] for year in years]
        return [*head, *self.month_names], [
            [str(year), *(self.cell(name, time) for time in row)] for year, row in zip(years, firsts, strict=True)
        ]

    month_names: list[str] = field(default_factory=lambda: [f"{datetime(2024, m, 1):%B}" for m in range(1, 13)])


Kind = Callable[[Draft], bool | None]
"""Changes how a draft is written; False where it does not fit."""


def _saved(rows: list[Row]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append([None if cell == "" else cell for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def drafted(rng: Random, sort: type[Draft] | None = None) -> Any:
    """A table as plain as can be: ISO times, decimal points, one to four series."""
    step = rng.choice(
        ["quarter hour", "hour", "hour", "half hour", "day", "day", "day", "week", "month", "month", "quarter", "year"]
    )
    count = rng.choice([5, 8, 12, 20, 31, 40, 60, 96] if step != "year" else [5, 8, 12, 20, 31])
    first = datetime(rng.randint(1995, 2024), rng.randint(1, 12), rng.randint(1, 28), tzinfo=UTC)
    if step in MONTHS:
        months = MONTHS[step]
        at = (first.year * 12 + first.month - 1) // months * months - months * count
        times = [
            to_micros(datetime((at + n * months) // 12, (at + n * months) % 12 + 1, 1, tzinfo=UTC))
            for n in range(count)
        ]
    else:
        start = to_micros(first) + (0 if step in {"day", "week"} else rng.choice([0, 0, 7, 22]) * HOUR)
        times = [start + n * STEPS[step] for n in range(count)]
    language = rng.choice(sorted(NAMES))
    names = rng.sample(NAMES[language][3], rng.choice([1, 1, 2, 3, 4]))
    draft = (sort or Draft)(rng=rng, step=step, times=times, series={}, language=language)
    draft.series = {name: measured(draft) for name in names}
    if step in {"day", "week", *MONTHS}:
        draft.when = lambda time: [from_micros(time).strftime("%Y-%m-%d")]
    return draft


def measured(draft: Draft) -> dict[int, float]:
    """Values that look measured: a wave, a walk, whole numbers, or a meter that only rises."""
    rng, sort = draft.rng, draft.rng.choice(["wave", "wave", "walk", "whole", "meter"])
    digits = rng.choice([1, 1, 2, 2, 3])
    base, swing, phase = rng.choice([4.0, 17.0, 120.0, 1500.0, 48000.0]), rng.uniform(0.05, 0.5), rng.random() * 6
    values, walk = {}, base
    for n, time in enumerate(draft.times):
        walk += rng.uniform(0, base / 9) if sort == "meter" else rng.gauss(0, base / 30)
        value = base * (1 + swing * sin(n / 5 + phase)) + rng.uniform(0, base / 20) if sort != "walk" else walk
        value = walk if sort == "meter" else value
        values[time] = float(round(value)) if sort == "whole" else round(value, digits)
    values[draft.times[-1]] += 3.0  # so that no series never changes
    return values


def wall(form: str, zone_hours: float = 0) -> Callable[[int], list[Cell]]:
    """The writer of times in a form of strftime, at an offset from UTC."""
    return lambda time: [(from_micros(time) + timedelta(hours=zone_hours)).strftime(form)]
