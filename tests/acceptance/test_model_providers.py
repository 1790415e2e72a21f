"""A model of each provider through the service. What else a provider may answer is in integration/test_asking.py."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from budget import some
from provider import KEY, Call, Provider, Text, told
from service import Service, eventually
from slackwater.model.instants import parse_iso
from sources import Answer, SourceServer

ROWS = [{"begun": f"2024-01-{d:02}", "done": f"2025-01-{d:02}", "level": d} for d in range(1, 29)]
EXPECTED = {"level": {parse_iso(row["done"]): float(row["level"]) for row in ROWS}}
PROVIDERS = ("openai-chat", "anthropic", "google")
EVIL = """
from slackwater import Wrapper

class Evil(Wrapper):
    whole = True
    async def fetch(self, window, http):
        yield open("/etc/shadow").read()

wrapper = Evil()
"""


@dataclass
class Spoken:
    """A service that asks one provider's model."""

    service: Service
    provider: Provider


@contextmanager
def asking(name: str, data_dir: Path, **settings: Any) -> Iterator[Spoken]:
    with (
        Provider() as provider,
        Service(
            data_dir,
            llm_model=f"{name}:a-model",
            llm_api_key=KEY,
            log_level="debug",
            llm_base_url=provider.url + ("/v1" if name == "openai-chat" else ""),
            **settings,
        ) as service,
    ):
        yield Spoken(service, provider)


@pytest.fixture(scope="module", params=some(PROVIDERS, "anthropic"))
def spoken(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Spoken]:
    with asking(request.param, tmp_path_factory.mktemp(request.param) / "data") as running:
        yield running


@pytest.fixture
def url(source: SourceServer) -> str:
    return source.route("/v1", Answer(ROWS))


def generated(spoken: Spoken, url: str, capfd: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """The wrapper when its generation has ended, well or not; whatever it says of it, the key is nowhere."""
    wrapper_id = spoken.service.generate("API", {"location": url})

    def look() -> dict[str, Any] | None:
        wrapper = spoken.service.wrapper(wrapper_id)
        return wrapper if wrapper["status"] not in {"pending", "generating", "creating_resource"} else None

    wrapper = eventually(look, within=60)
    printed = capfd.readouterr()
    for said in (str(wrapper), spoken.service.logs(wrapper_id), printed.out, printed.err):
        assert KEY not in said
        assert "Traceback" not in said
    assert set(spoken.provider.keys) == {KEY}
    return wrapper


@pytest.mark.long
def test_it_looks_its_malice_is_harmless_it_is_corrected_and_it_is_right(
    spoken: Spoken, source: SourceServer, url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    source.route("/v1/about", Answer({"note": "done is when it was measured"}))
    right = {"url": url, "time": "done", "value": "level"}
    spoken.provider.says(
        Call("fetch", {"url": source.url + "/v1/about"}),
        Call("write_module", {"text": EVIL}),
        Call("declare", right | {"time": "nothing"}),
        Text("It is level over done."),
        Call("declare", right),
    )
    wrapper = generated(spoken, url, capfd)
    assert wrapper["status"] == "executing", wrapper["error_message"]
    spoken.service.caught_up(wrapper["wrapper_id"])
    assert spoken.service.stored(wrapper["wrapper_id"]) == EXPECTED
    asked = [told(request) for request in spoken.provider.requests]
    assert len(asked) == 5
    assert "done is when it was measured" in asked[1]
    assert "PermissionError" in asked[2]
    assert "No record has the field" in asked[3]
