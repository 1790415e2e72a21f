"""The service log tells what happens to wrappers, with their ids, as JSON."""

import json
from pathlib import Path

from service import Service
from sources import Answer, SourceServer


def test_states_failures_and_the_end_are_in_the_log(tmp_path: Path):
    log = tmp_path / "log"
    service = Service(tmp_path / "data", log_level="info", log_format="json", max_tries=1)
    with SourceServer() as source, log.open("w") as service.output:
        url = source.route("/gone", Answer(status=404))
        with service:
            gone = service.generate("API", {"location": url}, name="gone")
            reason = service.wait_for(gone, "error")["error_message"]
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    mine = [line for line in lines if line.get("wrapper_id") == gone]
    failed = [line for line in mine if line["level"] == "error"]
    assert failed, lines
    assert failed[-1]["status"] == "error"
    assert failed[-1]["run_id"]
    assert failed[-1]["wrapper"] == "gone"
    assert any(reason[:40] in json.dumps(line, ensure_ascii=False) for line in mine), (reason, mine)
    assert [line["event"] for line in lines if line["event"] in ("stopping", "stopped")] == ["stopping", "stopped"]
