"""Serves `/data/{id}/api`: code for other programs that read a time series."""

from dataclasses import dataclass

from fastapi import Request, Response

from slackwater.store.engine.database import Connection
from slackwater.store.records import resources, units
from slackwater.store.records.resources import ResourceRecord
from slackwater.store.series import readings
from slackwater.web.api.context import Here
from slackwater.web.console.route import page_router
from slackwater.web.console.view.render import page
from slackwater.web.security.auth import Doorkeeper

MOST_SERIES = 50  # series that are listed; chosen: one screen

router = page_router()


@dataclass(frozen=True, kw_only=True)
class Way:
    """Code for one program: `steps` are word keys, `code` is to be copied."""

    name: str
    code: str
    steps: tuple[str, ...] = ()


# {base}: the service; {id}: the resource; {data}: the address of its data.
_WAYS = (
    ("curl", """curl -H "X-API-Key: $SLACKWATER_KEY" -o data.csv '{data}?format=csv'""", ()),
    (
        "Python",
        """import os
from slackwater.client import Slackwater

with Slackwater("{base}", os.environ["SLACKWATER_KEY"]) as there:
    frame = there.series("{id}", start="2020-01-01").to_pandas()""",
        (),
    ),
    (
        "pandas",
        """import os, pandas

frame = pandas.read_csv(
    "{data}?format=csv",
    parse_dates=["x"],
    storage_options={"X-API-Key": os.environ["SLACKWATER_KEY"]},
)""",
        (),
    ),
    (
        "R",
        """data <- read.csv(url(
  "{data}?format=csv",
  headers = c("X-API-Key" = Sys.getenv("SLACKWATER_KEY"))
))
data$x <- as.POSIXct(data$x, format = "%Y-%m-%dT%H:%M:%OSZ", tz = "UTC")""",
        (),
    ),
    (
        "DuckDB",
        """CREATE SECRET (TYPE http, EXTRA_HTTP_HEADERS MAP {'X-API-Key': 'KEY'});
SELECT series, date_trunc('month', x), avg(y)
FROM read_parquet('{data}?format=parquet') GROUP BY ALL;""",
        (),
    ),
    (
        "Excel",
        """let
    Source = Csv.Document(Web.Contents("{data}?format=csv", [Headers = [#"X-API-Key" = "KEY"]]), [Encoding = 65001]),
    Named = Table.PromoteHeaders(Source),
    Columns = {{"x", type datetimezone}, {"y", type number}, {"series", type text}},
    Typed = Table.TransformColumnTypes(Named, Columns, "en-US")
in
    Typed""",
        ("programs.excel.1", "programs.excel.2"),
    ),
    (
        "Grafana",
        """{data}?from=${__from:date:iso}&to=${__to:date:iso}&granularity=auto&limit=1000""",
        ("programs.grafana.1", "programs.grafana.2", "programs.grafana.3"),
    ),
)


@router.get("/data/{resource_id}/api")
async def show(request: Request, resource_id: str, context: Here) -> Response:
    """Show how programs read a time series."""

    def look(c: Connection) -> tuple[ResourceRecord, list[tuple[str, str | None]], int]:
        resource = resources.get(c, resource_id)
        known = units.units_of(c, resource.wrapper_id)
        names = readings.series_names(c, resource.wrapper_id)
        return resource, [(name, known.of(name)) for name in names[:MOST_SERIES]], len(names)

    resource, series, total = await context.read(look)
    doorkeeper: Doorkeeper = request.app.state.doorkeeper
    base = doorkeeper.sessions.base_url(request)
    return page(
        request,
        "programs.html",
        resource=resource,
        series=series,
        total=total,
        ways=[Way(name=name, code=_filled(code, base, resource.id), steps=steps) for name, code, steps in _WAYS],
    )


def _filled(code: str, base: str, resource_id: str) -> str:
    data = f"{base}/resources/{resource_id}/data"
    return code.replace("{data}", data).replace("{base}", base).replace("{id}", resource_id)
