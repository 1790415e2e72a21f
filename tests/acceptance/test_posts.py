"""Sources that are asked by POST, through the service: secrets in the body, tries, previews, changes, export."""

import json
import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

import loaded
from post_sources import GRAPHQL, SEARCH, graphql, search
from service import KEY, Service, eventually
from sources import Answer, Feed, SourceServer

DAY = 86_400_000_000
SECRET = str(SEARCH["apiKey"])


def test_a_key_in_the_body_is_sent_and_shown_nowhere(service: Service, tmp_path: Path) -> None:
    today = datetime.now(UTC).date()
    feed = Feed.regular((today - timedelta(days=210)).isoformat(), DAY, 200)
    with SourceServer() as source:
        found = search(feed)
        down = [Answer({}, 503)] * 2
        # Down now and then: a question by POST is one that may be asked again.
        late = lambda: down and len(source.requests) > 30  # noqa: E731
        url = source.route("/search", lambda request: down.pop() if late() else found(request))
        config: dict[str, Any] = {"location": url, "body": SEARCH, "start": (today - timedelta(days=240)).isoformat()}
        form = {"source_type": "API", "source_config": {**config, "body": json.dumps(SEARCH)}}
        looked = service.http.post("/resources/wrappers/discover", json=form).json()
        assert looked["found"], looked
        asked = len(source.requests)
        again = service.http.post("/resources/wrappers/discover", json={**form, "source_config": config}).json()
        assert (again["code"], len(source.requests)) == (looked["code"], asked), "it asked the source twice"
        assert SECRET not in json.dumps(looked)

        wrapper_id = service.generate("API", config, periodicity="Daily")
        eventually(lambda: service.wrapper(wrapper_id)["data_points_count"] == 200)
        shown = service.wrapper(wrapper_id)
        assert shown["source_config"]["body"] == {**SEARCH, "apiKey": "********"}
        trace = json.dumps(shown) + service.http.get(f"/resources/wrappers/{wrapper_id}/logs?limit=1000").text
        trace += service.http.get(f"/resources/wrappers/{wrapper_id}/checkpoint").text
        assert SECRET not in trace
        kept = b"".join(path.read_bytes() for path in service.data_dir.rglob("*") if path.is_file())
        assert SECRET.encode() not in kept

        eventually(lambda: service.wrapper(wrapper_id)["phase"] == "continuous")
        service.stop(wrapper_id)
        changed = service.patch(
            wrapper_id, source_config={"body": shown["source_config"]["body"], "timeout_seconds": 9}
        )
        assert changed["source_config"]["body"]["apiKey"] == "********"
        feed.add((today - timedelta(days=3)).isoformat(), 7.0)
        assert service.execute(wrapper_id)["success"]
        eventually(lambda: service.wrapper(wrapper_id)["data_points_count"] == 201)

        called = {**os.environ, "SLACKWATER_URL": service.url, "SLACKWATER_API_KEY": KEY, "SEARCH_KEY": SECRET}

        def command(*words: str) -> subprocess.CompletedProcess[str]:
            return loaded.run(words, called, cwd=tmp_path)

        entry = {"name": "a test", **config, "periodicity": "Daily", "body": {**SEARCH, "apiKey": "${env:SEARCH_KEY}"}}
        (tmp_path / "sources.yaml").write_text(yaml.safe_dump({"sources": [entry]}))
        dry = command("apply", "sources.yaml", "--dry-run")
        assert (dry.returncode, "body" in dry.stdout) == (0, False), dry.stdout + dry.stderr
        exported = command("export")
        assert SECRET not in exported.stdout
        assert yaml.safe_load(exported.stdout)["sources"][0]["body"]["apiKey"].startswith("${env:A_TEST_SECRET")
        (tmp_path / "sources.yaml").write_text(yaml.safe_dump({"sources": [{**entry, "body": SEARCH}]}))
        assert "holds a secret in clear" in command("apply", "sources.yaml").stderr


def test_graphql_that_fails_half_way_goes_on_from_there(service: Service) -> None:
    feed = Feed.regular("2023-01-01", DAY, 300)
    with SourceServer() as source:
        sound = graphql(feed)
        broken: list[bool] = []

        def answer(request: Any) -> Answer:
            if len(broken) == 1 and json.loads(request.body)["variables"].get("after"):
                broken.append(True)
                return Answer({"data": {"readings": None}, "errors": [{"message": "the database is gone"}]})
            return sound(request)

        url = source.route("/graphql", answer)
        wrapper_id = service.generate("API", {"location": url, "body": GRAPHQL}, periodicity="Daily")
        broken.append(True)
        eventually(lambda: service.wrapper(wrapper_id)["data_points_count"] == 300)
        wrong = service.http.post(
            "/resources/wrappers/discover",
            json={"source_type": "API", "source_config": {"location": url, "body": {"query": "{{nobody}}"}}},
        )
        assert wrong.status_code == 422
        assert "body has the placeholder {{nobody}}; known are {{start}}" in wrong.text
