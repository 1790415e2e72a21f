"""Scenes for the console: wrappers put straight into the store of a service that does not run (yet)."""

import json
import math
import time
import uuid
from pathlib import Path
from typing import Any

import msgspec

from slackwater.model.checkpoint import Checkpoint, Interval
from slackwater.model.freshness import Freshness
from slackwater.model.instants import DAY, HOUR, MINUTE, YEAR
from slackwater.store import schema
from slackwater.store.engine.database import Connection, Database

CODE = '''"""Readings of a tide gauge, page by page."""

from slackwater import ApiWrapper, Offset

wrapper = ApiWrapper(
    url="https://data.example.org/v1/levels",
    records="items",  # where the list of records is
    time="time",
    value="value",
    pages=Offset(limit=500),
)
'''
SEA, AIR, DEMAND = (
    {"domain": domain, "subdomain": subdomain}
    for domain, subdomain in (("Environment", "Sea"), ("Environment", "Air"), ("Tourism", "Demand"))
)
PLACES = ("Aveiro", "Cascais", "Faro", "Funchal", "Lagos", "Leixões", "Ponta Delgada", "Setúbal", "Sines", "Viana")
KINDS = (
    ("Sea level", "m", SEA),
    ("Water temperature", "°C", SEA),
    ("Visitors", "people", DEMAND),
    ("Nights spent", "nights", DEMAND),
    ("NO₂", "µg/m³", AIR),
    ("Salinity", "PSU", SEA),
    ("Wind speed", "m/s", AIR),
)
STATES = ("executing",) * 7 + ("stopped", "completed", "error", "retrying")
ERROR = "The source answered 404 for /v1/levels. Check location in source_config."


def fill(data_dir: Path, count: int, *, points: int = 60, runs: int = 3, name: str | None = None) -> list[str]:
    """Put `count` wrappers of all statuses into the store; each with a resource, some runs, and recent points.

    `name` instead of the made-up ones. Returns their ids, in the order of their creation.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    database = Database.open(data_dir)
    try:
        return database.write(lambda c: _filled(c, count, points, runs, name)).result()
    finally:
        database.close()


def _filled(c: Connection, count: int, points: int, runs: int, name: str | None) -> list[str]:
    now = time.time_ns() // 1000
    rows = [_wrapper(number, now, points, name) for number in range(count)]
    c.execute(schema.wrappers.insert(), rows)
    c.execute(schema.resources.insert(), [_resource(row) for row in rows])
    c.execute(schema.runs.insert(), [run for row in rows for run in _runs(row, now, runs)])
    first = c.execute(schema.series.select().order_by(schema.series.c.series_id.desc()).limit(1)).first()
    start = first.series_id + 1 if first else 1
    owners = [(start + number, row) for number, row in enumerate(rows) if points]
    if owners:
        c.execute(
            schema.series.insert(),
            [{"series_id": series_id, "owner": row["wrapper_id"], "name": row["name"]} for series_id, row in owners],
        )
        c.exec_driver_sql(
            "INSERT INTO points (series_id, x, y) VALUES (?, ?, ?)",
            [
                (series_id, row["high_water_mark"] - (points - 1 - n) * HOUR, _value(series_id, n))
                for series_id, row in owners
                for n in range(points)
            ],
        )
        c.exec_driver_sql(
            "INSERT INTO blocks (series_id, first, last, count, total, least, most) SELECT series_id, min(x), max(x), "
            "count(*), sum(y), min(y), max(y) FROM points WHERE series_id >= ? GROUP BY series_id",
            (start,),
        )
        c.exec_driver_sql(
            "INSERT INTO daily (day, points) VALUES (?, ?) ON CONFLICT (day) DO UPDATE SET points = excluded.points",
            (now // DAY, count * min(points, 24)),
        )
    return [str(row["wrapper_id"]) for row in rows]


def _value(series_id: int, n: int) -> float:
    return round(2 + math.sin((n + series_id) / 6) + ((n * 7 + series_id) % 11) / 25, 3)


def _wrapper(number: int, now: int, points: int, name: str | None) -> dict[str, Any]:
    kind, unit, group = KINDS[number % len(KINDS)]
    status = STATES[number % len(STATES)]
    source_type = "CSV" if status == "completed" else "API"
    titled = name or f"{kind}, {PLACES[number % len(PLACES)]} {number:05}"
    created = now - YEAR + number * MINUTE
    newest = now - now % HOUR - number % 4 * HOUR if number % 13 else now - now % HOUR - 5 * DAY
    done = status not in ("error", "retrying")
    checkpoint = Checkpoint(covered=(Interval(now - YEAR, now),), backfill_done=done)
    config: dict[str, Any] = {"location": "https://data.example.org/v1/levels", "auth_type": "none"}
    return {
        "wrapper_id": str(uuid.uuid4()),
        "source_type": source_type,
        "source_config": json.dumps({"file_id": str(uuid.uuid4())} if source_type == "CSV" else config),
        "metadata": json.dumps({"name": titled, "unit": unit, "periodicity": "hourly", **group}),
        "name": titled,
        "auto_create_resource": True,
        "resource_id": uuid.uuid4().hex[:24],
        "generated_code": CODE,
        "identity": "0" * 64,
        "wanted": "stopped" if status == "stopped" else "executing",
        "status": status,
        "epoch": 2,
        "error_message": ERROR if status in ("error", "retrying") else None,
        "retry_count": 2 if status == "retrying" else 0,
        "fault_count": 1 if status == "error" else 0,
        # Far enough away that a service on this store starts none of them.
        "due_at": now + DAY // 2 + number * 1000 if status in ("executing", "retrying") else None,
        "created_at": created,
        "updated_at": now,
        "completed_at": now if status == "completed" else None,
        "last_data_sent": now - 20 * MINUTE if number % 13 else now - 5 * DAY,
        "points": points,
        "high_water_mark": newest if points else None,
        "low_water_mark": newest - (points - 1) * HOUR if points else None,
        "freshness": msgspec.json.encode(Freshness(delay=HOUR + number % 5 * HOUR, rhythm=HOUR, advances=9)).decode(),
        "checkpoint": msgspec.json.encode(checkpoint),
    }


def _resource(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": row["resource_id"],
        "wrapper_id": row["wrapper_id"],
        "name": row["name"],
        "type": "series",
        "source_type": row["source_type"],
        "created_at": row["created_at"],
    }


def _runs(row: dict[str, Any], now: int, count: int) -> list[dict[str, Any]]:
    failed = row["status"] in ("error", "retrying")
    if row["last_data_sent"] < now - DAY:  # such a wrapper follows for long, and gets nothing
        now -= 6 * DAY
    return [
        {
            "run_id": str(uuid.uuid4()),
            "wrapper_id": row["wrapper_id"],
            "epoch": 1 if n == 0 and count > 2 else 2,
            "task": "read",
            "started_at": now - (count - n) * HOUR,
            "finished_at": now - (count - n) * HOUR + MINUTE,
            "outcome": "failed" if failed and n == count - 1 else "succeeded",
            "points_new": 1,
            "points_received": 1,
            "message": ERROR if failed and n == count - 1 else None,
        }
        for n in range(count)
    ]
