"""More answers, in the shapes that known kinds of software write, under other names."""

from api.serving import epoch, wall
from shaped import (
    CSV,
    D_FLOW,
    D_LEVEL,
    DAYS,
    FLOW,
    HOURS,
    LEVEL,
    M_ONE,
    NDJSON,
    TEMP,
    TWO,
    XML,
    Shaped,
    column,
    isos,
    lines,
    positions,
)
from slackwater.model.instants import DAY, MINUTE, from_micros, iso, parse_iso

MORE: dict[str, Shaped] = {}
MORE["steps_of_two_values"] = Shaped(
    {
        "body": [
            {"beg_time": epoch(HOURS[0]), "step_time": 1800 * 2, "value": [[LEVEL[t], FLOW[t]] for t in HOURS[:20]]},
            {"beg_time": epoch(HOURS[20]), "step_time": 3600, "value": [[LEVEL[t], FLOW[t]] for t in HOURS[20:]]},
        ],
        "status": "ok",
    },
    {"a": LEVEL, "b": FLOW},
    asks=True,
    named=False,
)
MORE["steps_of_one_object"] = Shaped(
    {
        "body": [{"beg_time": epoch(HOURS[0]), "step_time": 3600, "value": [[v] for v in column(LEVEL)]}],
        "status": "ok",
        "time_exec": 0.03,
        "time_server": epoch(HOURS[-1]) + 5000,
    },
    {"a": LEVEL},
    asks=True,
    named=False,
)
MORE["floats_as_times"] = Shaped(
    {
        "MetricDataResults": [
            {
                "Id": "m1",
                "Label": "CPUUtilization",
                "Timestamps": [float(epoch(t)) for t in reversed(HOURS)],
                "Values": list(reversed(column(LEVEL))),
                "StatusCode": "Complete",
            },
            {
                "Id": "m2",
                "Label": "NetworkIn",
                "Timestamps": [float(epoch(t)) for t in reversed(HOURS)],
                "Values": list(reversed(column(FLOW))),
                "StatusCode": "Complete",
            },
        ],
        "Messages": [],
    },
    {"CPUUtilization": LEVEL, "NetworkIn": FLOW},
)
MORE["one_entry_with_iso_times"] = Shaped(
    {
        "MetricDataResults": [
            {"Id": "m1", "Label": "CPU", "Timestamps": isos(HOURS), "Values": column(LEVEL), "StatusCode": "Complete"}
        ]
    },
    {"CPU": LEVEL},
    named=False,
)
MORE["three_series_of_years"] = Shaped(
    {
        "errors": None,
        "series": {
            "docs": [
                {
                    "@frequency": "annual",
                    "dataset_code": "WEO",
                    "dimensions": {"ref_area": c, "subject": "NGDP"},
                    "indexed_at": "2023-10-01T00:00:00Z",
                    "period": [str(y) for y in range(1990, 2020)],
                    "period_start_day": [f"{y}-01-01" for y in range(1990, 2020)],
                    "provider_code": "IMF",
                    "series_code": f"{c}.NGDP",
                    "series_name": f"{c} GDP",
                    "value": [
                        None if y < 1993 else round(100 + k * 7 + (y - 1990) * 1.3 + (y % 3) / 2, 2)
                        for y in range(1990, 2020)
                    ],
                }
                for k, c in enumerate(("AUT", "BEL", "CHE"))
            ],
            "limit": 1000,
            "num_found": 3,
            "offset": 0,
        },
    },
    {
        f"{c} GDP": {
            parse_iso(f"{y}-01-01"): round(100 + k * 7 + (y - 1990) * 1.3 + (y % 3) / 2, 2) for y in range(1993, 2020)
        }
        for k, c in enumerate(("AUT", "BEL", "CHE"))
    },
    named=False,
)
MORE["vectors_with_decimals"] = Shaped(
    {
        "status": "success",
        "data": {
            "resultType": "vector",
            "result": [
                {
                    "metric": {"__name__": "node_load1", "instance": f"h{n}:9100", "job": "node"},
                    "value": [1772323200.781, f"{n * 0.25 + 0.5}"],
                }
                for n in range(4)
            ],
        },
    },
    {f"h{n}:9100": {1772323200781000: n * 0.25 + 0.5} for n in range(4)},
    named=False,
)
MORE["matrix_of_labels"] = Shaped(
    {
        "status": "success",
        "data": {
            "resultType": "matrix",
            "result": [
                {"metric": {"__name__": "up", "instance": n}, "values": [[epoch(t), str(v)] for t, v in line.items()]}
                for n, line in TWO.items()
            ],
        },
    },
    TWO,
)
MORE["one_vector_alone"] = Shaped(
    {"status": "success", "data": {"resultType": "scalar", "result": [1772323200.781, "42.5"]}},
    {"x": {1772323200781000: 42.5}},
    asks=True,
    named=False,
)
MORE["tags_and_columns"] = Shaped(
    {
        "results": [
            {
                "statement_id": 0,
                "series": [
                    {
                        "name": "level",
                        "tags": {"site": n},
                        "columns": ["time", "mean", "max"],
                        "values": [[iso(t), v, round(v + 1, 2)] for t, v in line.items()],
                    }
                    for n, line in TWO.items()
                ],
            }
        ]
    },
    {
        **{f"{n} mean": line for n, line in TWO.items()},
        **{f"{n} max": {t: round(v + 1, 2) for t, v in line.items()} for n, line in TWO.items()},
    },
    named=False,
)
MORE["xml_series_attrs"] = Shaped(
    "<r>"
    + "".join(
        f"<series name='{n}' unit='m'>" + "".join(f"<o t='{iso(t)}' v='{v}'/>" for t, v in line.items()) + "</series>"
        for n, line in TWO.items()
    )
    + "</r>",
    TWO,
    headers=XML,
)
MORE["xml_one_timeseries"] = Shaped(
    f"<Doc xmlns='urn:x'><id>7</id><made>2026-03-09T10:00:00Z</made>{positions(LEVEL, 'N')}</Doc>",
    {"N": LEVEL},
    asks=True,
    headers=XML,
    named=False,
)
MORE["positions_quarter"] = Shaped(
    {
        "TimeSeries": [
            {
                "mRID": str(k + 1),
                "curveType": "A01",
                "Period": {
                    "timeInterval": {"start": iso(HOURS[0] + k * DAY), "end": iso(HOURS[0] + (k + 1) * DAY)},
                    "resolution": "PT15M",
                    "Point": [{"position": n + 1, "quantity": 400 + ((n * 7919 + k * 31) % 97)} for n in range(96)],
                },
            }
            for k in range(3)
        ]
    },
    {
        "q": {
            HOURS[0] + k * DAY + n * 15 * MINUTE: float(400 + ((n * 7919 + k * 31) % 97))
            for k in range(3)
            for n in range(96)
        }
    },
    asks=True,
    named=False,
)
MORE["two_timeseries_areas"] = Shaped(
    {
        "TimeSeries": [
            {
                "mRID": str(k + 1),
                "businessType": b,
                "Period": [
                    {
                        "timeInterval": {"start": iso(HOURS[0])},
                        "resolution": "PT60M",
                        "Point": [{"position": n + 1, "quantity": line[t]} for n, t in enumerate(HOURS)],
                    }
                ],
            }
            for k, (b, line) in enumerate({"B16": LEVEL, "B18": FLOW}.items())
        ]
    },
    {"B16": LEVEL, "B18": FLOW},
    asks=True,
)
MORE["begin_and_interval_in_ms"] = Shaped(
    {
        "series": [
            {"name": n, "pointStart": epoch(HOURS[0]) * 1000, "pointInterval": 3600000, "data": column(line)}
            for n, line in TWO.items()
        ]
    },
    TWO,
    asks=True,
)
MORE["ticks_of_two_lists"] = Shaped(
    {
        "StartPointUTC": epoch(HOURS[0]) * 1000,
        "EndPointUTC": epoch(HOURS[-1]) * 1000 + 3600000,
        "PeriodTickMs": 3600000,
        "Consumption": column(LEVEL),
        "Production": column(FLOW),
    },
    {"Consumption": LEVEL, "Production": FLOW},
    asks=True,
    named=False,
)
MORE["parallel_in_groups"] = Shaped(
    {
        "stations": [
            {"id": "a", "hourly": {"time": isos(HOURS), "temp": column(LEVEL), "flow": column(FLOW)}},
            {"id": "b", "hourly": {"time": isos(HOURS), "temp": column(TEMP), "flow": column(FLOW)}},
        ]
    },
    {"a temp": LEVEL, "a flow": FLOW, "b temp": TEMP, "b flow": FLOW},
    named=False,
)
MORE["rows_with_types_and_a_city"] = Shaped(
    {
        "meta": [
            {"name": "t", "type": "DateTime"},
            {"name": "city", "type": "String"},
            {"name": "v", "type": "Float64"},
        ],
        "data": [[iso(t), n, v] for n, line in TWO.items() for t, v in line.items()],
        "rows": 96,
        "statistics": {"elapsed": 0.01, "rows_read": 96},
    },
    TWO,
)
MORE["rows_with_named_columns"] = Shaped(
    {
        "columns": [{"name": "@timestamp", "type": "datetime"}, {"name": "level", "type": "float"}],
        "rows": [[iso(t), v] for t, v in LEVEL.items()],
        "cursor": None,
    },
    {"level": LEVEL},
)
MORE["rows_with_cols"] = Shaped(
    {
        "cols": ["ts", "level", "flow"],
        "rows": [[epoch(t) * 1000, LEVEL[t], FLOW[t]] for t in HOURS],
        "rowcount": 48,
        "duration": 1.2,
    },
    {"level": LEVEL, "flow": FLOW},
)
MORE["header_series_values"] = Shaped(
    {
        "series": [{"id": "S1", "title": "Level"}, {"id": "S2", "title": "Flow"}],
        "observations": [{"date": wall(t, "%Y-%m-%d"), "values": [D_LEVEL[t], D_FLOW[t]]} for t in DAYS],
    },
    {"S1": D_LEVEL, "S2": D_FLOW},
    named=False,
)
MORE["values_no_header"] = Shaped(
    [{"date": wall(t, "%Y-%m-%d"), "values": [D_LEVEL[t], D_FLOW[t]]} for t in DAYS],
    {"a": D_LEVEL, "b": D_FLOW},
    asks=True,
    named=False,
)
MORE["band"] = Shaped(
    [{"date": wall(t, "%Y-%m-%d"), "value": D_LEVEL[t], "band": [D_LEVEL[t] - 1, D_LEVEL[t] + 1]} for t in DAYS],
    {"value": D_LEVEL},
    asks=True,
    named=False,
    optional={"lo": {t: v - 1 for t, v in D_LEVEL.items()}, "hi": {t: v + 1 for t, v in D_LEVEL.items()}},
)
MORE["ndjson_mixed"] = Shaped(
    lines(*({"type": "obs", "at": iso(t), "data": {"level": LEVEL[t]}} for t in HOURS)),
    {"data.level": LEVEL},
    headers=NDJSON,
    named=False,
)
MORE["ndjson_columns"] = Shaped(
    lines(
        *(
            {"day": wall(HOURS[k], "%Y-%m-%d"), "time": isos(HOURS[k : k + 24]), "level": column(LEVEL)[k : k + 24]}
            for k in (0, 24)
        )
    ),
    {"level": LEVEL},
    headers=NDJSON,
    named=False,
)
MORE["parts_with_seconds"] = Shaped(
    [
        {"id": n, "time": [*from_micros(t).timetuple()[:5], *([n % 60, 5000000] if n % 3 else [])], "v": LEVEL[t]}
        for n, t in enumerate(HOURS)
    ],
    {"v": {t + ((n % 60) * 1000000 + 5000 if n % 3 else 0): LEVEL[t] for n, t in enumerate(HOURS)}},
)
MORE["unit_code"] = Shaped(
    [{"station": "n", "time": iso(t), "value": v, "unitCode": "wmoUnit:degC"} for t, v in LEVEL.items()],
    {"value": LEVEL},
    named=False,
)
MORE["unit_by_param"] = Shaped(
    [
        {"time": iso(t), "param": p, "value": line[t], "unit": u}
        for t in HOURS
        for p, line, u in (("temp", TEMP, "C"), ("flow", FLOW, "m3/s"))
    ],
    {"temp": TEMP, "flow": FLOW},
    named=False,
)
MORE["unit_obj"] = Shaped(
    {
        "obs": [
            {"time": iso(t), "temp": {"value": v, "unit": "C" if n < 30 else "F"}}
            for n, (t, v) in enumerate(LEVEL.items())
        ]
    },
    {"C": dict(list(LEVEL.items())[:30]), "F": dict(list(LEVEL.items())[30:])},
    asks=True,
    named=False,
)
MORE["currency_changes"] = Shaped(
    [
        {"day": wall(t, "%Y-%m-%d"), "price": v, "currency": "DEM" if n < 20 else "EUR"}
        for n, (t, v) in enumerate(D_LEVEL.items())
    ],
    {"DEM": dict(list(D_LEVEL.items())[:20]), "EUR": dict(list(D_LEVEL.items())[20:])},
    asks=True,
    named=False,
)
MORE["cells_percent"] = Shaped(
    [{"time": iso(t), "load": f"{10 + n % 50} %"} for n, t in enumerate(HOURS)],
    {"load": {t: (10 + n % 50) / 100 for n, t in enumerate(HOURS)}},
    asks=True,
)
MORE["csv_blank_multi"] = Shaped(
    "sep=,\n" + ",2026 level,flow\n" + "".join(f"{iso(t)},{LEVEL[t]},{FLOW[t]}\n" for t in HOURS),
    {"2026 level": LEVEL, "flow": FLOW},
    headers=CSV,
    asks=True,
)
MORE["csv_semicolon_blank"] = Shaped(
    ";datum;wert\n"
    + "".join(f"{n};{wall(t, '%d.%m.%Y %H:%M')};{str(LEVEL[t]).replace('.', ',')}\n" for n, t in enumerate(HOURS)),
    {"wert": LEVEL},
    headers=CSV,
    asks=True,
)
MORE["step_iso_min"] = Shaped(
    {"start": iso(HOURS[0]), "step": 60, "values": column(LEVEL)}, {"values": LEVEL}, asks=True, named=False
)
MORE["step_naive"] = Shaped(
    {"start": "2026-03-01T00:00:00", "stepMinutes": 60, "values": column(LEVEL)},
    {"values": LEVEL},
    asks=True,
    named=False,
)
MORE["months_step"] = Shaped(
    {"data": [{"series": "cpi", "start": "2023-01-01", "frequency": "P1M", "values": column(M_ONE)}]},
    {"cpi": M_ONE},
    asks=True,
    named=False,
)
MORE["labels_values"] = Shaped(
    {
        "labels": [wall(t, "%Y-%m-%d") for t in DAYS],
        "datasets": [
            {"label": "Level", "data": column(D_LEVEL), "borderColor": "#fff"},
            {"label": "Flow", "data": column(D_FLOW), "borderColor": "#000"},
        ],
    },
    {"Level": D_LEVEL, "Flow": D_FLOW},
)
MORE["named_traces"] = Shaped(
    {
        "data": [{"name": n, "x": isos(line), "y": column(line), "type": "scatter"} for n, line in TWO.items()],
        "layout": {"title": "x"},
    },
    TWO,
)
MORE["unnamed_traces"] = Shaped(
    {"data": [{"x": isos(line), "y": column(line)} for n, line in TWO.items()]}, TWO, asks=True, named=False
)
MORE["days_within_months"] = Shaped(
    {
        "months": [
            {"month": "2026-03", "days": [{"day": n + 1, "level": D_LEVEL[DAYS[n]]} for n in range(31)]},
            {"month": "2026-04", "days": [{"day": n + 1, "level": D_LEVEL[DAYS[31 + n]]} for n in range(9)]},
        ]
    },
    {"level": D_LEVEL},
    asks=True,
    named=False,
)
MORE["time_in_key_and_list"] = Shaped(
    {"readings": {iso(t): [LEVEL[t], FLOW[t]] for t in HOURS}, "fields": ["level", "flow"]},
    {"level": LEVEL, "flow": FLOW},
    named=False,
)
MORE["hours_by_number"] = Shaped(
    [
        {"site": 260, "date": wall(t, "%Y-%m-%dT00:00:00.000Z"), "hour": n % 24 + 1, "T": LEVEL[t]}
        for n, t in enumerate(HOURS)
    ],
    {"T": LEVEL},
    asks=True,
    offers=True,
)
MORE["half_hours_by_number"] = Shaped(
    {
        "data": [
            {
                "settlementDate": wall(HOURS[0] + day * DAY, "%Y-%m-%d"),
                "period": n + 1,
                "price": 40.5 + (n * 7 + day) % 31,
            }
            for day in range(3)
            for n in range(48)
        ]
    },
    {
        "price": {
            HOURS[0] + day * DAY + n * 30 * MINUTE: 40.5 + (n * 7 + day) % 31 for day in range(3) for n in range(48)
        }
    },
    asks=True,
    offers=True,
)
