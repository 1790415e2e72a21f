"""Each provider's own wire format, over real HTTP: whatever goes wrong there is one sentence, and no key is in it."""

from collections.abc import Iterator

import pytest

from provider import KEY, Call, Declined, Garbage, Provider, Refusal, Reply, Spent, Text
from slackwater.advise.asking import Hopeless, ask
from slackwater.pipe.advice import Brief, Judged

PROVIDERS = ("openai-chat", "anthropic", "google")

SENTENCES: dict[str, tuple[Reply, str]] = {
    "too many requests": (Refusal(429, "rate_limit_exceeded", "RESOURCE_EXHAUSTED"), "too many requests"),
    "unavailable": (Refusal(503, "overloaded", "UNAVAILABLE"), "overloaded"),
    "overloaded": (Refusal(529, "overloaded", "UNAVAILABLE"), "overloaded"),
    "quota": (Spent(), "quota at the provider of the language model is used up"),
    "trouble": (Refusal(500, "server_error", "INTERNAL"), "trouble of its own"),
    "a wrong key": (Refusal(401, "invalid_api_key", "UNAUTHENTICATED"), "refuses the API key"),
    "no such model": (Refusal(404, "model_not_found", "NOT_FOUND"), "does not know this language model"),
    "refuses": (Declined(), "the language model refuses to answer"),
    "a page of a proxy": (Garbage(), "did not answer well"),
    "half an answer": (Garbage('{"candidates": [{"content": '), "did not answer well"),
    "another kind of answer": (Garbage('{"hello": "world"}'), "cannot be "),
    "no answer but talk": (Text("Sure! Here is the answer you asked for."), "cannot be used"),
    "arguments that are no JSON": (Call("declare", "{{{ not JSON"), "cannot be "),
    "arguments of another kind": (Call("declare", {"url": 7, "time": [[]]}), "cannot be used"),
    "a tool that is not there": (Call("run_shell", {"command": "id"}), "cannot be used"),
    "gives up": (Call("give_up", {"reason": "begun and done\nare as good"}), "gave up: begun and done are as good"),
}  # fmt: skip


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with Provider() as running:
        yield running


def brief(name: str, provider: Provider) -> Brief:
    return Brief(
        models=[f"{name}:a-model"], keys={name: KEY}, base_url=provider.url + ("/v1" if name == "openai-chat" else ""),
        seconds=20, tokens=100_000, source_type="API", place="https://source.example/v1", given={}, findings=[],
        question="Two fields look like the time: `begun`, `done`. Give date_field.", sample='[{"begun": 1, "done": 2}]',
    )  # fmt: skip


# One loop for all: the provider's library keeps its connections.
@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.filterwarnings("ignore::pydantic_ai.usage.UsageLimitUnavailableWarning")
@pytest.mark.parametrize("name", PROVIDERS)
@pytest.mark.parametrize("how", SENTENCES)
async def test_whatever_goes_wrong_is_one_sentence(
    provider: Provider, name: str, how: str, capfd: pytest.CaptureFixture[str]
) -> None:
    reply, said = SENTENCES[how]
    provider.says(reply)
    tried: list[str] = []

    async def judge(module: str) -> Judged:
        tried.append(module)
        return Judged(accepted=True, text="")

    async def see(_: str) -> str:
        return ""

    with pytest.raises(Hopeless) as hopeless:
        await ask(brief(name, provider), see, judge)
    sentence = str(hopeless.value)
    assert said in sentence
    assert "\n" not in sentence
    assert sentence.endswith((".", "?", "as good"))
    printed = capfd.readouterr()
    assert KEY not in sentence + printed.out + printed.err
    assert set(provider.keys) == {KEY}
    assert tried == []
