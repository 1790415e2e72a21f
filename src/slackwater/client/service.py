"""A service as a Python program reads it."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import httpx

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

PAGE = 5_000  # points of one answer: the largest that the API gives
SOURCES = 100  # sources of one answer: the largest that the API gives
_UUID = 36  # characters of the id of a source; that of a resource has 24


class ServiceError(Exception):
    """The service's error; `status` is the HTTP code, None without an answer."""

    def __init__(self, sentence: str, status: int | None = None) -> None:
        super().__init__(sentence)
        self.status = status


class Point(NamedTuple):
    """One point: its time (aware, UTC), value and series."""

    x: datetime
    y: float
    series: str


@dataclass(frozen=True)
class Source:
    """One source: what it is called, how it stands, and where its data are."""

    wrapper_id: str
    resource_id: str | None
    name: str
    status: str
    points: int


class Slackwater:
    """A connection to one service with an API key; a context manager.

    Without `with`, call `close` at the end.
    """

    def __init__(self, url: str, key: str | None = None, *, timeout: float = 60.0) -> None:
        self._http = httpx.Client(base_url=url.rstrip("/"), headers={"X-API-Key": key} if key else {}, timeout=timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def sources(self, search: str | None = None) -> Iterator[Source]:
        """Yield all sources, the newest first, or those whose name holds `search`."""
        seen = 0
        while True:
            params = {"skip": seen, "limit": SOURCES, **({"q": search} if search else {})}
            rows = self._get("/resources/wrappers", params).json()
            for row in rows:
                yield Source(
                    wrapper_id=row["wrapper_id"],
                    resource_id=row["resource_id"],
                    name=row["metadata"]["name"],
                    status=row["status"],
                    points=row["data_points_count"],
                )
            seen += len(rows)
            if len(rows) < SOURCES:
                return

    def series(
        self,
        id: str,
        *,
        start: datetime | date | str | None = None,
        end: datetime | date | str | None = None,
        series: str | None = None,
        granularity: str | None = None,
        aggregate: str | None = None,
        as_of: datetime | date | str | None = None,
    ) -> "Series":
        """Return the data of a source or resource by its id; nothing is read yet.

        `start` and `end` belong to the range. `granularity` is hour, day, week, month, year or auto, `aggregate` avg,
        min, max, sum or last. `as_of` gives the data as they stood then. Times without a zone are UTC.
        """
        given = {
            "from": _text(start),
            "to": _text(end),
            "series": series,
            "granularity": granularity,
            "aggregate": aggregate,
            "as_of": _text(as_of),
        }
        return Series(self, id, {name: value for name, value in given.items() if value is not None})

    def _resource(self, id: str) -> str:
        if len(id) != _UUID:
            return id
        found = self._get(f"/resources/wrappers/{id}", {}).json()["resource_id"]
        if found is None:
            raise ServiceError(f"The source {id} has no data yet.")
        return str(found)

    def _get(self, path: str, params: dict[str, Any]) -> httpx.Response:
        try:
            answer = self._http.get(path, params=params)
        except httpx.TransportError as error:
            raise ServiceError(f"{self._http.base_url} does not answer: {error or type(error).__name__}.") from error
        if answer.is_success:
            return answer
        try:
            detail = answer.json()["detail"]
        except (ValueError, KeyError, TypeError):
            detail = answer.reason_phrase
        raise ServiceError(f"{answer.status_code}: {detail}", answer.status_code)


@dataclass(frozen=True)
class Series:
    """The data of one source; iterate over it, or turn it into a frame."""

    _service: Slackwater
    _id: str
    _params: dict[str, str]

    def __iter__(self) -> Iterator[Point]:
        path = f"/resources/{self._service._resource(self._id)}/data"
        cursor: str | None = None
        while True:
            more = {} if cursor is None else {"cursor": cursor}
            answer = self._service._get(path, {**self._params, "limit": PAGE, **more}).json()
            for point in answer["data"]:
                yield Point(datetime.fromisoformat(point["x"]), point["y"], point["series"])
            cursor = answer.get("next_cursor")
            if not cursor:
                return

    def parquet(self) -> bytes:
        """Return a Parquet file: `x` UTC timestamps in µs, `y` doubles, `series` strings."""
        path = f"/resources/{self._service._resource(self._id)}/data"
        return self._service._get(path, {**self._params, "format": "parquet"}).content

    def to_arrow(self) -> "pyarrow.Table":
        """Return a pyarrow table; needs pyarrow."""
        import pyarrow.parquet

        return pyarrow.parquet.read_table(io.BytesIO(self.parquet()))

    def to_pandas(self) -> "pandas.DataFrame":
        """Return a pandas frame with the columns x, y and series; needs pandas and pyarrow."""
        import pandas

        return pandas.read_parquet(io.BytesIO(self.parquet()))

    def to_polars(self) -> "polars.DataFrame":
        """Return a Polars frame with the columns x, y and series; needs polars."""
        import polars

        return polars.read_parquet(io.BytesIO(self.parquet()))


def _text(moment: datetime | date | str | None) -> str | None:
    if isinstance(moment, datetime) and moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone; give one, such as datetime.UTC")
    return moment.isoformat() if isinstance(moment, date) else moment
