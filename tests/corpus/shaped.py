"""Answers in the shapes that public APIs have, under other names: what each must yield, or may ask instead."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from api.serving import Line, Points, epoch, every, months, wall, wave
from slackwater.model.instants import DAY, HOUR, from_micros, iso

HOURS = every(HOUR, "2026-03-01", 48)
DAYS = every(DAY, "2026-03-01", 40)
MONTHS = months(2023, 24)
LEVEL, FLOW, TEMP = wave(HOURS, 3.2, 1.4, 2), wave(HOURS, 41.7, 12, 2, seed=1), wave(HOURS, 12.5, 6, 1, seed=2)
D_LEVEL, D_FLOW, D_TEMP = wave(DAYS, 3.2, 1.4, 2), wave(DAYS, 41.7, 12, 2, seed=1), wave(DAYS, 12.5, 6, 1, seed=2)
M_ONE, M_TWO = wave(MONTHS, 103.2, 9, 1), wave(MONTHS, 88.1, 12, 1, seed=3)


@dataclass(frozen=True)
class Shaped:
    """An answer; text is sent as it is. `asks`: a question with an exact alternative will do as well."""

    body: Any
    points: Points
    asks: bool = False
    offers: bool = False  # a question must come with an alternative
    optional: Points = field(default_factory=dict)
    named: bool = True
    headers: Mapping[str, str] = field(default_factory=dict)


def column(line: Line) -> list[float]:
    return list(line.values())


def isos(times: Any) -> list[str]:
    return [iso(time) for time in times]


def lines(*rows: Any) -> str:
    return "".join(f"{json.dumps(row)}\n" for row in rows)


CSV = {"Content-Type": "text/csv; charset=utf-8"}
NDJSON = {"Content-Type": "application/x-ndjson"}
XML = {"Content-Type": "application/xml"}
TWO = {"north": LEVEL, "south": FLOW}


def tail(line: Line, start: int) -> Line:
    return dict(list(line.items())[start:])


def positions(line: Line, name: str) -> str:
    """A series of XML whose points say their place."""
    begin = min(line)
    points = "".join(
        f"<Pt><pos>{(time - begin) // HOUR + 1}</pos><qty>{value}</qty></Pt>" for time, value in line.items()
    )
    return (
        f"<Series><area>{name}</area><Span><from>{iso(begin)[:16]}Z</from><to>{iso(max(line) + HOUR)[:16]}Z</to>"
        f"<resolution>PT60M</resolution>{points}</Span></Series>"
    )


SHAPED: dict[str, Shaped] = {
    # --- lists in the entries of a list
    "columns_in_entries": Shaped(
        {
            "_meta": {"version": "22"},
            "found": {
                "items": [
                    {
                        "code": name,
                        "freq": "monthly",
                        "indexed_at": "2026-03-01T00:00:00Z",
                        "geo": name[:1],
                        "when": [wall(time, "%Y-%m") for time in line],
                        "when_first_day": [wall(time, "%Y-%m-%d") for time in line],
                        "obs": ["NA" if n == 3 else value for n, value in enumerate(line.values())],
                    }
                    for name, line in (("A.HICP", M_ONE), ("B.HICP", tail(M_TWO, 5)))
                ],
                "limit": 50,
                "num": 2,
            },
        },
        {
            name: {time: value for n, (time, value) in enumerate(line.items()) if n != 3}
            for name, line in (("A.HICP", M_ONE), ("B.HICP", tail(M_TWO, 5)))
        },
        named=False,
    ),
    "times_and_values_in_entries": Shaped(
        {
            "Results": [
                {
                    "Id": f"q{n}",
                    "Label": name,
                    "Stamps": [epoch(time) for time in reversed(line)],
                    "Vals": list(reversed(line.values())),
                    "Status": "Complete",
                }
                for n, (name, line) in enumerate({"CPU north": LEVEL, "CPU south": tail(FLOW, 7)}.items())
            ],
            "Messages": [],
        },
        {"CPU north": LEVEL, "CPU south": tail(FLOW, 7)},
    ),
    "one_entry_of_times_and_values": Shaped(
        {"results": [{"label": "speed", "at": isos(LEVEL), "v": column(LEVEL)}]}, {"speed": LEVEL}, named=False
    ),
    "times_here_values_deeper": Shaped(
        {
            "history": {
                "entries": [
                    {
                        "info": {
                            "unit": "EUR",
                            "code": "TIDE",
                            "firstDate": 1165996800,
                            "lastTime": epoch(max(DAYS)) + 7200,
                            "offset": 0,
                            "lastPrice": 3.25,
                            "session": {"now": {"start": epoch(max(DAYS)), "end": epoch(max(DAYS)) + 28800}},
                        },
                        "stamps": [epoch(time) for time in DAYS],
                        "tracks": {
                            "main": [{"open": column(D_LEVEL), "close": column(D_FLOW)}],
                            "fitted": [{"fitted": column(D_TEMP)}],
                        },
                    }
                ],
                "error": None,
            }
        },
        {"open": D_LEVEL, "close": D_FLOW, "fitted": D_TEMP},
        named=False,
    ),
    "begin_step_values": Shaped(
        {
            "body": [
                {"begin_time": epoch(HOURS[0]), "step": 3600, "values": [[each] for each in column(LEVEL)[:30]]},
                {"begin_time": epoch(HOURS[30]), "step": 3600, "values": [[each] for each in column(LEVEL)[30:]]},
            ],
            "status": "ok",
        },
        {"values": LEVEL},
        asks=True,
        named=False,
    ),
    "begin_step_bare_values": Shaped(
        {"series": {"start": iso(HOURS[0]), "intervalSeconds": 3600, "readings": column(LEVEL)}},
        {"readings": LEVEL},
        asks=True,
        named=False,
    ),
    "begin_duration_values": Shaped(
        {
            "areas": [
                {"area": name, "start": iso(HOURS[0]), "resolution": "PT1H", "values": column(line)}
                for name, line in TWO.items()
            ]
        },
        TWO,
        asks=True,
        named=False,
    ),
    "positions_in_xml": Shaped(
        "<?xml version='1.0'?><Doc xmlns='urn:x'><id>7</id><made>2026-03-09T10:00:00Z</made>"
        f"{positions(LEVEL, 'N')}{positions(FLOW, 'S')}</Doc>",
        {"N": LEVEL, "S": FLOW},
        asks=True,
        headers=XML,
        named=False,
    ),
    "positions_in_json": Shaped(
        {
            "periods": [
                {
                    "start": iso(HOURS[k]),
                    "end": iso(HOURS[k] + DAY),
                    "resolution": "PT60M",
                    "points": [{"position": n + 1, "price": LEVEL[HOURS[k + n]]} for n in range(24)],
                }
                for k in (0, 24)
            ]
        },
        {"price": LEVEL},
        asks=True,
        named=False,
    ),
    # --- vectors of a record
    "vectors": Shaped(
        {
            "status": "success",
            "data": {
                "type": "vector",
                "result": [
                    {"labels": {"__name__": "up", "host": f"h{n}"}, "sample": [epoch(HOURS[0]) + 0.781, str(n % 2)]}
                    for n in range(5)
                ],
            },
        },
        {f"h{n}": {HOURS[0] + 781_000: float(n % 2)} for n in range(5)},
        named=False,
    ),
    "vectors_of_one_record": Shaped(
        {"data": {"result": [{"labels": {"job": "tide"}, "sample": [epoch(HOURS[0]), "3.5"]}]}},
        {"tide": {HOURS[0]: 3.5}},
        asks=True,
        named=False,
    ),
    "pairs_in_a_field": Shaped(
        [{"at": [iso(time), value], "gauge": "west"} for time, value in LEVEL.items()], {"level": LEVEL}, named=False
    ),
    # --- lines of JSON
    "lines_of_lists": Shaped(
        lines(*([iso(time), value] for time, value in LEVEL.items())), {"value": LEVEL}, headers=NDJSON, named=False
    ),
    "lines_of_lists_with_names": Shaped(
        lines(["moment", "level", "flow"], *([iso(time), LEVEL[time], FLOW[time]] for time in HOURS)),
        {"level": LEVEL, "flow": FLOW},
        headers=NDJSON,
    ),
    "lines_that_hold_pairs": Shaped(
        lines(*({"gauge": name, "values": [[epoch(t), v] for t, v in line.items()]} for name, line in TWO.items())),
        TWO,
        headers=NDJSON,
    ),
    "lines_that_hold_columns": Shaped(
        lines(
            *(
                {
                    "metric": {"__name__": "level", "host": name},
                    "timestamps": [t // 1000 for t in line],
                    "values": column(line),
                }
                for name, line in TWO.items()
            )
        ),
        TWO,
        headers=NDJSON,
        named=False,
    ),
    "lines_that_hold_objects": Shaped(
        lines(
            *({"gauge": name, "rows": [{"t": iso(t), "v": v} for t, v in line.items()]} for name, line in TWO.items())
        ),
        TWO,
        headers=NDJSON,
    ),
    # --- CSV
    "csv_first_name_blank_times": Shaped(
        ",level,flow\n" + "".join(f"{iso(t)},{LEVEL[t]},{FLOW[t]}\n" for t in HOURS),
        {"level": LEVEL, "flow": FLOW},
        headers=CSV,
    ),
    "csv_first_name_blank_counter": Shaped(
        ",when,level\n" + "".join(f"{n + 17},{iso(t)},{LEVEL[t]}\n" for n, t in enumerate(HOURS)),
        {"level": LEVEL},
        headers=CSV,
    ),
    "csv_first_name_blank_station": Shaped(
        ",when,level\n" + "".join(f"{name},{iso(t)},{v}\n" for name, line in TWO.items() for t, v in line.items()),
        TWO,
        headers=CSV,
    ),
    "csv_two_tables": Shaped(
        "".join(
            "#kind,string,long,dateTime,double,string\n#default,,,,,\n,result,table,_time,_value,_field\n"
            + "".join(f",,{n},{iso(t)},{v},{name}\n" for t, v in line.items())
            + "\n"
            for n, (name, line) in enumerate(TWO.items())
        ),
        TWO,
        headers=CSV,
    ),
    "csv_two_tables_other_columns": Shaped(
        "".join(
            f",result,table,{'room,' if n else ''}_time,_value,_field\n"
            + "".join(f",,{n},{'hall,' if n else ''}{iso(t)},{v},{name}\n" for t, v in line.items())
            + "\n"
            for n, (name, line) in enumerate(TWO.items())
        ),
        TWO,
        headers=CSV,
        asks=True,
    ),
    # --- names that stand elsewhere
    "names_of_rows_in_meta": Shaped(
        {
            "data": [[wall(t, "%Y-%m-%d"), D_LEVEL[t], D_FLOW.get(t)] for t in DAYS],
            "count": len(DAYS),
            "meta": [
                {"frequency": "day", "start": "2026-03-01", "end": wall(DAYS[-1], "%Y-%m-%d")},
                {"field": {"id": "17.2_A", "description": "level", "units": "m"}, "set": {"title": "Rivers"}},
                {"field": {"id": "17.3_B", "description": "flow", "units": "m"}, "set": {"title": "Rivers"}},
            ],
        },
        {"17.2_A": D_LEVEL, "17.3_B": D_FLOW},
    ),
    "names_of_values_in_header": Shaped(
        {"series": ["level", "flow"], "rows": [{"t": iso(t), "v": [LEVEL[t], FLOW[t]]} for t in HOURS]},
        {"level": LEVEL, "flow": FLOW},
    ),
    "names_without_time_in_header": Shaped(
        {"variables": ["level", "flow"], "data": [[iso(t), LEVEL[t], FLOW[t]] for t in HOURS]},
        {"level": LEVEL, "flow": FLOW},
    ),
    "named_lists_beside_times": Shaped(
        {
            "attrs": [{"attrName": name, "vals": column(line)} for name, line in TWO.items()],
            "entity": "Room1",
            "idx": isos(HOURS),
        },
        TWO,
    ),
    "one_named_list_beside_times": Shaped(
        {"attributes": [{"attrName": "level", "values": column(LEVEL)}], "entityId": "R1", "index": isos(HOURS)},
        {"level": LEVEL},
    ),
    "series_with_lists_beside_times": Shaped(
        {
            "dates": isos(HOURS),
            "gauges": [{"gauge": name, "unit": "m", "levels": column(line)} for name, line in TWO.items()],
        },
        TWO,
    ),
    "columns_with_types": Shaped(
        {
            "meta": [
                {"name": "ts", "type": "DateTime"},
                {"name": "level", "type": "Float64"},
                {"name": "flow", "type": "Float64"},
            ],
            "data": [[iso(t), LEVEL[t], FLOW[t]] for t in HOURS],
            "rows": len(HOURS),
        },
        {"level": LEVEL, "flow": FLOW},
    ),
    "series_with_header_list": Shaped(
        {"header": {"series": [{"id": "level"}, {"id": "flow"}]}, "rows": [[iso(t), LEVEL[t], FLOW[t]] for t in HOURS]},
        {"level": LEVEL, "flow": FLOW},
    ),
    "name_beside_the_list": Shaped(
        {"station": "north", "unit": "m", "values": [[epoch(t), v] for t, v in LEVEL.items()]},
        {"value": LEVEL},
        named=False,
    ),
    # --- times
    "times_of_numbers": Shaped(
        [
            {"readingId": 900 + n, "at": [*from_micros(t).timetuple()[:4], 0], "level": LEVEL[t]}
            for n, t in enumerate(HOURS)
        ],
        {"level": LEVEL},
    ),
    "days_of_numbers": Shaped(
        {"rows": [{"day": list(from_micros(t).timetuple()[:3]), "level": D_LEVEL[t], "flow": D_FLOW[t]} for t in DAYS]},
        {"level": D_LEVEL, "flow": D_FLOW},
    ),
    "times_of_objects": Shaped(
        [
            {"at": {"year": d.year, "month": d.month, "day": d.day, "hour": d.hour}, "level": v}
            for d, v in ((from_micros(t), v) for t, v in LEVEL.items())
        ],
        {"level": LEVEL},
    ),
    "hours_within_days": Shaped(
        {
            "days": [
                {
                    "date": wall(HOURS[k], "%Y-%m-%d"),
                    "hours": [{"hour": n, "level": LEVEL[HOURS[k + n]]} for n in range(24)],
                }
                for k in (0, 24)
            ]
        },
        {"level": LEVEL},
        asks=True,
    ),
    "interval_objects": Shaped(
        {
            "data": [
                {"interval": {"from": iso(t), "to": iso(t + HOUR)}, "level": {"amount": v, "unit": "m"}}
                for t, v in LEVEL.items()
            ]
        },
        {"level.amount": LEVEL},
        named=False,
    ),
    # --- units
    "unit_changes_along": Shaped(
        {
            "results": [
                {
                    "place": "north",
                    "at": iso(t),
                    "amount": v if n < 24 else round(v * 1000),
                    "measuredIn": "ppm" if n < 24 else "ppb",
                }
                for n, (t, v) in enumerate(LEVEL.items())
            ]
        },
        {
            "ppm": dict(list(LEVEL.items())[:24]),
            "ppb": {t: float(round(v * 1000)) for t, v in list(LEVEL.items())[24:]},
        },
        asks=True,
        named=False,
    ),
    "unit_in_cells": Shaped(
        [{"time": iso(t), "pm10": f"{LEVEL[t]:.2f} µg/m³", "wind": f"{FLOW[t]:.1f} km/h"} for t in HOURS],
        {"pm10": LEVEL, "wind": {t: round(v, 1) for t, v in FLOW.items()}},
        asks=True,
    ),
    "one_unit_in_cells": Shaped(
        {"obs": [{"time": iso(t), "pm10": f"{LEVEL[t]:.2f} µg/m³", "temp": TEMP[t]} for t in HOURS]},
        {"pm10": LEVEL, "temp": TEMP},
        asks=True,
    ),
    "units_in_cells_change": Shaped(
        [
            {"time": iso(t), "load": f"{LEVEL[t]:.2f} kW" if n % 2 else f"{LEVEL[t] * 1000:.0f} W"}
            for n, t in enumerate(HOURS)
        ],
        {"never": {}},
        asks=True,
    ),
    "decimals_as_text": Shaped(
        {
            "count": 48,
            "results": [{"id": n, "at": iso(t), "amount": f"{v:.3f}"} for n, (t, v) in enumerate(LEVEL.items())],
        },
        {"amount": LEVEL},
    ),
    "three_decimals_as_text": Shaped(
        {
            "count": 48,
            "next": None,
            "previous": None,
            "results": [
                {"at": iso(t), "amount": f"{1 + n % 9 + (n * 37 % 1000) / 1000:.3f}"} for n, t in enumerate(HOURS)
            ],
        },
        {"amount": {t: round(1 + n % 9 + (n * 37 % 1000) / 1000, 3) for n, t in enumerate(HOURS)}},
    ),
}
