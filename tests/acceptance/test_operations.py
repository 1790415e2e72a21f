"""The restore drill of docs/operations.md, word for word, on a real data directory."""

import http.client
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from service import KEY, Service, free_port

GUIDE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()


@pytest.mark.long
def test_the_restore_drill_brings_back_a_service_that_answers(tmp_path: Path):
    found = re.search(r"## Restore drill.*?```bash\n(.*?)```", GUIDE, re.DOTALL)
    assert found
    data_dir, port = tmp_path / "data", free_port()
    with Service(data_dir) as service:
        upload = service.upload("v.csv", b"month;visitors\n2024-01;1250\n2024-02;1310\n2024-03;1402\n")
        service.wait_for(service.generate("CSV", {"file_id": upload["file_id"]}, name="Visitors"), "completed")
    program = tmp_path / "bin" / "slackwater"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m slackwater.cli "$@"\n')
    program.chmod(0o755)
    script = found[1].replace("/var/lib/slackwater", str(data_dir)).replace("8081", str(port))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SLACKWATER_")}
    env = kept | {"PATH": f"{program.parent}:{kept['PATH']}", "SLACKWATER_API_KEY": KEY}
    done = subprocess.run(
        ["bash", "-ec", script], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Visitors" in done.stdout
    assert "1402" in done.stdout


@pytest.mark.long
def test_a_connection_may_lie_idle_as_long_as_clients_keep_one(service: Service):
    client = http.client.HTTPConnection("127.0.0.1", service.port)
    for pause in (7, 62):  # httpx keeps one for 5 seconds, nginx for 60
        client.request("GET", "/health")
        assert client.getresponse().read()
        kept = client.sock
        time.sleep(pause)
        client.request("GET", "/health")
        assert client.getresponse().read()
        assert client.sock is kept
    client.close()
