"""APIs that leave a careful engineer in doubt too, the fields that settle it, and the points when they are given."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from api.serving import Points, epoch, every, iso, months, text, wall, wave, years
from slackwater.model.instants import DAY, HOUR, SECOND

HOURS = every(HOUR, "2026-03-01", 40)
DAYS = every(DAY, "2026-03-01", 40)
LEVEL, FLOW = wave(HOURS, 3.2, 1.4, 2), wave(HOURS, 41.7, 12, 2, seed=1)


@dataclass(frozen=True)
class Doubt:
    """One answer of a source; `fields` are the fields of source_config that may be asked for, `given` settles it."""

    body: Any
    fields: tuple[str, ...]
    given: Mapping[str, str] = field(default_factory=dict)  # nothing: no field can make a series of it
    points: Points = field(default_factory=dict)


def _rows(**columns: list[Any]) -> list[dict[str, Any]]:
    return [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]


_LEVELS = list(LEVEL.values())
_TWELVE = months(2024, 12)
_GROUPED = dict(zip(HOURS, (1.234 + n * 0.107 for n in range(40)), strict=True))
_GROUPED = {time: round(value, 3) for time, value in _GROUPED.items() if round(value * 1000) % 10}
_WRITTEN = list(_GROUPED.values())
_VINTAGES = ("2024-02-15", "2024-05-15")

DOUBTS: dict[str, Doubt] = {
    # Monthly, days first; or daily in January, months first.
    "day_or_month": Doubt(
        _rows(date=[wall(time, "%d/%m/%Y") for time in _TWELVE], value=_LEVELS[:12]),
        ("date_format",),
        {"date_format": "%d/%m/%Y"},
        {"value": dict(zip(_TWELVE, _LEVELS[:12], strict=True))},
    ),
    "month_or_day": Doubt(
        _rows(date=[wall(time, "%m-%d-%Y") for time in DAYS[:12]], value=_LEVELS[:12]),
        ("date_format",),
        {"date_format": "%m-%d-%Y"},
        {"value": dict(zip(DAYS[:12], _LEVELS[:12], strict=True))},
    ),
    "two_digit_years": Doubt(
        _rows(date=[wall(time, "%y-%m-%d") for time in months(2001, 12)], value=_LEVELS[:12]),
        ("date_format", "date_field"),
        {"date_field": "date", "date_format": "%y-%m-%d"},
        {"value": dict(zip(months(2001, 12), _LEVELS[:12], strict=True))},
    ),
    "six_digits": Doubt(
        _rows(period=[wall(time, "%d%m%y") for time in months(2011, 12)], value=_LEVELS[:12]),
        ("date_format", "date_field"),
        {"date_field": "period", "date_format": "%d%m%y"},
        {"value": dict(zip(months(2011, 12), _LEVELS[:12], strict=True))},
    ),
    # Neither repeats the other, neither says that it is when something was written down.
    "sampled_or_analysed": Doubt(
        _rows(
            sampled=[iso(time) for time in HOURS],
            analysed=[iso(time + 5 * DAY + n * n * SECOND) for n, time in enumerate(HOURS)],
            value=_LEVELS,
        ),
        ("date_field",),
        {"date_field": "sampled"},
        {"value": LEVEL},
    ),
    "planned_or_actual": Doubt(
        {
            "trips": _rows(
                planned=[iso(time) for time in HOURS],
                actual=[iso(time + n * n % 17 * 60 * SECOND) for n, time in enumerate(HOURS)],
                load=_LEVELS,
            )
        },
        ("date_field",),
        {"date_field": "planned"},
        {"load": LEVEL},
    ),
    # Seconds since 1970, or numbers of something; nothing in their names says which.
    "numbers_like_epochs": Doubt(
        _rows(
            number=[epoch(time) for time in HOURS],
            reference=[1_690_000_000 + 7_919 * n for n in range(40)],
            value=_LEVELS,
        ),
        ("date_field",),
        {"date_field": "number", "value_field": "value"},
        {"value": LEVEL},
    ),
    "pairs_like_epochs": Doubt(
        [[epoch(time), 1_690_000_000 + n * n * 7_919 % 9_999_991] for n, time in enumerate(HOURS)],
        ("date_field",),
        {"date_field": "0", "value_field": "1"},
        {"1": {time: 1_690_000_000.0 + n * n * 7_919 % 9_999_991 for n, time in enumerate(HOURS)}},
    ),
    "numbers_like_years": Doubt(
        _rows(code=list(range(1960, 2000)), size=[2_000 + n * 37 % 41 for n in range(40)]),
        ("date_field",),
        {"date_field": "code"},
        {"size": {time: 2_000.0 + n * 37 % 41 for n, time in enumerate(years(1960, 40))}},
    ),
    "days_of_a_spreadsheet": Doubt(
        _rows(day=[45_352 + n for n in range(40)], value=_LEVELS),
        ("date_format", "date_field"),
        {"date_field": "day", "date_format": "excel"},
        {"value": dict(zip(every(DAY, "2024-03-01", 40), _LEVELS, strict=True))},
    ),
    # A thousand and more, or one and a fraction.
    "point_or_thousands": Doubt(
        _rows(time=[iso(time) for time in _GROUPED], value=[text(each, 3) for each in _WRITTEN]),
        ("decimal", "thousands"),
        {"decimal": "."},
        {"value": _GROUPED},
    ),
    "comma_or_thousands": Doubt(
        _rows(time=[iso(time) for time in _GROUPED], value=[text(each, 3, ",") for each in _WRITTEN]),
        ("decimal", "thousands"),
        {"decimal": "."} | {"thousands": ","},
        {"value": {time: round(each * 1_000) for time, each in _GROUPED.items()}},
    ),
    # Lists of equal standing: different things, each with times of its own.
    "readings_or_alarms": Doubt(
        {
            "levels": _rows(time=[iso(time) for time in HOURS], metres=_LEVELS),
            "alarms": _rows(
                time=[iso(time + 7 * SECOND) for time in HOURS], severity=[n * 7 % 5 / 2 for n in range(40)]
            ),
        },
        ("records_path",),
        {"records_path": "levels"},
        {"metres": LEVEL},
    ),
    "hourly_or_daily": Doubt(
        {
            "hourly": {"time": [iso(time) for time in HOURS], "temperature": _LEVELS},
            "daily": {"time": [wall(time, "%Y-%m-%d") for time in DAYS], "temperature_max": list(FLOW.values())},
        },
        ("records_path",),
        {"records_path": "hourly"},
        {"temperature": LEVEL},
    ),
    # Several values for one time, and nothing that tells them apart.
    "doubled_times": Doubt(
        _rows(
            time=[iso(time) for time in HOURS for _ in range(2)],
            value=[each for pair in zip(LEVEL.values(), FLOW.values(), strict=True) for each in pair],
        ),
        ("series_field",),
    ),
    # The newest vintage, or a series for each.
    "vintages": Doubt(
        _rows(
            date=[wall(time, "%Y-%m-%d") for _ in _VINTAGES for time in months(2022, 24)],
            vintage=[vintage for vintage in _VINTAGES for _ in range(24)],
            value=_LEVELS + _LEVELS[::-1][:8],
        ),
        ("date_field", "series_field"),
        {"date_field": "date", "series_field": "vintage"},
        {
            vintage: dict(zip(months(2022, 24), (_LEVELS + _LEVELS[::-1][:8])[24 * n :][:24], strict=True))
            for n, vintage in enumerate(_VINTAGES)
        },
    ),
    # No series at all.
    "states_in_words": Doubt(
        _rows(time=[iso(time) for time in HOURS], state=["open" if n % 3 else "closed" for n in range(40)]),
        ("value_field",),
    ),
    "clock_without_a_day": Doubt(
        _rows(time=[wall(time, "%H:%M") for time in HOURS[:24]], value=_LEVELS[:24]), ("date_field",)
    ),
    "months_without_a_year": Doubt(
        _rows(month=[wall(time, "%B") for time in _TWELVE], value=_LEVELS[:12]), ("date_field",)
    ),
    "ages": Doubt(_rows(age_seconds=[60 * n for n in range(40)], value=_LEVELS), ("date_field",)),
    "both_marks": Doubt(
        _rows(
            time=[iso(time) for time in HOURS],
            value=[text(each * 1_000, 2, *((",", ".") if n % 2 else (".", ","))) for n, each in enumerate(_LEVELS)],
        ),
        ("decimal", "value_field", "thousands"),
    ),
    "an_error_with_200": Doubt(
        {"status": "error", "message": "no such station", "code": 17}, ("records_path", "location", "date_field")
    ),
}
