"""Nodes that differ: uploads at a place that they share, and workers with labels."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from nodes import NodeService, Worker, database, joined
from scenes import API
from service import eventually
from slackwater.model.instants import DAY
from sources import Feed, SourceServer


class Placed:
    """A service that runs nothing itself, and workers, with one directory for uploads."""

    def __init__(self, room: Path, url: str, stack: ExitStack) -> None:
        self.url, self.shared = url, room / "shared"
        self.shared.mkdir()
        place = {"files_url": f"file://{self.shared}"}
        self.service = NodeService(room / "front" / "data", url, "front", max_runs=0, **place)
        self.worker = Worker(room / "plain", url, "plain", **place)
        self.labelled = Worker(room / "labelled", url, "labelled", labels="gpu,site-a", **place)
        for each in (self.worker, self.service):
            stack.enter_context(each)
        joined(self.service, count=2)


@pytest.fixture(scope="module")
def placed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Placed]:
    with ExitStack() as stack:
        url = stack.enter_context(database())
        yield Placed(tmp_path_factory.mktemp("placed"), url, stack)


@pytest.mark.long
def test_an_upload_at_the_shared_place_is_read_by_another_node(placed: Placed) -> None:
    service, shared = placed.service, placed.shared
    rows = "".join(f"2020-01-{day:02},{day}\n" for day in range(1, 32)).encode()
    file_id = service.upload("level.csv", b"time,level\n" + rows)["file_id"]
    assert [each.name for each in shared.iterdir()] == [f"{file_id}.csv"]
    with psycopg.connect(placed.url) as store:
        assert store.execute("SELECT count(*) FROM file_chunks").fetchone() == (0,)
    away = shared.rename(shared.with_name("away"))
    refused = service.http.post("/resources/wrappers/files/upload", files={"file": ("b.csv", b"time,x\n2020,1\n")})
    assert (refused.status_code, "cannot be written: No such file" in refused.json()["detail"]) == (503, True)
    wrapper_id = service.generate("CSV", {"file_id": file_id})
    eventually(lambda: any("SLACKWATER_FILES_URL" in (run["message"] or "") for run in service.runs(wrapper_id)))
    away.rename(shared)
    service.wait_for(wrapper_id, "completed")
    assert len(next(iter(service.stored(wrapper_id).values()))) == 31
    away = shared.rename(shared.with_name("away"))
    assert service.http.delete(f"/resources/wrappers/files/{file_id}").status_code == 503
    away.rename(shared)
    assert service.http.get("/ready").json()["status"] == "ready"
    assert service.http.delete(f"/resources/wrappers/files/{file_id}").status_code == 200
    assert list(shared.iterdir()) == []


@pytest.mark.long
def test_a_source_waits_for_a_worker_with_its_labels(placed: Placed, source: SourceServer) -> None:
    service = placed.service
    endpoint = source.serve("/v1/levels", Feed.regular("2026-01-01T00:00:00Z", DAY, 30), **API)
    bad = {"source_type": "API", "source_config": {"location": endpoint.url}, "metadata": {"name": "x"}}
    refused = service.http.post("/resources/wrappers/generate", json=bad | {"runs_on": ["site-a", "Site A"]})
    assert refused.status_code == 422
    assert refused.json()["detail"][0]["loc"] == ["body", "runs_on", 1]
    assert "'Site A' is no label" in refused.text
    created = service.http.post("/resources/wrappers/generate", json=bad | {"runs_on": ["site-a", "gpu"]}).json()
    wrapper_id = created["wrapper_id"]
    assert created["runs_on"] == ["gpu", "site-a"]
    waits = "No worker has the labels gpu, site-a; start one with --label gpu --label site-a."
    eventually(lambda: service.wrapper(wrapper_id)["reason"] == waits)
    health = service.http.get(f"/resources/wrappers/{wrapper_id}/health").json()
    assert (health["health_status"], health["reason"]) == ("STALLED", waits)
    anywhere = service.generate("API", {"location": endpoint.url})
    service.caught_up(anywhere)
    assert service.runs(wrapper_id) == [], "it was due before the other, and nobody runs it"
    with placed.labelled:
        service.caught_up(wrapper_id)
        assert {run["node"] for run in service.runs(wrapper_id)} == {"labelled"}
        assert service.nodes()["labelled"]["labels"] == ["gpu", "site-a"]
        assert service.wrapper(wrapper_id)["reason"] is None
        service.stop(wrapper_id)
