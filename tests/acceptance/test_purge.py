"""Deleted data is gone, and so is the space that it took."""

import contextlib
import sqlite3
import subprocess
from pathlib import Path

import pytest

import loaded
import scenes
from service import Service, eventually
from slackwater.store.engine.database import FILE_NAME

ROWS = 10_000  # some 350 KB of points


@pytest.fixture
def own(tmp_path: Path) -> Service:
    with Service(tmp_path / "data") as running:
        yield running


def filled(service: Service) -> tuple[str, str]:
    file_id = service.upload("levels.csv", scenes.csv_of(ROWS))["file_id"]
    wrapper_id = service.generate("CSV", {"file_id": file_id})
    wrapper = service.wait_for(wrapper_id, "completed")
    return wrapper_id, str(wrapper["resource_id"])


def size(service: Service) -> int:
    """Bytes of the store, whether its file or still its log has them."""
    with contextlib.closing(sqlite3.connect(f"file:{service.data_dir / FILE_NAME}?mode=ro", uri=True)) as plain:
        return int(plain.execute("PRAGMA page_count").fetchone()[0] * plain.execute("PRAGMA page_size").fetchone()[0])


def purge(service: Service, *options: str) -> subprocess.CompletedProcess[str]:
    words = ["purge", "--data-dir", str(service.data_dir), *options]
    return loaded.run(words, cwd=service.data_dir.parent)


@pytest.mark.long
def test_a_resource_is_deleted_with_its_data_and_the_space_comes_back(own: Service) -> None:
    empty = size(own)
    wrapper_id, resource_id = filled(own)
    before = size(own)
    assert before - empty > 20 * ROWS
    deleted = own.http.delete(f"/resources/{resource_id}", params={"data": "true"})
    assert (deleted.status_code, deleted.json()) == (200, {"id": resource_id, "deleted": True})
    assert own.http.get(f"/resources/{resource_id}/data").status_code == 404
    wrapper = own.wrapper(wrapper_id)
    assert (wrapper["data_points_count"], wrapper["high_water_mark"], wrapper["resource_id"]) == (0, None, None)

    eventually(lambda: size(own) - empty < (before - empty) / 4)
    assert own.execute(wrapper_id)["success"]
    assert sum(map(len, own.stored(wrapper_id).values())) == ROWS, "nothing counted as read that was deleted"


@pytest.mark.long
def test_data_that_another_resource_shows_is_not_deleted(own: Service) -> None:
    wrapper_id, resource_id = filled(own)
    other = own.http.post("/resources", json={"wrapper_id": wrapper_id, "name": "n", "type": "t"}).json()["id"]
    refused = own.http.delete(f"/resources/{resource_id}", params={"data": "true"})
    assert refused.status_code == 409
    assert other in refused.json()["detail"]
    assert own.http.delete(f"/resources/{resource_id}").status_code == 200
    assert own.http.get(f"/resources/{other}/data").json()["data"]
    assert own.http.delete(f"/resources/{other}", params={"data": "true"}).status_code == 200
    assert own.wrapper(wrapper_id)["data_points_count"] == 0


def test_purge_deletes_what_nothing_shows_and_nothing_else(own: Service) -> None:
    gone, hidden = filled(own)
    kept, _ = filled(own)
    outlived, shown = filled(own)
    assert own.http.delete(f"/resources/{hidden}").status_code == 200
    for wrapper_id in (gone, outlived):
        assert own.http.delete(f"/resources/wrappers/{wrapper_id}").status_code == 200
    busy = purge(own)
    assert busy.returncode != 0
    assert "Another Slackwater already works in" in busy.stderr
    own.end()
    before = size(own)
    assert "1 deleted wrappers" in purge(own, "--dry-run").stdout.replace("\n", " ")
    assert size(own) == before
    done = purge(own)
    assert done.returncode == 0, done.stderr
    assert size(own) < before * 0.8
    own.start()
    assert sum(map(len, own.stored(kept).values())) == ROWS
    assert own.http.get(f"/resources/{shown}/data").json()["data"]
    own.end()
    assert "0 deleted wrappers" in purge(own).stdout.replace("\n", " ")
    own.start()
