"""Answers in the shapes of statistics offices, weather services and historians, under other names; see `shaped`."""

from zoneinfo import ZoneInfo

from api.serving import Line, every, iso, quarter, wall, wave, years
from shaped import CSV, D_LEVEL, DAYS, FLOW, HOURS, LEVEL, M_ONE, M_TWO, MONTHS, TEMP, TWO, XML, Shaped, column, isos
from slackwater.model.instants import HOUR, from_micros, to_micros

GONE = frozenset(HOURS[5::11])
NIGHT = every(HOUR, "2026-10-24T10:00", 40)  # in which clocks go back
N_TEMP, N_FLOW = wave(NIGHT, 12.5, 6, 1), wave(NIGHT, 41.7, 12, 2, seed=1)
HALVES = every(HOUR // 2, "2026-10-23T23:00", 146)  # three days of London, the last of 50
QUARTERS = [time for time in MONTHS if from_micros(time).month % 3 == 1]
NEXT_TO = {t: 20 + (n * 7 % 31) / 10 + (3.1 if n * 7919 % 13 < 6 else 0) for n, t in enumerate(HOURS)}
UPPER = {t: round(v + 40, 2) for n, (t, v) in enumerate(LEVEL.items()) if n * 7919 % 13 < 6}
YEARLY, YEARLY_TOO = wave(years(2000, 24), 4.5, 2, 5), wave(years(2000, 24), 7.7, 2, 5, seed=2)
Q_ONE, Q_TWO = wave(QUARTERS, 3.1, 1, 2), wave(QUARTERS, 1.4, 1, 2, seed=2)


def without(line: Line) -> Line:
    return {time: value for time, value in line.items() if time not in GONE}


def local(time: int, zone: str, form: str = "%Y-%m-%dT%H:%M") -> str:
    return from_micros(time).astimezone(ZoneInfo(zone)).strftime(form)


def numbered(times: list[int], zone: str) -> list[tuple[str, int]]:
    """Each time as its day in a zone, and the number of the half-hour in it."""
    days = [local(time, zone, "%Y-%m-%d") for time in times]
    return [(day, days[: place + 1].count(day)) for place, day in enumerate(days)]


PUBLIC: dict[str, Shaped] = {
    # --- numbers that are no values
    "nothing_measured_in_csv": Shaped(
        "id;when;q;temp;humid\n"
        + "".join(
            f"  1975;{wall(t, '%Y%m%d%H')};  3;{-999 if t in GONE else TEMP[t]:>8};{FLOW[t]:>8}\n" for t in HOURS
        ),
        {"temp": without(TEMP), "humid": FLOW},
        headers=CSV,
    ),
    "nothing_measured_by_some": Shaped(
        {
            iso(t)[:16]: {
                "s1": {"temp": TEMP[t], "wind": -99.0, "rain": -99.0},
                "s2": None if t in GONE else {"temp": FLOW[t], "wind": LEVEL[t], "rain": -99.0},
            }
            for t in HOURS[:24]
        },
        {
            "s1.temp": {t: TEMP[t] for t in HOURS[:24]},
            "s2.temp": {t: FLOW[t] for t in HOURS[:24] if t not in GONE},
            "s2.wind": {t: LEVEL[t] for t in HOURS[:24] if t not in GONE},
        },
        named=False,
    ),
    "codes_called_value": Shaped(
        {
            "obs": [
                {
                    "place": {"text": f"Place {name}", "value": 1811600 + n, "code": f"E0{n}"},
                    "variable": {"text": "Rate", "value": 45},
                    "time": {"value": wall(t, "%Y"), "text": f"Jan {wall(t, '%Y')} to Dec"},
                    "seen": {"text": "Value", "value": v},
                }
                for n, name in enumerate(("A", "B"))
                for t, v in wave(years(1990, 30), 62, 4, seed=n).items()
            ]
        },
        {name: wave(years(1990, 30), 62, 4, seed=n) for n, name in enumerate(("A", "B"))},
        named=False,
    ),
    "a_state_instead_of_a_value": Shaped(
        {
            "Items": [
                {"Timestamp": iso(t), "Value": {"Name": "No Data", "Value": 248} if t in GONE else v, "Good": True}
                for t, v in LEVEL.items()
            ]
        },
        {"Value": without(LEVEL)},
    ),
    "nanoseconds_beside_a_clock": Shaped(
        {
            "result": [
                {"itemid": name, "clock": str(t // 10**6), "value": f"{v:.4f}", "ns": f"{v * 7919e5 % 1e9:.0f}"}
                for name, line in TWO.items()
                for t, v in line.items()
            ]
        },
        TWO,
    ),
    "a_line_above_the_names_as_wide_as_the_table": Shaped(
        "C,MARKET,PRICES,OPERATOR,PUBLIC,2026/03/03,04:05:08,331\r\nI,PRICE,,3,SETTLED,RUN,REGION,PRICE\r\n"
        + "".join(
            f'D,PRICE,,3,"{wall(t, "%Y/%m/%d %H:%M:%S")}",1,{name},{line[t]}\r\n'
            for t in HOURS
            for name, line in TWO.items()
        )
        + "C,END OF REPORT,98\r\n",
        TWO,
        headers=CSV,
    ),
    "units_below_the_names": Shaped(
        "site,time,level,flow\n,UTC,m,m3 s-1\n" + "".join(f"46029,{iso(t)},{LEVEL[t]},{FLOW[t]}\n" for t in HOURS),
        {"level": LEVEL, "flow": FLOW},
        headers=CSV,
    ),
    "a_count_of_the_series_beside_its_value": Shaped(
        {
            "data": [
                {"seriesCount": "72", "year": f"{wall(t, '%Y')}", "value": str(v), "dimensions": {"place": name}}
                for name, line in (("ALL", YEARLY), ("RURAL", YEARLY_TOO))
                for t, v in line.items()
            ]
        },
        {"ALL": YEARLY, "RURAL": YEARLY_TOO},
    ),
    "fiscal_years_beside_a_date": Shaped(
        [
            {
                "record_date": wall(t, "%Y-%m-%d"),
                "rate": v,
                "record_fiscal_year": str(from_micros(t).year + (from_micros(t).month > 9)),
                "record_calendar_year": wall(t, "%Y"),
            }
            for t, v in M_ONE.items()
        ],
        {"rate": M_ONE},
    ),
    "numbers_of_records_in_sevens": Shaped(
        [
            {"reg": 88120 + 7 * n, "ts": f"{t // 10**6}.000", "val": v, "st": 192}
            for n, (t, v) in enumerate(LEVEL.items())
        ],
        {"val": LEVEL},
    ),
    "a_level_that_rises_evenly": Shaped(
        [{"at": iso(t), "level": 40 + 5 * n, "flow": v} for n, (t, v) in enumerate(FLOW.items())],
        {"level": {t: 40.0 + 5 * n for n, t in enumerate(FLOW)}, "flow": FLOW},
    ),
    "all_that_there_is_rises_evenly": Shaped(
        [{"at": iso(t), "x": 40 + 5 * n} for n, t in enumerate(FLOW)],
        {"x": {t: 40.0 + 5 * n for n, t in enumerate(FLOW)}},
    ),
    "a_quantity_that_stands_still_beside_the_value": Shaped(
        [{"at": iso(t), "value": v, "temperature": 5, "code": 45} for t, v in LEVEL.items()],
        {"value": LEVEL, "temperature": dict.fromkeys(LEVEL, 5.0)},
    ),
    "keys_of_records_that_end_in_a_word": Shaped(
        [
            {"id": f"{t // 10**6}{name}", "periodFrom": iso(t), "direction": name, "value": str(int(v * 10**6))}
            for t, v in FLOW.items()
            for name in ("entry",)
        ],
        {"value": {t: float(int(v * 10**6)) for t, v in FLOW.items()}},
        named=False,
    ),
    "minutes_as_one_letter": Shaped(
        {
            "data": [
                {
                    "code": name,
                    "units": "MW",
                    "history": {
                        "start": iso(HOURS[0]),
                        "last": iso(HOURS[0] + 47 * 300 * 10**6),
                        "interval": "5m",
                        "data": column(line),
                    },
                }
                for name, line in TWO.items()
            ]
        },
        {name: {HOURS[0] + n * 300 * 10**6: v for n, v in enumerate(line.values())} for name, line in TWO.items()},
    ),
    # --- names of series
    "stations_called_as_halves": Shaped(
        [{"t": iso(t), "site": name, "v": line[t]} for t in HOURS for name, line in (("S1", LEVEL), ("S2", FLOW))],
        {"S1": LEVEL, "S2": FLOW},
    ),
    "a_count_within_counts": Shaped(
        {
            "groups": [
                {
                    "key": name,
                    "n": 4711,
                    "hours": [{"at": iso(t), "n": int(FLOW[t] + place), "mean": v} for t, v in line.items()],
                }
                for place, (name, line) in enumerate(TWO.items())
            ]
        },
        {
            **{f"{name} mean": line for name, line in TWO.items()},
            **{
                f"{name} n": {t: float(int(FLOW[t] + place)) for t in line}
                for place, (name, line) in enumerate(TWO.items())
            },
        },
        named=False,
    ),
    "a_name_on_the_way": Shaped(
        [
            {
                "status": "SUCCESS",
                "object": {
                    "vectorId": 41690973 + n,
                    "points": [{"ref": wall(t, "%Y-%m-%d"), "value": v, "decimals": 1} for t, v in line.items()],
                },
            }
            for n, line in enumerate((M_ONE, M_TWO))
        ],
        {"41690973": M_ONE, "41690974": M_TWO},
    ),
    "keys_of_series_in_xml": Shaped(
        "<?xml version='1.0'?><m:GenericData xmlns:m='m' xmlns:g='g'><m:DataSet>"
        + "".join(
            f"<g:Series><g:SeriesKey><g:Value id='FREQ' value='M'/><g:Value id='AREA' value='{name}'/></g:SeriesKey>"
            + "".join(
                f"<g:Obs><g:ObsDimension value='{wall(t, '%Y-%m')}'/><g:ObsValue value='{v}'/></g:Obs>"
                for t, v in line.items()
            )
            + "</g:Series>"
            for name, line in (("PT", M_ONE), ("ES", M_TWO))
        )
        + "</m:DataSet></m:GenericData>",
        {"PT": M_ONE, "ES": M_TWO},
        headers=XML,
    ),
    # --- times
    "labels_that_are_times": Shaped(
        {
            "version": "2.0",
            "class": "dataset",
            "id": ["TLIST(Q1)", "STAT"],
            "size": [len(QUARTERS), 2],
            "role": {"time": ["TLIST(Q1)"]},
            "dimension": {
                "TLIST(Q1)": {
                    "category": {
                        "index": [quarter(t, "{year}{quarter}") for t in QUARTERS],
                        "label": {quarter(t, "{year}{quarter}"): quarter(t, "{year}Q{quarter}") for t in QUARTERS},
                    }
                },
                "STAT": {"category": {"index": ["A", "B"], "label": {"A": "one", "B": "two"}}},
            },
            "value": [v for t in QUARTERS for v in (Q_ONE[t], Q_TWO[t])],
        },
        {"one": Q_ONE, "two": Q_TWO},
    ),
    "the_mean_of_the_year_among_months": Shaped(
        {
            "series": [
                {
                    "id": name,
                    "data": [
                        {"year": wall(t, "%Y"), "period": f"M{month}", "periodName": label, "value": str(value)}
                        for t, v in line.items()
                        for month, label, value in [
                            (wall(t, "%m"), wall(t, "%B"), v),
                            *([("13", "Annual", 88.8)] if from_micros(t).month == 12 else []),
                        ]
                    ],
                }
                for name, line in (("L1", M_ONE), ("L2", M_TWO))
            ]
        },
        {"L1": M_ONE, "L2": M_TWO},
    ),
    "a_date_beside_its_time": Shaped(
        [
            {"date": wall(t, "%Y-%m-%d"), "dateTime": iso(t + 9 * HOUR)[:19], "level": v, "quality": "Good"}
            for t, v in D_LEVEL.items()
        ],
        {"level": {t + 9 * HOUR: v for t, v in D_LEVEL.items()}},
    ),
    "an_hour_observed": Shaped(
        [
            {
                "DateObserved": local(t, "America/New_York", "%Y-%m-%d "),
                "HourObserved": int(local(t, "America/New_York", "%H")),
                "LocalTimeZone": "EST",
                "Parameter": name,
                "AQI": int(line[t]),
            }
            for t in HOURS[:24]
            for name, line in (("O3", TEMP), ("PM2.5", FLOW))
        ],
        {name: {t: float(int(line[t])) for t in HOURS[:24]} for name, line in (("O3", TEMP), ("PM2.5", FLOW))},
        asks=True,
        offers=True,
    ),
    "classes_of_the_value": Shaped(
        [
            {"at": iso(t), "ParameterName": name, "AQI": size, "Category": {"Number": 1 + (size > 40), "Name": cls}}
            for t in HOURS
            for name, line in (("O3", TEMP), ("PM2.5", FLOW))
            for size in (int(line[t]),)
            for cls in ("Moderate" if size > 40 else "Good",)
        ],
        {"O3": {t: float(int(v)) for t, v in TEMP.items()}, "PM2.5": {t: float(int(v)) for t, v in FLOW.items()}},
    ),
    "places_whose_sizes_are_next_to_one_another": Shaped(
        [
            {"at": iso(t), "place": {"name": "Upper" if n * 7919 % 13 < 6 else "Lower"}, "level": NEXT_TO[t]}
            for n, t in enumerate(HOURS)
        ],
        {
            name: {t: v for n, (t, v) in enumerate(NEXT_TO.items()) if (n * 7919 % 13 < 6) is (name == "Upper")}
            for name in ("Upper", "Lower")
        },
    ),
    "places_of_different_sizes_that_never_share_a_time": Shaped(
        [
            {"at": iso(t), "place": {"name": "Upper" if t in UPPER else "Lower"}, "level": UPPER.get(t, LEVEL[t])}
            for t in HOURS
        ],
        {"Upper": UPPER, "Lower": {t: v for t, v in LEVEL.items() if t not in UPPER}},
    ),
    "an_expiry_beside_the_making": Shaped(
        [
            {"id": f"0E{n:03}", "value": str(v), "created_at": iso(t), "expiration": iso(t + 720 * HOUR)}
            for n, (t, v) in enumerate(LEVEL.items())
        ],
        {"value": LEVEL},
    ),
    "a_guard_before_the_answer": Shaped(
        ")]}',\n" + '{"rows": [' + ", ".join(f'{{"t": "{iso(t)}", "v": {v}}}' for t, v in LEVEL.items()) + "]}",
        {"v": LEVEL},
    ),
    # --- clocks that change
    "the_hour_twice_in_a_zone": Shaped(
        {"timezone": "Europe/Berlin", "data": [{"time": local(t, "Europe/Berlin"), "temp": N_TEMP[t]} for t in NIGHT]},
        {"temp": N_TEMP},
    ),
    "the_hour_twice_newest_first": Shaped(
        {
            "timezone": "Europe/Berlin",
            "data": [{"time": local(t, "Europe/Berlin"), "temp": N_TEMP[t]} for t in reversed(NIGHT)],
        },
        {"temp": N_TEMP},
    ),
    "the_hour_twice_of_two_series": Shaped(
        [
            {"time": local(t, "Europe/Berlin"), "station": name, "temp": line[t], "state": "est" if t % 7 else "ok"}
            for t in NIGHT
            for name, line in (("north", N_TEMP), ("south", N_FLOW))
        ],
        {"north": N_TEMP, "south": N_FLOW},
        asks=True,
        offers=True,
    ),
    "half_hours_of_a_longer_day": Shaped(
        [
            {"date": day, "period": number, "price": wave(HALVES, 60, 20, 2)[t]}
            for t, (day, number) in zip(HALVES, numbered(HALVES, "Europe/London"), strict=True)
        ],
        {"price": wave(HALVES, 60, 20, 2)},
        asks=True,
        offers=True,
    ),
    "offsets_in_a_field": Shaped(
        [
            {
                "time": local(t, "Europe/Berlin", "%Y-%m-%d %H:%M:%S"),
                "off": local(t, "Europe/Berlin", "%z"),
                "temp": N_TEMP[t],
            }
            for t in NIGHT
        ],
        {"temp": N_TEMP},
    ),
    # --- one reading, and lists within it
    "a_reading_with_forecasts": Shaped(
        {
            "status": "ok",
            "data": {
                "idx": 1437,
                "now": {"no2": {"v": 12.5}, "o3": {"v": 31.1}, "t": {"v": 9.6}},
                "time": {"iso": "2026-11-20T10:00:00+00:00", "v": 1795168800},
                "forecast": {
                    "daily": {
                        name: [{"avg": 20 + n, "day": wall(t, "%Y-%m-%d")} for n, t in enumerate(DAYS[:8])]
                        for name in ("o3", "pm10")
                    }
                },
            },
        },
        {name: {to_micros(from_micros(1795168800 * 10**6)): v} for name, v in (("a", 12.5), ("b", 31.1), ("c", 9.6))},
        asks=True,
        offers=True,
        named=False,
    ),
    "hours_within_days_within_a_place": Shaped(
        {
            "Site": {
                "made": isos(HOURS)[-1],
                "Location": {
                    "i": "3772",
                    "Period": [
                        {
                            "value": f"{wall(HOURS[k], '%Y-%m-%d')}Z",
                            "Rep": [{"T": TEMP[t], "$": n * 60} for n, t in enumerate(HOURS[k : k + 24])],
                        }
                        for k in (0, 24)
                    ],
                },
            }
        },
        {"T": TEMP},
        asks=True,
    ),
}
