"""Runs the demo's own `slackwater serve`, and removes it at the end."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from slackwater.cli.client import KEY_FILE, Refused, Service

READY_SECONDS = 60.0  # for the service to answer; a first start on a machine that is busy has taken more than 20
ENDING_SECONDS = 10.0  # from SIGTERM to SIGKILL; the service itself allows its wrappers 3


@contextmanager
def running_service() -> Iterator[Service]:
    """Run a service on a free port with a temporary data directory; remove both."""
    with tempfile.TemporaryDirectory(prefix="slackwater-demo-") as name:
        directory = Path(name)
        port = _free_port()
        log = directory / "service.log"
        with log.open("wb") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", "slackwater.cli", "serve"],
                cwd=directory,  # a slackwater.toml where the demo was started is none of its business
                env=_environment(directory / "data", port),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is the demo's to handle; it ends the service when it is done with it
            )
        try:
            yield from _service(process, directory / "data", port, log)
        finally:
            _end(process)


def _service(process: "subprocess.Popen[bytes]", data_dir: Path, port: int, log: Path) -> Iterator[Service]:
    url = f"http://127.0.0.1:{port}"
    with Service(url, None) as anonymous:
        ready = anonymous.await_ready(READY_SECONDS, alive=lambda: process.poll() is None)
    if not ready:
        words = log.read_text(errors="replace")[-2000:].strip()
        if process.poll() is None:
            raise Refused(
                f"The service did not answer within {READY_SECONDS:.0f} s; try again when this machine is "
                f"less busy. {words}".strip()
            )
        raise Refused(f"The service did not start. Its last words:\n{words}")
    with Service(url, (data_dir / KEY_FILE).read_text().strip()) as service:
        yield service


def _environment(data_dir: Path, port: int) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SLACKWATER_")}
    return {
        **kept,
        "SLACKWATER_HOST": "127.0.0.1",
        "SLACKWATER_PORT": str(port),
        "SLACKWATER_DATA_DIR": str(data_dir),
        "SLACKWATER_ALLOW_PRIVATE_SOURCES": "true",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _end(process: "subprocess.Popen[bytes]") -> None:
    # A second Ctrl-C while it ends must not leave it behind.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(ENDING_SECONDS)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        signal.signal(signal.SIGINT, before)
