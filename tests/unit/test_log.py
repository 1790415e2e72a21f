"""The service's log: one event a line, whatever is in it."""

import json
import logging

import pytest
import structlog

from slackwater.log import configure
from slackwater.model.scrub import Redactor

FORGED = "a\n2026-01-01T00:00:00Z [info     ] all is well\x1b[2J\x9b1m"


@pytest.fixture(autouse=True)
def _restored():
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    logging.root.handlers[:], logging.root.level = handlers, level
    structlog.reset_defaults()


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.splitlines()


def test_an_event_cannot_pose_as_another(capsys):
    configure("info", Redactor())
    structlog.get_logger().info(FORGED, value=FORGED, among=[FORGED])
    logging.getLogger("library").warning("%s", FORGED)
    told = lines(capsys)
    assert len(told) == 2
    assert not any(char in line for line in told for char in "\x1b\x9b")
    assert "\\x1b[2J" in told[0]


def test_a_traceback_is_set_in(capsys):
    configure("info", Redactor(["a-secret-of-ours"]))
    try:
        raise ValueError(f"{FORGED} a-secret-of-ours")
    except ValueError:
        structlog.get_logger().exception("it failed")
        logging.getLogger("library").exception("it failed")
    told = lines(capsys)
    assert len([line for line in told if not line.startswith("    ")]) == 2
    assert not any("a-secret-of-ours" in line for line in told)


def test_a_line_of_json_is_an_object_without_secrets(capsys):
    configure("info", Redactor(["a-secret-of-ours"]), "json")
    try:
        raise ValueError("a-secret-of-ours")
    except ValueError:
        structlog.get_logger().exception("failed", wrapper_id="w1", run_id=None, points=3)
        logging.getLogger("library").warning("with %s", "a-secret-of-ours", exc_info=True)
    told = capsys.readouterr().out
    assert "a-secret-of-ours" not in told
    ours, library = map(json.loads, told.splitlines())
    assert (ours["event"], ours["level"], ours["wrapper_id"], ours["run_id"], ours["points"]) == (
        "failed",
        "error",
        "w1",
        None,
        3,
    )
    assert "ValueError" in ours["exception"]
    assert "ValueError" in library["exception"]
    assert library["logger"] == "library"
