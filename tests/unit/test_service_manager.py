"""What systemd is told."""

import socket
from pathlib import Path

import pytest

from slackwater.service_manager import notify


@pytest.mark.parametrize("abstract", [False, True])
def test_states_reach_the_socket_that_is_named(abstract: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    name = f"\0{tmp_path}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(name)
        monkeypatch.setenv("NOTIFY_SOCKET", f"@{tmp_path}" if abstract else name)
        notify("READY=1", "STATUS=here")
        assert manager.recv(1000) == b"READY=1\nSTATUS=here"


@pytest.mark.parametrize("address", [None, "", "relative", "/nowhere/at/all"])
def test_without_a_manager_nothing_happens(address: str | None, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    if address is not None:
        monkeypatch.setenv("NOTIFY_SOCKET", address)
    notify("READY=1")
