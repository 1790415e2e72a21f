"""Sensors, homes, web counters: what devices and their clouds answer."""

from email.utils import format_datetime
from typing import Any
from zoneinfo import ZoneInfo

from api.serving import NOW, Answer, Ask, api, epoch, every, iso, text, until, wall, wave
from slackwater.model.instants import DAY, HOUR, MINUTE, SECOND, from_micros

_FED = until("2026-11-20T11:50:00Z", 10 * MINUTE, 1_500)
_FIELDS = {"Light": wave(_FED, 204, 150, 0), "Outside Temperature": wave(_FED, 17.7, 6, 2, seed=1, hole=61)}


@api("/channels/9/feeds.json", _FIELDS, needs=("results",))
def thing_speak(ask: Ask) -> Any:
    """`created_at` is the time; what field1 means is said in the channel; 100 unless asked, 8,000 at most."""
    low, high = ask.moment("start"), ask.moment("end")
    times = [time for time in _FED if (low or 0) <= time <= (high or NOW)]
    times = times[-ask.integer("results", 100, most=8_000, cut=True) :]
    return {
        "channel": {
            "id": 9,
            "name": "my_house",
            "description": "Netduino Plus",
            "latitude": "40.44",
            "longitude": "-79.9965",
            "field1": "Light",
            "field2": "Outside Temperature",
            "created_at": "2010-12-13T20:20:06Z",
            "updated_at": "2019-11-01T15:29:26Z",
            "last_entry_id": 13_633_195,
        },
        "feeds": [
            {
                "created_at": iso(time),
                "entry_id": 13_600_000 + _FED.index(time),
                "field1": text(_FIELDS["Light"][time], 0),
                "field2": text(_FIELDS["Outside Temperature"].get(time), 2),
            }
            for time in times
        ],
    }


_METERED = until("2026-11-20T11:50:00Z", 10 * MINUTE, 1_300)
_METERS = {"energy": wave(_METERED, 2.4, 1.9, 3), "voltage": wave(_METERED, 231, 4, seed=1)}


@api("/api/v1/meters/12/readings", _METERS, named=True, needs=("since",))
def readings_since(ask: Ask) -> Any:
    """The newest 200; all from a moment on if one is given, the oldest first and 500 at most. It knows no end."""
    since = ask.moment("since")
    times = _METERED[-200:] if since is None else [time for time in _METERED if time >= since][:500]
    return {
        "meter": 12,
        "readings": [{"time": iso(time), **{name: line[time] for name, line in _METERS.items()}} for time in times],
    }


_ROOMS = {"kitchen": 21.5, "cellar": 12.25, "attic": 27.0, "garage": 9.75, "hall": 19.0}


@api("/api/rooms", {name: {NOW: value} for name, value in _ROOMS.items()}, named=True)
def room_sensors(ask: Ask) -> Any:
    """The newest reading of each sensor; when they were taken stands once, beside their list."""
    return {
        "gateway": "gw-7",
        "firmware": "2.4.1",
        "timestamp": iso(NOW),
        "readings": [{"sensor": name, "value": value, "unit": "°C"} for name, value in _ROOMS.items()],
    }


_SENT = until(NOW, 150 * SECOND, 60)
_DUST = {"P1": wave(_SENT, 11.4, 7, 2), "P2": wave(_SENT, 5.2, 3, 2, seed=1)}


@api("/airrohr/v1/sensor/72413/", _DUST)
def sensor_community(ask: Ask) -> Any:
    """Values in a list of type and value inside each record; four kinds of ids, one of which grows."""
    return [
        {
            "id": 21_993_000_000 + n,
            "timestamp": wall(time, "%Y-%m-%d %H:%M:%S"),
            "sampling_rate": None,
            "location": {
                "id": 58_213,
                "latitude": "38.71",
                "longitude": "-9.14",
                "altitude": "51.0",
                "country": "PT",
                "exact_location": 0,
                "indoor": 0,
            },
            "sensor": {"id": 72_413, "pin": "1", "sensor_type": {"id": 14, "name": "SDS011", "manufacturer": "Nova"}},
            "sensordatavalues": [
                {"id": 49_100_000_000 + 2 * n + k, "value_type": name, "value": text(line[time], 2)}
                for k, (name, line) in enumerate(_DUST.items())
            ],
        }
        for n, time in enumerate(_SENT)
    ]


_AIR = until("2026-11-20T11:00:00Z", HOUR, 2_400)
_PM = wave(_AIR, 12.1, 8, 1)


@api(
    "/v3/sensors/3917/measurements",
    {"value": _PM},
    needs=("page",),
    auth={"auth_type": "api_key", "api_key": "openaq-key", "api_key_header": "X-API-Key"},
    refusal=lambda said: Answer({"detail": [{"type": "int_parsing", "loc": ["query"], "msg": said}]}, 422),
)
def openaq(ask: Ask) -> Any:
    """A period with two ends in two zones; numbers about coverage beside the value; how many there are as `>100`."""
    span = ask.span("datetime_from", "datetime_to")
    times = span.of(_AIR)
    limit, page = ask.integer("limit", 100, least=1, most=1_000), ask.integer("page", 1, least=1)
    found = times[(page - 1) * limit : page * limit]

    def both(time: int) -> dict[str, str]:
        return {"utc": iso(time), "local": wall(time - 5 * HOUR, "%Y-%m-%dT%H:%M:%S-05:00")}

    return {
        "meta": {
            "name": "openaq-api",
            "website": "/",
            "page": page,
            "limit": limit,
            "found": f">{limit}" if len(found) == limit else len(found),
        },
        "results": [
            {
                "value": _PM[time],
                "flagInfo": {"hasFlags": False},
                "parameter": {"id": 2, "name": "pm25", "units": "µg/m³", "displayName": None},
                "period": {
                    "label": "1hour",
                    "interval": "01:00:00",
                    "datetimeFrom": both(time),
                    "datetimeTo": both(time + HOUR),
                },
                "coordinates": None,
                "summary": None,
                "coverage": {
                    "expectedCount": 1,
                    "expectedInterval": "01:00:00",
                    "observedCount": 1,
                    "observedInterval": "01:00:00",
                    "percentComplete": 100.0,
                    "percentCoverage": 100.0,
                    "datetimeFrom": both(time),
                    "datetimeTo": both(time + HOUR),
                },
            }
            for time in found
        ],
    }


_INDOORS = until("2026-11-20T11:30:00Z", 30 * MINUTE, 1_000)
_ROOM = {"0": wave(_INDOORS, 21.3, 3, 1), "1": wave(_INDOORS, 54, 12, 0, seed=1)}


@api(
    "/api/getmeasure?device_id=70:ee:50&scale=30min&type=temperature,humidity&optimize=false",
    _ROOM,
    auth={"auth_type": "bearer", "bearer_token": "57a1|b2c3"},
)
def netatmo(ask: Ask) -> Any:
    """Keyed by epoch seconds, the values a list in the order of the `type` that was asked for."""
    low, high = ask.moment("date_begin", "epoch_s"), ask.moment("date_end", "epoch_s")
    times = [time for time in _INDOORS if (low or 0) <= time <= (high or NOW)][
        : ask.integer("limit", 1_024, most=1_024)
    ]
    return {
        "body": {str(epoch(time)): [_ROOM["0"][time], int(_ROOM["1"][time])] for time in times},
        "status": "ok",
        "time_exec": 0.0412,
        "time_server": epoch(NOW),
    }


_ENTITIES = {
    "sensor.living_room_temperature": wave(until(NOW, 11 * MINUTE, 130), 21.4, 2, 1),
    "sensor.living_room_humidity": wave(until(NOW, 17 * MINUTE, 84), 52.3, 9, 1, seed=1),
}
_LOST = 40  # every so often an entity is not there


@api(
    "/api/history/period/2026-11-19T12:00:00+00:00?filter_entity_id=sensor.living_room_temperature,"
    "sensor.living_room_humidity",
    {
        name: {time: value for n, (time, value) in enumerate(line.items()) if n % _LOST}
        for name, line in _ENTITIES.items()
    },
    auth={"auth_type": "bearer", "bearer_token": "ha-long-lived"},
)
def home_assistant(ask: Ask) -> Any:
    """A list for each entity; states as text, sometimes a word; two times that nearly agree."""
    return [
        [
            {
                "entity_id": name,
                "state": text(value) if n % _LOST else "unavailable",
                "attributes": {"unit_of_measurement": "°C", "friendly_name": name.replace("_", " ").title()},
                "last_changed": wall(time, "%Y-%m-%dT%H:%M:%S.%f+00:00"),
                "last_updated": wall(time, "%Y-%m-%dT%H:%M:%S.%f+00:00"),
            }
            for n, (time, value) in enumerate(line.items())
        ]
        for name, line in _ENTITIES.items()
    ]


_INSIDE = until(NOW, 13 * MINUTE, 180)
_FLOORS = {"sensor.cellar": wave(_INSIDE, 12, 1), "sensor.attic": wave(_INSIDE, 22, 6, seed=2)}


@api(
    "/api/history/period/2026-11-18T00:00:00+00:00?filter_entity_id=sensor.cellar,sensor.attic&minimal_response",
    _FLOORS,
    named=True,
)
def home_assistant_minimal(ask: Ask) -> Any:
    """A list for each entity, whose name and second time stand in its first and last state alone."""
    answer = []
    for name, line in _FLOORS.items():
        states = [{"state": str(line[time]), "last_changed": iso(time)} for time in _INSIDE]
        for each in (states[0], states[-1]):
            each |= {"entity_id": name, "last_updated": each["last_changed"], "attributes": {"friendly_name": name[7:]}}
        answer.append(states)
    return answer


# --- forms of time ---------------------------------------------------------------------------------------------------

_READ = every(HOUR, "2026-09-01", 700)
_TANK = wave(_READ, 73.25, 20, 2)


@api("/Readings.svc/Readings?$format=json", {"Level": _TANK}, needs=("$skip",))
def odata_v2_dates(ask: Ask) -> Any:
    """`/Date(…)/` in milliseconds; numbers as text; the next page under `d.__next`."""
    skip = ask.integer("$skip", 0)
    top = ask.integer("$top", 200, most=200, cut=True)
    more = {"__next": ask.url(**{"$skip": skip + 200})} if skip + 200 < len(_READ) and "$top" not in ask.query else {}
    return {
        "d": {
            "results": [
                {
                    "__metadata": {"uri": f"{ask.base}/Readings.svc/Readings({n})", "type": "Tank.Reading"},
                    "ReadingId": n,
                    "ReadAt": f"/Date({_READ[n] // 1000})/",
                    "Level": text(_TANK[_READ[n]], 2),
                    "Tank": {"__deferred": {"uri": "x"}},
                }
                for n in range(skip, min(skip + top, len(_READ)))
            ],
            **more,
        }
    }


_POSTED = until("2026-11-20T11:00:00Z", HOUR, 72)
_AQI = wave(_POSTED, 41, 20, 0)


@api("/feed/lisbon/items", {"aqi": _AQI}, named=True)
def feed_rfc_2822(ask: Ask) -> Any:
    """Times as in e-mail; a title that repeats the value in words."""
    return {
        "title": "Air quality",
        "ttl": 60,
        "item": [
            {
                "guid": f"aqi-{n}",
                "title": f"AQI {int(_AQI[time])}",
                "aqi": int(_AQI[time]),
                "pubDate": format_datetime(from_micros(time), usegmt=True),
            }
            for n, time in enumerate(reversed(_POSTED))
        ],
    }


_SUMMER = every(HOUR, "2026-06-01T03:00:00Z", 800)
_KW = wave(_SUMMER, 3.41, 3, 3)


@api("/site/1/energy?timeUnit=HOUR", {"energy.values.value": _KW})
def solar_site_local(ask: Ask) -> Any:
    """Local times; their zone is a field far from them."""
    zone = ZoneInfo("America/Sao_Paulo")
    return {
        "details": {"id": 1, "peakPower": 9.8, "location": {"country": "Brazil", "timeZone": "America/Sao_Paulo"}},
        "energy": {
            "timeUnit": "HOUR",
            "unit": "Wh",
            "measuredBy": "INVERTER",
            "values": [
                {"date": from_micros(time).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S"), "value": _KW[time]}
                for time in _SUMMER
            ],
        },
    }


_VIEWED = until("2026-11-18", DAY, 400)
_VIEWS = wave(_VIEWED, 1_204, 700, 0)


@api(
    "/api/rest_v1/metrics/pageviews/per-article/en.wikipedia/all-access/all-agents/Tide/daily/2025101500/2026111800",
    {"views": _VIEWS},
    named=True,
)
def wikimedia(ask: Ask) -> Any:
    """The hour as ten digits."""
    return {
        "items": [
            {
                "project": "en.wikipedia",
                "article": "Tide",
                "granularity": "daily",
                "timestamp": wall(time, "%Y%m%d00"),
                "access": "all-access",
                "agent": "all-agents",
                "views": int(_VIEWS[time]),
            }
            for time in _VIEWED
        ]
    }


_EXPORTED = every(20 * MINUTE, "2026-10-01", 1_100)
_LINES = {"pump-1": wave(_EXPORTED, 5.31, 2, 3), "pump-2": wave(_EXPORTED, 7.14, 2, 3, seed=1)}


@api("/export/pressure.ndjson", _LINES)
def export_ndjson(ask: Ask) -> Any:
    """A record a line, two devices among each other."""
    lines = [
        f'{{"ts":{time // 1000},"device":"{name}","seq":{n * 2 + k},"bar":{line[time]}}}'
        for n, time in enumerate(_EXPORTED)
        for k, (name, line) in enumerate(_LINES.items())
    ]
    return Answer("\n".join([*lines, ""]).encode(), headers={"Content-Type": "application/x-ndjson"})


_LATEST = NOW - 90 * SECOND


@api(
    "/status",
    {name: {_LATEST: value} for name, value in (("temperature_c", 18.4), ("humidity", 61.0), ("battery_v", 3.71))},
    named=True,
    optional={"rssi": {_LATEST: -67.0}},
)
def weather_box_status(ask: Ask) -> Any:
    """One object, one reading, flat."""
    return {
        "device": "wx-7",
        "fw_version": "2.4",
        "ts": epoch(_LATEST),
        "temperature_c": 18.4,
        "humidity": 61,
        "battery_v": 3.71,
        "rssi": -67,
        "online": True,
    }
