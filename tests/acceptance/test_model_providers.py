"""Each provider's own wire format, over real HTTP: good answers, tools, garbage, overload, refusals, malice."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from provider import KEY, Call, Declined, Garbage, Provider, Refusal, Reply, Slow, Spent, Text, told
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
    with Provider() as provider, Service(
        data_dir, llm_model=f"{name}:a-model", llm_api_key=KEY, log_level="debug",
        llm_base_url=provider.url + ("/v1" if name == "openai-chat" else ""), **settings,
    ) as service:  # fmt: skip
        yield Spoken(service, provider)


@pytest.fixture(scope="module", params=PROVIDERS)
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

    wrapper = eventually(look, within=60, every=0.05)
    printed = capfd.readouterr()
    for said in (str(wrapper), spoken.service.logs(wrapper_id), printed.out, printed.err):
        assert KEY not in said
        assert "Traceback" not in said
    assert set(spoken.provider.keys) == {KEY}
    return wrapper


def test_it_looks_it_is_corrected_and_it_is_right(
    spoken: Spoken, source: SourceServer, url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    source.route("/v1/about", Answer({"note": "done is when it was measured"}))
    right = {"url": url, "time": "done", "value": "level"}
    spoken.provider.says(
        Call("fetch", {"url": source.url + "/v1/about"}), Call("declare", right | {"time": "nothing"}),
        Text("It is level over done."), Call("declare", right),
    )  # fmt: skip
    wrapper = generated(spoken, url, capfd)
    assert wrapper["status"] == "executing", wrapper["error_message"]
    spoken.service.caught_up(wrapper["wrapper_id"])
    assert spoken.service.stored(wrapper["wrapper_id"]) == EXPECTED
    asked = [told(request) for request in spoken.provider.requests]
    assert len(asked) == 4
    assert "done is when it was measured" in asked[1]
    assert "No record has the field" in asked[2]


SENTENCES: dict[str, tuple[Reply, str]] = {
    "too many requests": (Refusal(429, "rate_limit_exceeded", "RESOURCE_EXHAUSTED"), "too many requests"),
    "overloaded": (Refusal(503, "overloaded", "UNAVAILABLE"), "overloaded"),
    "quota": (Spent(), "quota at the provider of the language model is used up"),
    "trouble": (Refusal(500, "server_error", "INTERNAL"), "trouble of its own"),
    "a wrong key": (Refusal(401, "invalid_api_key", "UNAUTHENTICATED"), "refuses the API key"),
    "no such model": (Refusal(404, "model_not_found", "NOT_FOUND"), "does not know this language model"),
    "refuses": (Declined(), "the language model refuses to answer"),
    "a page of a proxy": (Garbage(), "the language model"),
    "half an answer": (Garbage('{"candidates": [{"content": '), "the language model"),
    "another kind of answer": (Garbage('{"hello": "world"}'), "The language model was no help: "),
    "arguments of another kind": (Call("declare", {"url": 7, "time": [[]]}), "cannot be used"),
    "a tool that is not there": (Call("run_shell", {"command": "id"}), "cannot be used"),
    "malice": (Call("write_module", {"text": EVIL}), "PermissionError"),
    "code that is none": (Call("write_module", {"text": "wrapper = ("}), "is not Python"),
}  # fmt: skip


# What the first of them says in error is in test_language_model.py.
@pytest.mark.parametrize("spoken", PROVIDERS[1:], indirect=True, scope="module")
@pytest.mark.parametrize("how", SENTENCES)
def test_all_else_is_one_sentence_after_the_question(
    spoken: Spoken, url: str, how: str, capfd: pytest.CaptureFixture[str]
) -> None:
    reply, said = SENTENCES[how]
    spoken.provider.says(reply)
    wrapper = generated(spoken, url, capfd)
    message = wrapper["error_message"]
    assert wrapper["status"] == "error"
    assert said in message
    assert "date_field" in message
    assert "\n" not in message
    assert (wrapper["generated_code"], wrapper["data_points_count"]) == (None, 0)
    eventually(lambda: spoken.service.leaders() == [])


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_model_that_is_too_slow_is_a_sentence_too(
    name: str, tmp_path: Path, url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with asking(name, tmp_path / "data", llm_seconds=2) as slow:
        slow.provider.says(Slow(60))
        wrapper = generated(slow, url, capfd)
        assert "no answer within 2 seconds (SLACKWATER_LLM_SECONDS)" in wrapper["error_message"]
        assert "date_field" in wrapper["error_message"]
