"""The Python client against a real service."""

import io
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from arro3.io import read_parquet

from service import KEY, Service
from slackwater.client import ServiceError, Slackwater


@pytest.fixture
def there(service: Service) -> Iterator[Slackwater]:
    with Slackwater(service.url, KEY) as client:
        yield client


def stored(service: Service, rows: int) -> str:
    lines = "".join(f"{date.fromordinal(730_000 + day)},{day}\n" for day in range(rows))
    upload = service.upload("levels.csv", f"day,level\n{lines}".encode())
    wrapper_id = service.generate("CSV", {"file_id": upload["file_id"]}, name="Levels")
    service.wait_for(wrapper_id, "completed")
    return wrapper_id


def test_a_series_is_read_through_all_its_pages_by_either_id(service: Service, there: Slackwater):
    wrapper_id = stored(service, 12_345)
    points = list(there.series(wrapper_id))
    assert [point.y for point in points] == list(range(12_345))
    assert points[0].x == datetime.combine(date.fromordinal(730_000), datetime.min.time(), UTC)
    source = next(each for each in there.sources("Levels") if each.wrapper_id == wrapper_id)
    assert (source.status, source.points) == ("completed", 12_345)
    assert source.resource_id is not None
    some = there.series(source.resource_id, start=date.fromordinal(730_010), end="1999-09-30")
    assert [point.y for point in some][:2] == [10, 11]
    monthly = list(there.series(wrapper_id, granularity="month", aggregate="max"))
    assert len(monthly) < 500
    assert monthly[-1].y == 12_344
    table = read_parquet(io.BytesIO(there.series(wrapper_id).parquet())).read_all()
    assert (table.num_rows, table.column_names) == (12_345, ["x", "y", "series"])


def test_frames(service: Service, there: Slackwater):
    import pandas  # here, as polars: they load for a second, and every worker collects every test
    import polars

    wrapper_id = stored(service, 30)
    frame = there.series(wrapper_id).to_pandas()
    assert frame["y"].sum() == sum(range(30))
    assert isinstance(frame["x"].dtype, pandas.DatetimeTZDtype)
    assert there.series(wrapper_id).to_arrow().num_rows == 30
    assert isinstance(there.series(wrapper_id).to_polars(), polars.DataFrame)


def test_what_goes_wrong_is_a_sentence(service: Service, there: Slackwater):
    with pytest.raises(ServiceError, match="404: Resource not found") as refused:
        list(there.series("0" * 24))
    assert refused.value.status == 404
    with Slackwater(service.url, "sw_wrong") as stranger, pytest.raises(ServiceError, match="401"):
        list(stranger.sources())
    with Slackwater("http://127.0.0.1:9") as nobody, pytest.raises(ServiceError, match="does not answer"):
        list(nobody.sources())
    with pytest.raises(ValueError, match="has no time zone"):
        there.series("0" * 24, start=datetime(2024, 1, 1))
