"""Weather and water: what stations measured, and where."""

from typing import Any

from api.serving import NOW, Answer, Ask, Refused, Span, api, csv, epoch, every, iso, text, until, wall, wave
from slackwater.model.instants import DAY, HOUR, MINUTE, SECOND, YEAR, parse_iso

# --- Open-Meteo ------------------------------------------------------------------------------------------------------

_SUMMER = every(HOUR, "2026-06-01", 24 * 100)
_HEAT, _RAIN = wave(_SUMMER, 22.4, 6), wave(_SUMMER, 1.2, 1.1, 2, seed=3, hole=40)


def _open_meteo(ask: Ask, zone: str, shift: int) -> dict[str, Any]:
    span = ask.span("start_date", "end_date", "date")
    if span.start < _SUMMER[0] - 80 * YEAR or span.end > NOW + 17 * DAY:
        raise Refused("Parameter 'start_date' is out of allowed range from 1940-01-01 to 2026-12-06")
    # Days without data are there all the same, as nulls, though here no more than a month of them.
    low = max(span.start, _SUMMER[0] - 10 * DAY)
    times = [low - shift + n * HOUR for n in range(max(0, min(span.end, _SUMMER[-1] + 20 * DAY) - low) // HOUR)]
    return {
        "latitude": 38.72,
        "longitude": -9.14,
        "generationtime_ms": 0.0712,
        "utc_offset_seconds": shift // SECOND,
        "timezone": zone,
        "timezone_abbreviation": "GMT",
        "elevation": 45.0,
        "hourly_units": {"time": "iso8601", "temperature_2m": "°C", "precipitation": "mm"},
        "hourly": {
            "time": [wall(time + shift, "%Y-%m-%dT%H:%M") for time in times],
            "temperature_2m": [_HEAT.get(time) for time in times],
            "precipitation": [_RAIN.get(time) for time in times],
        },
    }


def _unreasonable(said: str) -> Answer:
    return Answer({"error": True, "reason": said}, 400)


@api(
    "/v1/archive?latitude=38.72&longitude=-9.14&start_date=2026-06-01&end_date=2026-06-30"
    "&hourly=temperature_2m,precipitation",
    {"temperature_2m": _HEAT, "precipitation": _RAIN},
    named=True,
    needs=("start_date", "end_date"),
    loose=("start_date", "end_date"),
    refusal=_unreasonable,
)
def open_meteo(ask: Ask) -> Any:
    """Parallel arrays; both dates are required."""
    if "start_date" not in ask.query or "end_date" not in ask.query:
        raise Refused("Parameter 'start_date' and 'end_date' must be set")
    return _open_meteo(ask, "GMT", 0)


@api(
    "/v1/local/archive?latitude=38.72&longitude=-9.14&start_date=2026-06-01&end_date=2026-09-30"
    "&hourly=temperature_2m,precipitation&timezone=Europe/Lisbon",
    {"temperature_2m": _HEAT, "precipitation": _RAIN},
    named=True,
    loose=("start_date", "end_date"),
    refusal=_unreasonable,
)
def open_meteo_local(ask: Ask) -> Any:
    """Local times without a zone; the zone is a field of the answer."""
    if "start_date" not in ask.query or "end_date" not in ask.query:
        raise Refused("Parameter 'start_date' and 'end_date' must be set")
    return _open_meteo(ask, "Europe/Lisbon", HOUR)


# --- Bright Sky (Deutscher Wetterdienst) -----------------------------------------------------------------------------

_AUTUMN = until("2026-11-20T11:00:00Z", HOUR, 24 * 80)
_BRIGHT = {
    "temperature": wave(_AUTUMN, 9.1, 5),
    "pressure_msl": wave(_AUTUMN, 1014, 9, seed=1),
    "wind_speed": wave(_AUTUMN, 14, 8, seed=2),
    "relative_humidity": wave(_AUTUMN, 78, 12, 0, seed=4, hole=50),
}


@api(
    "/weather?dwd_station_id=01766&date=2026-11-18",
    _BRIGHT,
    named=True,
    needs=("date", "last_date"),
    loose=("date", "last_date"),
)
def bright_sky(ask: Ask) -> Any:
    """One day by default; a second list describes the sources, with times of its own."""
    start = ask.moment("date")
    if start is None:
        return Answer({"detail": [{"loc": ["query", "date"], "msg": "field required"}]}, 422)
    end = ask.moment("last_date")
    times = Span(start, (start + DAY if end is None else end) + 1).of(_AUTUMN)
    return {
        "weather": [
            {"timestamp": wall(time, "%Y-%m-%dT%H:%M:%S+00:00"), "source_id": 307231}
            | {name: line.get(time) for name, line in _BRIGHT.items()}
            | {"condition": "dry", "icon": "cloudy", "fallback_source_ids": {"pressure_msl": 307233}}
            for time in times
        ],
        "sources": [
            {
                "id": 307231 + n,
                "dwd_station_id": "01766",
                "observation_type": kind,
                "lat": 52.1344,
                "lon": 7.6969,
                "height": 47.8,
                "station_name": "Münster/Osnabrück",
                "wmo_station_id": "10315",
                "first_record": f"2026-0{n + 1}-01T00:00:00+00:00",
                "last_record": "2026-11-20T11:00:00+00:00",
                "distance": 0.0,
            }
            for n, kind in enumerate(("historical", "current", "synop"))
        ],
    }


# --- NOAA ------------------------------------------------------------------------------------------------------------

_TIDES = until("2026-11-20T11:00:00Z", HOUR, 24 * 60)
_LEVEL, _SIGMA = wave(_TIDES, 1.213, 1.1, 3), wave(_TIDES, 0.012, 0.008, 3, seed=5)


@api(
    "/api/prod/datagetter?begin_date=20261110&end_date=20261119&station=9414290&product=hourly_height&datum=MLLW"
    "&time_zone=gmt&units=metric&format=json",
    {"v": _LEVEL},
    optional={"s": _SIGMA},
    needs=("begin_date", "end_date"),
    loose=("begin_date", "end_date"),
    refusal=lambda said: Answer({"error": {"message": said}}, 400),
)
def noaa_co_ops(ask: Ask) -> Any:
    """Numbers as text, flags as text, dates without hyphens, a year at most at once, an error that no data is."""
    span = ask.span("begin_date", "end_date", "%Y%m%d")
    if "begin_date" not in ask.query or "end_date" not in ask.query:
        raise Refused("Wrong Date: The beginDate and endDate must be given")
    if span.end - span.start > 366 * DAY:
        raise Refused("Range Limit Exceeded: The size limit is 365 days for one request")
    times = span.of(_TIDES)
    if not times:
        return {"error": {"message": "No data was found. This product may not be offered at this station."}}
    return {
        "metadata": {"id": "9414290", "name": "San Francisco", "lat": "37.8063", "lon": "-122.4659"},
        "data": [
            {"t": wall(time, "%Y-%m-%d %H:%M"), "v": text(_LEVEL[time], 3), "s": text(_SIGMA[time], 3), "f": "0,0"}
            for time in times
        ],
    }


_DAYS = every(DAY, "2024-01-01", 900)
_GHCND = {
    "PRCP": wave(_DAYS, 30, 28, 0),
    "TMAX": wave(_DAYS, 180, 90, 0, seed=1),
    "TMIN": wave(_DAYS, 70, 60, 0, seed=2),
}


@api(
    "/cdo-web/api/v2/data?datasetid=GHCND&stationid=GHCND:USW00014922&startdate=2026-01-01&enddate=2026-06-30",
    _GHCND,
    named=True,
    needs=("offset", "startdate", "enddate"),
    loose=("startdate", "enddate"),
    auth={"auth_type": "api_key", "api_key": "abcdefghij", "api_key_header": "token"},
    refusal=lambda said: Answer({"status": "400", "message": said}, 400),
)
def noaa_ncei_cdo(ask: Ask) -> Any:
    """25 records unless asked for more, offsets from 1, a year at most at once, `{}` where there is nothing."""
    span = ask.span("startdate", "enddate", "iso")
    if not {"startdate", "enddate"} <= ask.query.keys():
        raise Refused("Required parameter 'startdate' is missing.")
    if span.end - span.start > YEAR + DAY:
        raise Refused("The date range must be less than 1 year.")
    limit, offset = ask.integer("limit", 25, least=1, most=1000), ask.integer("offset", 1)
    rows = [(time, kind) for time in span.of(_DAYS) for kind in _GHCND]
    if not rows:
        return {}
    first = max(offset, 1) - 1
    return {
        "metadata": {"resultset": {"offset": offset, "count": len(rows), "limit": limit}},
        "results": [
            {
                "date": wall(time, "%Y-%m-%dT00:00:00"),
                "datatype": kind,
                "station": "GHCND:USW00014922",
                "attributes": ",,W,2400",
                "value": int(_GHCND[kind][time]),
            }
            for time, kind in rows[first : first + limit]
        ],
    }


# --- USGS ------------------------------------------------------------------------------------------------------------

_QUARTERS = until("2026-11-20T11:45:00Z", 15 * MINUTE, 4 * 24 * 25)
_NWIS = {
    ("00060", "Streamflow, ft&#179;/s", "ft3/s"): wave(_QUARTERS, 4210, 900, 0, hole=333),
    ("00065", "Gage height, ft", "ft"): wave(_QUARTERS, 4.21, 0.9, 2, seed=2),
}


def _nwis_series(code: str, name: str, unit: str, values: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "sourceInfo": {
            "siteName": "POTOMAC RIVER NEAR WASH, DC LITTLE FALLS PUMP STA",
            "siteCode": [{"value": "01646500", "network": "NWIS", "agencyCode": "USGS"}],
            "geoLocation": {"geogLocation": {"srs": "EPSG:4326", "latitude": 38.94977778, "longitude": -77.12763889}},
            "note": [],
            "siteProperty": [{"value": "ST", "name": "siteTypeCd"}, {"value": "24031", "name": "countyCd"}],
        },
        "variable": {
            "variableCode": [
                {
                    "value": code,
                    "network": "NWIS",
                    "vocabulary": "NWIS:UnitValues",
                    "variableID": 45807197,
                    "default": True,
                }
            ],
            "variableName": name,
            "valueType": "Derived Value",
            "unit": {"unitCode": unit},
            "noDataValue": -999999.0,
        },
        "values": [
            {
                "value": values,
                "qualifier": [{"qualifierCode": "P", "qualifierID": 0, "network": "NWIS"}],
                "qualityControlLevel": [],
                "method": [{"methodDescription": "", "methodID": 69928}],
                "source": [],
            }
        ],
        "name": f"USGS:01646500:{code}:00000",
    }


@api(
    "/nwis/iv/?format=json&sites=01646500&parameterCd=00060,00065&startDT=2026-11-18&endDT=2026-11-19",
    {code: line for (code, *_), line in _NWIS.items()},
    needs=("startDT", "endDT"),
    loose=("startDT", "endDT"),
    known=("startDT", "endDT", "period", "siteStatus"),
    refusal=lambda said: Answer(f"<html><body>HTTP Status 400 - {said}</body></html>".encode(), 400),
)
def usgs_nwis(ask: Ask) -> Any:
    """Value lists inside series inside the answer; without a range only the newest; a number that means no value."""
    span = ask.span("startDT", "endDT")
    if (ask.get("endDT") or "").find("T") < 0:
        span = Span(span.start, span.end + DAY - 1)
    times = span.of(_QUARTERS) if ask.query.keys() & {"startDT", "endDT"} else _QUARTERS[-1:]
    return {
        "name": "ns1:timeSeriesResponseType",
        "declaredType": "org.cuahsi.waterml.TimeSeriesResponseType",
        "scope": "javax.xml.bind.JAXBElement$GlobalScope",
        "value": {
            "queryInfo": {
                "queryURL": ask.url(),
                "criteria": {"locationParam": "[ALL:01646500]", "parameter": []},
                "note": [
                    {"value": "[ALL:01646500]", "title": "filter:sites"},
                    {"value": wall(NOW, "%Y-%m-%dT%H:%M:%S.000Z"), "title": "requestDT"},
                ],
            },
            "timeSeries": [
                _nwis_series(
                    *key,
                    [
                        {
                            "value": text(line.get(time, -999999), 2 if key[0] == "00065" else 0),
                            "qualifiers": ["P"],
                            "dateTime": wall(time - 5 * HOUR, "%Y-%m-%dT%H:%M:%S.000-05:00"),
                        }
                        for time in times
                    ],
                )
                for key, line in _NWIS.items()
            ],
        },
    }


_SHAKEN = [NOW - n * 37 * MINUTE - (n * n * 7919) % (20 * MINUTE // 1000) * 1000 for n in range(1, 900)]
_MAGNITUDE = wave(_SHAKEN, 2.4, 1.3, 2)
_SHAKES = {
    "sig": wave(_SHAKEN, 90, 60, 0, seed=1),
    "rms": wave(_SHAKEN, 0.4, 0.3, 2, seed=2),
    "nst": wave(_SHAKEN, 20, 9, 0, seed=3),
}


@api(
    "/fdsnws/event/1/query?format=geojson&minlatitude=36&maxlatitude=42",
    {"mag": _MAGNITUDE},
    needs=("starttime", "endtime"),
    optional=_SHAKES,
    known=("starttime", "endtime", "limit", "offset", "orderby"),
    refusal=lambda said: Answer(f"Error 400: Bad Request\n\n{said}".encode(), 400, {"Content-Type": "text/plain"}),
)
def usgs_earthquakes(ask: Ask) -> Any:
    """GeoJSON features; epoch milliseconds, irregular, beside when it was updated; ten days unless asked for more."""
    span = ask.span("starttime", "endtime")
    start = span.start if "starttime" in ask.query else NOW - 10 * DAY
    limit, offset = ask.integer("limit", 20_000, least=1, most=20_000), ask.integer("offset", 1, least=1)
    found = [(n, time) for n, time in enumerate(_SHAKEN) if start <= time < span.end]
    return {
        "type": "FeatureCollection",
        "metadata": {
            "generated": NOW // 1000,
            "url": ask.url(),
            "title": "USGS Earthquakes",
            "status": 200,
            "api": "1.14.1",
            "count": len(found),
        },
        "features": [
            {
                "type": "Feature",
                "id": f"us7000{n:04x}",
                "properties": {
                    "mag": _MAGNITUDE[time],
                    "place": f"{n % 70} km N of Setúbal",
                    "time": time // 1000,
                    "updated": (time + 3 * HOUR) // 1000 + n,
                    "tz": None,
                    "url": f"https://example.org/us7000{n:04x}",
                    "felt": None,
                    "cdi": None,
                    "mmi": None,
                    "alert": None,
                    "status": "reviewed",
                    "tsunami": 0,
                    "sig": int(_SHAKES["sig"][time]),
                    "net": "us",
                    "code": f"7000{n:04x}",
                    "types": ",origin,phase-data,",
                    "nst": int(_SHAKES["nst"][time]),
                    "rms": _SHAKES["rms"][time],
                    "magType": "ml" if n % 9 else "mb",
                    "type": "earthquake",
                    "title": f"M {_MAGNITUDE[time]}",
                },
                "geometry": {"type": "Point", "coordinates": [-8.1 - n % 17 / 10, 36.2 + n % 23 / 10, n % 31 / 2]},
            }
            for n, time in found[offset - 1 : offset - 1 + limit]
        ],
        "bbox": [-9.8, 36.2, 0, -8.1, 38.4, 15],
    }


# --- Météo-France, IPMA, UK Environment Agency, MET Norway ------------------------------------------------------------

_FRENCH = every(HOUR, "2026-01-01", 1400)
_RR1, _T = wave(_FRENCH, 0.6, 0.5), wave(_FRENCH, 8.3, 6, seed=2, hole=60)


@api("/public/DPClim/v1/commande/fichier?id-cmde=2026004321", {"RR1": _RR1, "T": _T}, named=True)
def meteo_france(ask: Ask) -> Any:
    """CSV with semicolons and decimal commas, hours as digits, a quality code beside each value."""
    rows: list[list[Any]] = [["POSTE", "DATE", "RR1", "QRR1", "T", "QT"]]
    rows += [
        ["75114001", wall(time, "%Y%m%d%H"), text(_RR1[time], 1, ","), 1, text(_T.get(time), 1, ","), 1 + n % 2]
        for n, time in enumerate(_FRENCH)
    ]
    return csv(rows, ";")


_DAYLONG = until("2026-11-20T11:00:00Z", HOUR, 24)
_STATIONS = ("1210881", "1200535", "1210702")
_IPMA = {
    f"{station} {field}": wave(_DAYLONG, base, base / 3, digits, seed=n)
    for n, station in enumerate(_STATIONS)
    for field, base, digits in (("temperatura", 14.2, 1), ("humidade", 71, 0), ("intensidadeVentoKM", 12.6, 1))
}


@api(
    "/open-data/observation/meteorology/stations/observations.json",
    _IPMA,
    optional={
        f"{station} idDireccVento": {time: float(n % 9) for n, time in enumerate(_DAYLONG)} for station in _STATIONS
    },
)
def ipma(ask: Ask) -> Any:
    """Keyed by time, then by station, then by what was measured; a station may be null."""
    return {
        wall(time, "%Y-%m-%dT%H:%M"): {
            station: {
                "intensidadeVentoKM": _IPMA[f"{station} intensidadeVentoKM"][time],
                "temperatura": _IPMA[f"{station} temperatura"][time],
                "idDireccVento": n % 9,
                "humidade": _IPMA[f"{station} humidade"][time],
            }
            for station in _STATIONS
        }
        | {"1200999": None}
        for n, time in enumerate(_DAYLONG)
    }


_RIVER = until("2026-11-20T11:45:00Z", 15 * MINUTE, 96 * 28)
_STAGE = wave(_RIVER, 0.412, 0.3, 3)


@api(
    "/flood-monitoring/id/measures/1491TH-level-stage-i-15_min-mASD/readings?_sorted",
    {"value": _STAGE},
    named=True,
    needs=("startdate", "enddate"),
    loose=("_sorted",),
)
def uk_flood_monitoring(ask: Ask) -> Any:
    """500 readings, newest first, unless asked for dates or for more; an `@id` that holds a time."""
    limit, offset = ask.integer("_limit", 500, most=10_000, cut=True), ask.integer("_offset", 0)
    times = ask.span("startdate", "enddate", "date").of(_RIVER)
    if (since := ask.moment("since")) is not None:
        times = [time for time in times if time > since]
    times = times[::-1][offset : offset + limit]
    about = "http://environment.data.gov.uk/flood-monitoring"
    return {
        "@context": f"{about}/meta/context.jsonld",
        "meta": {
            "publisher": "Environment Agency",
            "licence": "http://www.nationalarchives.gov.uk/",
            "version": "0.9",
            "comment": "Status: Beta service",
            "hasFormat": [f"{about}.csv", f"{about}.rdf"],
            "limit": limit,
        },
        "items": [
            {
                "@id": f"{about}/data/readings/1491TH-level-stage-i-15_min-mASD/{iso(time)}",
                "dateTime": iso(time),
                "measure": f"{about}/id/measures/1491TH-level-stage-i-15_min-mASD",
                "value": _STAGE[time],
            }
            for time in times
        ],
    }


_FROST = until("2026-11-20T11:00:00Z", HOUR, 24 * 50)
_NORWAY = {
    "air_temperature": wave(_FROST, 1.4, 6),
    "wind_speed": wave(_FROST, 4, 3, seed=1),
    "relative_humidity": wave(_FROST, 80, 12, 0, seed=2, hole=30),
}


@api(
    "/observations/v0.jsonld?sources=SN18700&elements=air_temperature,wind_speed,relative_humidity"
    "&referencetime=2026-11-10/2026-11-12",
    _NORWAY,
    needs=("referencetime",),
    loose=("referencetime",),
    auth={"auth_type": "basic", "username": "b3c1-client", "password": ""},
    refusal=lambda said: Answer({"@type": "ErrorResponse", "error": {"code": 400, "message": said}}, 400),
)
def met_norway_frost(ask: Ask) -> Any:
    """A time with a list of observations in it; the range is one parameter, `from/to`, its end excluded."""
    low, _, high = (ask.get("referencetime") or "").partition("/")
    try:
        span = Span(parse_iso(low), parse_iso(high) if high else parse_iso(low) + 1)
    except ValueError:
        raise Refused("Invalid referencetime") from None
    times = span.of(_FROST)
    if not times:
        return Answer({"@type": "ErrorResponse", "error": {"code": 412, "message": "No data found"}}, 412)
    return {
        "@context": "https://frost.met.no/schema",
        "@type": "ObservationResponse",
        "apiVersion": "v0",
        "license": "https://creativecommons.org/licenses/by/3.0/no/",
        "createdAt": iso(NOW),
        "queryTime": 0.118,
        "currentItemCount": len(times),
        "itemsPerPage": 100_000,
        "offset": 0,
        "totalItemCount": len(times),
        "currentLink": ask.url(),
        "data": [
            {
                "sourceId": "SN18700:0",
                "referenceTime": wall(time, "%Y-%m-%dT%H:%M:%S.000Z"),
                "observations": [
                    {
                        "elementId": name,
                        "value": line[time],
                        "unit": "degC",
                        "timeOffset": "PT0H",
                        "timeResolution": "PT1H",
                        "timeSeriesId": 0,
                        "performanceCategory": "C",
                        "exposureCategory": "2",
                        "qualityCode": 0,
                    }
                    for name, line in _NORWAY.items()
                    if time in line
                ],
            }
            for time in times
        ],
    }


# --- one reading -----------------------------------------------------------------------------------------------------

_PRESENT = NOW - 7 * MINUTE


@api(
    "/data/2.5/weather?q=Lisbon&units=metric",
    {
        name: {_PRESENT: value}
        for name, value in (
            ("main.temp", 17.31),
            ("main.feels_like", 16.9),
            ("main.pressure", 1019.0),
            ("main.humidity", 68.0),
        )
    },
    optional={
        name: {_PRESENT: value}
        for name, value in (
            ("main.temp_min", 16.0),
            ("main.temp_max", 18.9),
            ("visibility", 10_000.0),
            ("wind.speed", 4.12),
            ("wind.deg", 340.0),
            ("clouds.all", 75.0),
        )
    },
    auth={"auth_type": "none", "query_params": {"appid": "0123456789abcdef"}},
)
def open_weather_current(ask: Ask) -> Any:
    """A single reading, no list; sunrise and sunset are times too."""
    return {
        "coord": {"lon": -9.1333, "lat": 38.7167},
        "weather": [{"id": 803, "main": "Clouds", "description": "broken clouds", "icon": "04d"}],
        "base": "stations",
        "main": {
            "temp": 17.31,
            "feels_like": 16.9,
            "temp_min": 16.0,
            "temp_max": 18.9,
            "pressure": 1019,
            "humidity": 68,
        },
        "visibility": 10000,
        "wind": {"speed": 4.12, "deg": 340},
        "clouds": {"all": 75},
        "dt": epoch(_PRESENT),
        "sys": {
            "type": 1,
            "id": 6901,
            "country": "PT",
            "sunrise": epoch(NOW - 5 * HOUR),
            "sunset": epoch(NOW + 5 * HOUR),
        },
        "timezone": 0,
        "id": 2267057,
        "name": "Lisbon",
        "cod": 200,
    }
