"""Recognises known protocols by URL and answer, so that their parameters are tried first."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from slackwater.discover.api.probe import Sample
from slackwater.pipe.frames import Finding
from slackwater.runtime.api.time_filters import TimeFilter, TimeRange, unit_of

HEAD = 2_000  # characters of a text that show the names of its columns
_SELECT = re.compile(
    r"(?P<select>select\s.+?\sfrom\s+\S+)(?:\s+where\s+(?P<where>.+?))?(?:\s+(?P<rest>(?:group|order)\s+by\s.*|tz\(.*))?",
    re.IGNORECASE | re.DOTALL,
)
Filters = Callable[[str, str, str], Sequence[TimeFilter | TimeRange]]
"""Field of the time, form of the source's own times, condition in the URL → time filters to try."""


def _none(time: str, form: str, condition: str) -> Sequence[TimeFilter | TimeRange]:
    return ()


@dataclass(frozen=True)
class Known:
    """The parameters of a protocol; `condition` is shared with the user's own conditions."""

    name: str = ""
    shape: Callable[[str, Any], bool] = field(default=lambda path, body: False)
    limit: str | None = None
    page: str | None = None
    largest: int | None = None  # records that can be asked for at once
    most: int | None = None  # records that its pages reach
    range: TimeFilter | None = None  # without which it gives its newest points alone
    points: int | None = None  # points that it gives to one question, by the parameter `step`
    condition: str = ""
    order: Callable[[str], Mapping[str, str]] = field(default=lambda time: {})
    filters: Filters = _none

    @property
    def finding(self) -> Finding | None:
        """The recognition, as discovery reports it; None where there was none."""
        if not self.name:
            return None
        return Finding(
            what="protocol",
            value=self.name,
            confidence=0.9,
            reason=f"The answer and its URL have the shape of {self.name}; what it is known for was tried first.",
        )


UNKNOWN = Known()


def _has(body: Any, *names: str) -> bool:
    return isinstance(body, dict) and all(name in body for name in names)


def _and(condition: str, ours: str) -> str:
    return f"({condition.replace('{', '(').replace('}', ')')}) and {ours}" if condition else ours


def _odata(time: str, form: str, condition: str) -> Sequence[TimeFilter | TimeRange]:
    plain = _and(condition, f"{time} ge {{start}} and {time} le {{end}}")
    quoted = _and(condition, f"{time} ge '{{start}}' and {time} le '{{end}}'")
    forms = ("%Y",) if form == "year" else ("iso", "date")
    return [TimeRange("$filter", text, each) for each in forms for text in (plain, quoted)]


def _ogc(time: str, form: str, condition: str) -> Sequence[TimeFilter | TimeRange]:
    return [TimeRange("datetime", "{start}/{end}", each) for each in ("iso", "date")]


def _prometheus(time: str, form: str, condition: str) -> Sequence[TimeFilter | TimeRange]:
    return [TimeFilter("start", "end", each) for each in ("epoch_s", "iso")]


def _socrata(time: str, form: str, condition: str) -> Sequence[TimeFilter | TimeRange]:
    text = _and(condition, f"{time} between '{{start}}' and '{{end}}'")
    number = _and(condition, f"{time} between {{start}} and {{end}}")
    if form == "year":
        return [TimeRange("$where", text, "%Y"), TimeRange("$where", number, "%Y")]
    return [TimeRange("$where", text, "%Y-%m-%dT%H:%M:%S"), TimeRange("$where", text, "date")]


def _opendatasoft(time: str, form: str, condition: str) -> Sequence[TimeFilter | TimeRange]:
    name = "where"
    text = _and(condition, f"{time} >= date'{{start}}' and {time} <= date'{{end}}'")
    if form == "year":
        year = _and(condition, f"{time} >= '{{start}}' and {time} <= '{{end}}'")
        return [TimeRange(name, text, "%Y"), TimeRange(name, year, "%Y")]
    return [TimeRange(name, text, "iso"), TimeRange(name, text, "date")]


def _sdmx(time: str, form: str, condition: str) -> Sequence[TimeFilter | TimeRange]:
    forms = {"year": ("%Y", "%Y-%m"), "iso": ("date", "%Y-%m", "iso")}.get(form, ("%Y-%m", "%Y", "date"))
    return [TimeFilter("startPeriod", "endPeriod", each) for each in forms]


def _jsonstat(time: str, form: str, condition: str) -> Sequence[TimeFilter | TimeRange]:
    forms = {"year": ("%Y",), "iso": ("%Y-%m", "date", "%Y")}.get(form, ("%Y-%m", "%Y", "quarter"))
    return [TimeFilter("sinceTimePeriod", "untilTimePeriod", each) for each in forms]


def _open_meteo(time: str, form: str, condition: str) -> Sequence[TimeFilter | TimeRange]:
    return [TimeFilter("start_date", "end_date", "date")]


def _usgs(time: str, form: str, condition: str) -> Sequence[TimeFilter | TimeRange]:
    return [TimeFilter("startDT", "endDT", each) for each in ("iso", "%Y-%m-%dT%H:%M%z", "date")]


def _world_bank(time: str, form: str, condition: str) -> Sequence[TimeFilter | TimeRange]:
    forms = {"year": ("%Y",)}.get(form, ("%YM%m", "%Y"))
    return [TimeRange("date", "{start}:{end}", each) for each in forms]


def _arcgis(time: str, form: str, condition: str) -> Sequence[TimeFilter | TimeRange]:
    text = _and(condition, f"{time} >= TIMESTAMP '{{start}}' and {time} <= TIMESTAMP '{{end}}'")
    return [TimeRange("where", text, "%Y-%m-%d %H:%M:%S"), TimeRange("time", "{start},{end}", "epoch_ms")]


def _thingsboard(time: str, form: str, condition: str) -> Sequence[TimeFilter | TimeRange]:
    return [TimeFilter("startTs", "endTs", "epoch_ms")]


def _datasette(time: str, form: str, condition: str) -> Sequence[TimeFilter | TimeRange]:
    # Times are compared as texts, so they are asked for as they are written.
    forms = {"iso": ("%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "date")}.get(form, (form,))
    return [TimeFilter(f"{time}__gte", f"{time}__lte", each) for each in forms if unit_of(each)]


def _influxdb(time: str, form: str, condition: str) -> Sequence[TimeFilter | TimeRange]:
    return [TimeFilter(*pair, each) for pair in (("start", "stop"), ("start", "end")) for each in ("iso", "epoch_s")]


def _influxql(time: str, form: str, condition: str) -> Sequence[TimeFilter | TimeRange]:
    match = None if re.search(r"[{};]|\blimit\b", condition, re.IGNORECASE) else _SELECT.fullmatch(condition.strip())
    if match is None or re.search(rf"\b{re.escape(time)}\b", match["where"] or "", re.IGNORECASE):
        return ()  # several statements, a limit, or a range of its own
    ours = f"{time} >= '{{start}}' AND {time} <= '{{end}}'"
    where = f"({match['where'].strip()}) AND {ours}" if match["where"] else ours
    return [TimeRange("q", f"{match['select'].strip()} WHERE {where} {match['rest'] or ''}".strip(), "iso")]


def _elexon(time: str, form: str, condition: str) -> Sequence[TimeFilter | TimeRange]:
    days, moments = ("settlementDateFrom", "settlementDateTo"), ("publishDateTimeFrom", "publishDateTimeTo")
    return [
        *(TimeFilter(*pair, "date") for pair in (days, ("from", "to"))),
        *(TimeFilter(*pair, "%Y-%m-%dT%H:%MZ") for pair in (moments, ("from", "to"))),
    ]


def _elasticsearch(time: str, form: str, condition: str) -> Sequence[TimeFilter | TimeRange]:
    text = f"{time}:[{{start}} TO {{end}}]"
    return [TimeRange("q", f"({condition}) AND {text}" if condition else text, each) for each in ("iso", "epoch_ms")]


def _of_records(body: Any, list_name: str, *names: str) -> bool:
    """Say whether the first record of a list has these fields."""
    rows = body.get(list_name) if isinstance(body, dict) else None
    return isinstance(rows, list) and bool(rows) and _has(rows[0], *names)


PROTOCOLS = (
    Known(
        "SensorThings",
        lambda path, body: (
            _has(body, "value")
            and (
                any(name.startswith("@iot.") for name in body)
                or _of_records(body, "value", "@iot.id", "phenomenonTime")
            )
        ),
        limit="$top",
        page="$skip",
        condition="$filter",
        order=lambda time: {"$orderby": time},
        filters=_odata,
    ),
    Known(
        "ArcGIS feature service",
        lambda path, body: (
            path.endswith("/query")
            and _has(body, "features")
            and (_has(body, "fields") or _has(body, "objectIdFieldName"))
        ),
        limit="resultRecordCount",
        page="resultOffset",
        condition="where",
        order=lambda time: {"orderByFields": time},
        filters=_arcgis,
    ),
    Known(
        "ThingsBoard telemetry",
        lambda path, body: path.endswith("/values/timeseries") and isinstance(body, dict),
        limit="limit",
        largest=50_000,
        range=TimeFilter("startTs", "endTs", "epoch_ms"),
        filters=_thingsboard,
    ),
    Known(
        "InfluxDB 2 annotated CSV",
        lambda path, body: isinstance(body, str) and {"_time", "_value"} <= set(re.split(r"[,\s]+", body[:HEAD])),
        filters=_influxdb,
    ),
    Known(
        "InfluxDB 1 query",
        lambda path, body: _of_records(body, "results", "statement_id", "series"),
        condition="q",
        filters=_influxql,
    ),
    Known(
        "Elexon Insights",
        lambda path, body: _of_records(body, "data", "settlementDate", "settlementPeriod") or "/bmrs/api/" in path,
        filters=_elexon,
    ),
    Known(
        "Elasticsearch",
        lambda path, body: path.endswith("/_search") and _has(body, "took", "_shards", "hits"),
        limit="size",
        page="from",
        most=10_000,
        condition="q",
        filters=_elasticsearch,
    ),
    Known(
        "Datasette",
        lambda path, body: _has(body, "rows", "database", "table", "filtered_table_rows_count"),
        limit="_size",
        filters=_datasette,
    ),
    Known(
        "OData",
        lambda path, body: _has(body, "value") and any(name.startswith("@odata.") for name in body),
        limit="$top",
        page="$skip",
        condition="$filter",
        order=lambda time: {"$orderby": time},
        filters=_odata,
    ),
    Known(
        "OGC API Features",
        lambda path, body: (
            _has(body, "features") and (_has(body, "links") or _has(body, "numberReturned") or "/collections/" in path)
        ),
        limit="limit",
        filters=_ogc,
    ),
    Known(
        "Prometheus query_range",
        lambda path, body: path.endswith("/query_range") and _has(body, "status"),
        points=11_000,
        filters=_prometheus,
    ),
    Known(
        "Socrata SODA",
        lambda path, body: re.search(r"/resource/\w{4}-\w{4}(\.json)?$", path) is not None,
        limit="$limit",
        page="$offset",
        largest=50_000,
        condition="$where",
        order=lambda time: {"$order": f"{time}, :id"},
        filters=_socrata,
    ),
    Known(
        "CKAN datastore",
        lambda path, body: path.endswith("/datastore_search") and _has(body, "result"),
        limit="limit",
        page="offset",
        largest=32_000,
        order=lambda time: {"sort": "_id"},
    ),
    Known(
        "Opendatasoft Explore",
        lambda path, body: _has(body, "results", "total_count") and "/catalog/datasets/" in path,
        limit="limit",
        page="offset",
        largest=100,
        most=10_000,
        condition="where",
        order=lambda time: {"order_by": time},
        filters=_opendatasoft,
    ),
    Known(
        "CoverageJSON",
        lambda path, body: isinstance(body, dict) and body.get("type") in ("Coverage", "CoverageCollection"),
        filters=_ogc,
    ),
    Known(
        "SDMX-JSON",
        lambda path, body: _has(body, "dataSets") or (_has(body, "data") and _has(body["data"], "dataSets")),
        filters=_sdmx,
    ),
    Known("JSON-stat", lambda path, body: _has(body, "id", "size", "dimension", "value"), filters=_jsonstat),
    Known(
        "Open-Meteo",
        lambda path, body: (
            _has(body, "latitude", "longitude") and any(name in body for name in ("hourly", "daily", "minutely_15"))
        ),
        filters=_open_meteo,
    ),
    Known("USGS", lambda path, body: _has(body, "value") and _has(body["value"], "timeSeries"), filters=_usgs),
    Known(
        "World Bank",
        lambda path, body: isinstance(body, list) and len(body) == 2 and _has(body[0], "page", "pages", "per_page"),
        limit="per_page",
        page="page",
        filters=_world_bank,
    ),
)


def recognised(sample: Sample) -> Known:
    """Return the protocol that fits the answer and URL, else UNKNOWN."""
    path = httpx.URL(sample.requested).path
    return next((known for known in PROTOCOLS if known.shape(path, sample.body)), UNKNOWN)
