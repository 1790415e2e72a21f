"""Answers whose roles only whole columns tell: one record per thing, mixtures, ranges of clocks."""

from api.serving import every, iso, months, wall, wave, years
from shaped import D_LEVEL, DAYS, FLOW, HOURS, LEVEL, TEMP, Shaped
from slackwater.model.instants import DAY, HOUR, MINUTE, SECOND

NEWEST = [HOURS[-1] + 37 * SECOND * n for n in range(7)]  # of each tank, at its own time
FULL = [23, 4, 91, 56, 12, 77, 40]
EAST, WEST = every(HOUR, "2026-03-01T00:10", 30), every(HOUR, "2026-03-01T00:25", 30)
E_TEMP, W_TEMP = wave(EAST, 4.1, 1, 1), wave(WEST, 31.7, 2, 1, seed=4)
HALVES = every(30 * MINUTE, "2026-03-02", 96)
LOAD = wave(HALVES, 812, 140, 1)
DAYS_2, OF_DAY = every(DAY, "2026-03-02", 2), range(0, DAY, 30 * MINUTE)
YEARS = years(2020, 4)
LONG = wave(every(HOUR, "2026-03-02", 421), 7.3, 2, 2)
PEOPLE = [1_000 + age * 7_919 % 977 for age in range(101)]
GERMAN = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
]
TWICE = [HOURS[0], HOURS[0] + 150 * SECOND]


def cells(*values: object) -> list[dict[str, object]]:
    return [{"value": value} for value in values]


def _dear(hour: int) -> bool:
    """On the first day other hours than on the second."""
    return hour % 24 in ((8, 9, 18, 19) if hour < 24 else (11, 12, 13))


KINDS: dict[str, Shaped] = {
    # --- one record for each thing, each with a time of its own
    "tanks_with_their_newest": Shaped(
        {"tanks": [{"tank_id": f"t{n}", "seen": iso(t), "full": FULL[n]} for n, t in enumerate(NEWEST)]},
        {f"t{n}": {t: FULL[n]} for n, t in enumerate(NEWEST)},
        named=False,
    ),
    "stations_called_by_their_list": Shaped(
        {
            "net": {
                "stations": [
                    {"id": f"{n}a{n}", "name": f"Bridge {n}x", "timestamp": iso(t), "bikes": FULL[n]}
                    for n, t in enumerate(NEWEST)
                ]
            }
        },
        {f"Bridge {n}x": {t: FULL[n]} for n, t in enumerate(NEWEST)},
        named=False,
    ),
    "codes_of_stations_at_one_time": Shaped(
        [{"at": "2026-03-01T14:20:00Z", "place": f"S{n}", "mm": value / 10} for n, value in enumerate(FULL)],
        {f"S{n}": {HOURS[14] + 20 * MINUTE: value / 10} for n, value in enumerate(FULL)},
        named=False,
    ),
    # --- series that never share a time
    "gauges_that_never_share_a_time": Shaped(
        {
            "rows": [
                {"at": iso(t), "gauge": n, "m": v}
                for t, n, v in sorted(
                    (t, n, v) for n, line in (("east", E_TEMP), ("west", W_TEMP)) for t, v in line.items()
                )
            ]
        },
        {"east": E_TEMP, "west": W_TEMP},
        named=False,
    ),
    "quantities_that_never_share_a_time": Shaped(
        [
            {"at": iso(t), "what": n, "val": v}
            for t, n, v in sorted((t, n, v) for n, line in (("ph", E_TEMP), ("salt", W_TEMP)) for t, v in line.items())
        ],
        {"ph": E_TEMP, "salt": W_TEMP},
        named=False,
    ),
    "a_word_for_the_size_of_the_value": Shaped(
        [{"at": iso(t), "pm": 10 + n, "said": "good" if n < 20 else "poor"} for n, t in enumerate(HOURS)],
        {"pm": {t: 10 + n for n, t in enumerate(HOURS)}},
        named=False,
    ),
    "a_tariff_of_the_hours": Shaped(
        [
            {"at": iso(t), "price": 31.5 + n % 3 if _dear(n) else 9.5 + n % 2, "tariff": "dear" if _dear(n) else "low"}
            for n, t in enumerate(HOURS)
        ],
        {"price": {t: 31.5 + n % 3 if _dear(n) else 9.5 + n % 2 for n, t in enumerate(HOURS)}},
        named=False,
    ),
    "numbers_as_texts_of_two_names": Shaped(
        [
            {"town": town, "gas": gas, "at": iso(t), "val": f"{line[t] + more:.2f}"}
            for t in HOURS
            for more, town in enumerate(("Faro", "Beja"))
            for gas, line in (("no2", LEVEL), ("o3", FLOW))
        ],
        {
            f"{more}{gas}": {t: round(v + more, 2) for t, v in line.items()}
            for more in (0, 1)
            for gas, line in (("no2", LEVEL), ("o3", FLOW))
        },
        named=False,
    ),
    # --- what lies around values, and what they lie in
    "an_altitude_called_value": Shaped(
        [
            {"obs": {"at": iso(t), "altitude": {"unit": "m", "value": 27}, "temp": {"unit": "C", "value": v}}}
            for t, v in TEMP.items()
        ],
        {"temp": TEMP},
        named=False,
    ),
    "a_device_described_in_two_records": Shaped(
        [
            {"id": 7000001 + n, "when": iso(t), "device": {"id": 9, "pin": "3", "kind": "SDS"}, "dust": 11.5 + n}
            for n, t in enumerate(TWICE)
        ],
        {"dust": {t: 11.5 + n for n, t in enumerate(TWICE)}},
        named=False,
    ),
    "totals_around_a_value": Shaped(
        {"updated": "2026-03-01T06:00:00Z", "rate": {"value": 1.04}, "healed": 36512, "incidence": 75.9},
        {"rate": {HOURS[6]: 1.04}, "healed": {HOURS[6]: 36512}, "incidence": {HOURS[6]: 75.9}},
        named=False,
    ),
    "cells_of_objects": Shaped(
        {
            "names": [{"name": "red"}, {"name": "blue"}],
            "rows": [
                {"of": cells(wall(t, "%Y%m%d")), "has": cells(str(D_LEVEL[t]), str(round(D_LEVEL[t] * 9, 2)))}
                for t in DAYS
            ],
        },
        {"red": D_LEVEL, "blue": {t: round(v * 9, 2) for t, v in D_LEVEL.items()}},
        named=False,
    ),
    "one_number_in_two_writings": Shaped(
        [
            {"day": wall(t, "%Y-%m-%d"), "shown": f"{v:.2f}".replace(".", ","), "raw": f"{v:.2f}"}
            for t, v in D_LEVEL.items()
        ],
        {"raw": D_LEVEL},
        named=False,
    ),
    # --- times
    "ranges_of_clocks": Shaped(
        {
            "rows": [
                {"day": wall(t, "%Y-%m-%d"), "slot": f"{wall(t, '%H:%M')}-{wall(t + 30 * MINUTE, '%H:%M')}", "mw": v}
                for t, v in LOAD.items()
            ]
        },
        {"mw": LOAD},
    ),
    "minutes_since_midnight": Shaped(
        [{"day": wall(t, "%Y-%m-%d"), "minute": t % DAY // MINUTE, "mw": v} for t, v in LOAD.items()],
        {"mw": LOAD},
        asks=True,
        offers=True,
    ),
    "months_beside_a_day_of_change": Shaped(
        [
            {"PRD": f"{2024 + n // 12}{n % 12 + 1:02}", "ITEM": name, "DT": str(v + n), "CHN": "2026-11-02"}
            for name, v in (("bread", 11), ("rice", 57))
            for n in range(24)
        ],
        {name: {time: v + n for n, time in enumerate(months(2024, 24))} for name, v in (("bread", 11), ("rice", 57))},
        named=False,
        asks=True,
    ),
    "one_hour_of_all_places": Shaped(
        [
            {"place": f"Place {n}", "data_obs": "2026-03-01", "godzina_obs": "11", "temp": str(v / 10)}
            for n, v in enumerate(FULL)
        ],
        {f"Place {n}": {HOURS[11]: v / 10} for n, v in enumerate(FULL)},
        asks=True,
        offers=True,
        named=False,
    ),
    "clocks_across": Shaped(
        {"days": [{"day": wall(d, "%Y-%m-%d"), **{wall(d + t, "%H:%M"): LOAD[d + t] for t in OF_DAY}} for d in DAYS_2]},
        {"mw": LOAD},
        named=False,
    ),
    "packed_clocks_across": Shaped(
        [{"day": wall(d, "%d.%m.%Y"), "mw": {wall(d + t, "%H%M"): LOAD[d + t] for t in OF_DAY}} for d in DAYS_2],
        {"mw": LOAD},
        named=False,
        asks=True,
    ),
    "clocks_of_twelve_hours_across": Shaped(
        [{"day": wall(d, "%Y-%m-%d"), **{wall(d + t, "%I:%M %p"): LOAD[d + t] for t in OF_DAY}} for d in DAYS_2],
        {"mw": LOAD},
        named=False,
    ),
    "half_hours_across": Shaped(
        [{"day": wall(d, "%Y-%m-%d"), **{f"P{n}": LOAD[d + t] for n, t in enumerate(OF_DAY, 1)}} for d in DAYS_2],
        {"mw": LOAD},
        named=False,
        asks=True,
        offers=True,
    ),
    "a_date_and_a_clock_of_twelve_hours": Shaped(
        [{"date": wall(t, "%Y-%m-%d"), "time": wall(t, "%I:%M %p"), "mw": v} for t, v in LOAD.items()], {"mw": LOAD}
    ),
    "times_in_pieces": Shaped(
        [
            {
                **dict(zip(("YY", "MM", "DD", "hh", "mm"), map(int, wall(t, "%Y %m %d %H %M").split()), strict=True)),
                "q": v,
            }
            for t, v in LOAD.items()
        ],
        {"q": LOAD},
    ),
    "a_date_an_hour_and_a_minute": Shaped(
        [
            {"date": wall(t, "%Y-%m-%d"), "hour": t // HOUR % 24, "minute": t // MINUTE % 60, "q": v}
            for t, v in LOAD.items()
        ],
        {"q": LOAD},
    ),
    # --- numbers that tell records apart
    "every_age_of_people": Shaped(
        [
            {"year": 2020 + n, "age": age, "persons": PEOPLE[age] + 31 * n}
            for n in range(4)
            for age in range(101)
            if (age + n) % 9
        ],
        {str(age): {time: PEOPLE[age] + 31 * n for n, time in enumerate(YEARS) if (age + n) % 9} for age in range(101)},
        named=False,
    ),
    "heights_of_stations_in_order": Shaped(
        {
            "features": [
                {"properties": {"station": f"S{n}", "elevation": 100 + 13 * n, "at": iso(HOURS[9]), "level": v / 10}}
                for n, v in enumerate([*FULL, 31, 85, 60, 17])
            ]
        },
        {f"S{n}": {HOURS[9]: v / 10} for n, v in enumerate([*FULL, 31, 85, 60, 17])},
        named=False,
    ),
    "a_series_that_begins_late_beside_another": Shaped(
        {
            "north": [{"t": iso(t), "v": v} for t, v in LONG.items()],
            "south": [{"t": iso(t), "v": v if n > 350 else None} for n, (t, v) in enumerate(LONG.items())],
        },
        {"north": LONG, "south": dict(list(LONG.items())[351:])},
        named=False,
    ),
    "years_and_names_of_months_under_any_names": Shaped(
        [
            {"Zeit": f"{2020 + n // 12}", "Merkmal": "MONAT", "Auspraegung": name, "index": 100 + n * 7 % 31 * 0.5}
            for n, name in enumerate(GERMAN * 4)
        ],
        {"index": {time: 100 + n * 7 % 31 * 0.5 for n, time in enumerate(months(2020, 48))}},
    ),
    "midnights_beside_clocks": Shaped(
        [
            {"Report Date": wall(t, "%Y-%m-%dT00:00:00"), "Time": wall(t, "%H:%M:00"), "flow": v}
            for t, v in LONG.items()
        ],
        {"flow": LONG},
    ),
    "names_in_one_text": Shaped(
        [
            {
                "ts_id": "9876",
                "rows": f"{len(LONG)}",
                "columns": "Timestamp,Value,Quality Code",
                "data": [[iso(t), v, 110 if n % 7 else 40] for n, (t, v) in enumerate(LONG.items())],
            }
        ],
        {"Value": LONG},
    ),
    "danish_clocks": Shaped(
        [{"tid": wall(t, "%d.%m.%y %H.%M"), "v": str(v).replace(".", ",")} for t, v in LONG.items()],
        {"v": LONG},
        asks=True,
        offers=True,
    ),
    "days_of_the_year": Shaped(
        [{"year": 2026, "doy": int(wall(t, "%j")), "hour": t // HOUR % 24, "v": v} for t, v in LONG.items()],
        {"v": LONG},
    ),
}
