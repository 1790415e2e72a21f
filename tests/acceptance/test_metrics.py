"""`/metrics` tells what a Prometheus needs, in the format that its own parser reads."""

import re
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from service import KEY, Service
from slackwater.model.instants import DAY
from sources import Answer, Feed, SourceServer

DEPLOY = Path(__file__).parents[2] / "deploy"
ALERTS = DEPLOY / "prometheus" / "alerts.yml"
DASHBOARD = DEPLOY / "grafana" / "slackwater.json"
PROMTOOL = shutil.which("promtool")


def scraped(service: Service) -> dict[str, dict[tuple[str, ...], float]]:
    answer = httpx.get(f"{service.url}/metrics", headers={"Authorization": f"Bearer {KEY}"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sample.labels.values())] = sample.value
    return found


def test_metrics_tell_of_sources_good_and_failing(tmp_path: Path):
    with SourceServer() as source, Service(tmp_path / "data", max_tries=1) as service:
        levels = source.serve("/levels", Feed.regular("2020-01-01", DAY, 30))
        good = service.generate("API", {"location": levels.url}, name='Tides "A" B')
        gone = service.generate("API", {"location": source.route("/gone", Answer(status=404))}, name="gone")
        service.wait_for(gone, "error")
        service.wait_for(good, "executing")
        service.execute(good)
        kept = service.wrapper(good)
        found = scraped(service)
        ids = ('Tides "A" B', good)  # labels come by name
        assert found["slackwater_source_points"][ids] == kept["data_points_count"] == 30
        assert found["slackwater_source_requests_total"][ids] >= 1
        assert found["slackwater_source_newest_age_seconds"][ids] > 86_400
        assert found["slackwater_source_runs_total"][ids] >= 1
        assert found["slackwater_runs_total"][("failed", "discover")] == 1
        assert found["slackwater_runs_total"][("succeeded", "read")] >= 1
        assert found["slackwater_requests_total"][("127.0.0.1", "404")] >= 1
        assert found["slackwater_requests_total"][("127.0.0.1", "200")] >= 2
        assert found["slackwater_source_error"] == {ids: 0, ("gone", gone): 1}
        assert found["slackwater_sources"][("error",)] == 1
        assert found["slackwater_points_stored"] == {(): 30}
        assert found["slackwater_ready"] == {(): 1}
        assert found["process_resident_memory_bytes"][()] > 1e6
        assert httpx.get(f"{service.url}/metrics").status_code == 401
        named = " ".join(path.read_text() for path in (ALERTS, DASHBOARD))
        known = found.keys() | {"slackwater_source_late_after_seconds"}  # of sources that publish, learned in time
        assert set(re.findall(r"slackwater_\w+", named)) <= known
        text = httpx.get(f"{service.url}/metrics", headers={"X-API-Key": KEY}).text
        if PROMTOOL:
            checked = subprocess.run(
                [PROMTOOL, "check", "metrics"], input=text, capture_output=True, text=True, check=False
            )
            assert checked.returncode == 0, checked.stderr


@pytest.mark.skipif(PROMTOOL is None, reason="promtool is not installed")
def test_the_alert_rules_are_accepted_and_fire():
    for words in (["check", "rules", "alerts.yml"], ["test", "rules", "alerts_test.yml"]):
        checked = subprocess.run(
            [str(PROMTOOL), *words], cwd=ALERTS.parent, capture_output=True, text=True, check=False, timeout=60
        )
        assert checked.returncode == 0, checked.stdout + checked.stderr
