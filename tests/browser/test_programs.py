"""The page for programs: what it says works as it stands, with a real key, against the real service."""

import csv
import io
import os
import subprocess
import sys

import pytest
from accessibility import faults
from browsing import PHONE
from keys import make_key

from budget import further
from service import Service

ROWS = "".join(f"2024-01-{1 + n:02},{n}\n" for n in range(28))


@pytest.fixture(scope="module")
def resource_id(service: Service) -> str:
    file_id = service.upload("level.csv", ("day,level (m)\n" + ROWS).encode())["file_id"]
    wrapper_id = service.generate("CSV", {"file_id": file_id}, name="Level")
    service.caught_up(wrapper_id, within=60)
    return str(service.wrapper(wrapper_id)["resource_id"])


def code(page, name):
    return page.locator("section", has=page.get_by_role("heading", name=name, exact=True)).locator("code").inner_text()


def test_what_it_says_for_curl_and_python_gives_every_point(visit, service, resource_id, tmp_path):
    _, viewer = make_key(service.data_dir, "viewer")
    page = visit(f"/data/{resource_id}")
    page.locator("#programs > summary").click()
    page.locator("#to-programs").click()
    env = {**os.environ, "SLACKWATER_KEY": viewer}
    shell = subprocess.run(["sh", "-c", code(page, "curl")], env=env, cwd=tmp_path, capture_output=True, check=True)
    rows = list(csv.DictReader(io.StringIO((tmp_path / "data.csv").read_text())))
    assert len(rows) == 28, shell.stderr
    script = code(page, "Python").replace(".to_pandas()", "") + "\n    print(sum(y for _, y, _ in frame))"
    done = subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, text=True, check=True)
    assert float(done.stdout) == sum(range(28))
    address = (
        code(page, "Grafana").replace("${__from:date:iso}", "2024-01-01").replace("${__to:date:iso}", "2024-01-07")
    )
    answer = service.http.get(address, headers={"X-API-Key": viewer}).json()
    assert len(answer["data"]) == 7
    for name in ("pandas", "R", "DuckDB", "Excel"):
        assert f"{service.url}/resources/{resource_id}/data?format=" in code(page, name)


@pytest.mark.long
@pytest.mark.parametrize(("viewport", "dark", "language"), [further(None, False, "en"), (PHONE, True, "pt")])
def test_it_has_no_fault(visit, resource_id, viewport, dark, language):
    page = visit(
        f"/data/{resource_id}/api", dark=dark, language=language, **({"viewport": viewport} if viewport else {})
    )
    assert not faults(page)
    if viewport:
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
