"""Each provider's own wire format, over real HTTP: whatever goes wrong there is one sentence, and no key is in it."""

from collections.abc import Iterator

import pytest

from budget import every
from provider import KEY, Call, Declined, Garbage, Provider, Refusal, Reply, Slow, Spent, Text
from slackwater.pipe.llm_messages import Brief, Judged

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
    "no answer in time": (Slow(30), "no answer within 0.5 seconds (SLACKWATER_LLM_SECONDS)"),
    "another kind of answer": (Garbage('{"hello": "world"}'), "cannot be "),
    "no answer but talk": (Text("Sure! Here is the answer you asked for."), "cannot be used"),
    "arguments that are no JSON": (Call("declare", "{{{ not JSON"), "cannot be "),
    "arguments of another kind": (Call("declare", {"url": 7, "time": [[]]}), "cannot be used"),
    "a tool that is not there": (Call("run_shell", {"command": "id"}), "cannot be used"),
    "gives up": (Call("give_up", {"reason": "begun and done\nare as good"}), "gave up: begun and done are as good"),
}


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with Provider() as running:
        yield running


def brief(name: str, provider: Provider, seconds: float, tokens: int = 100_000) -> Brief:
    return Brief(
        models=[f"{name}:a-model"],
        keys={name: KEY},
        base_url=provider.url + ("/v1" if name == "openai-chat" else ""),
        seconds=seconds,
        tokens=tokens,
        source_type="API",
        place="https://source.example/v1",
        given={},
        findings=[],
        question="Two fields look like the time: `begun`, `done`. Give date_field.",
        sample='[{"begun": 1, "done": 2}]',
    )


async def sentence_of(asked: Brief) -> str:
    """Why there is no module; the source shows nothing more, and no module is ever tried."""

    from slackwater.llm.conversation import Hopeless, ask  # here: every worker collects this, and one runs it

    async def judge(module: str) -> Judged:
        raise AssertionError(module)

    async def see(_: str) -> str:
        return ""

    with pytest.raises(Hopeless) as hopeless:
        await ask(asked, see, judge)
    return str(hopeless.value)


# One loop for all: the provider's library keeps its connections.
pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.filterwarnings("ignore::pydantic_ai.usage.UsageLimitUnavailableWarning"),
]


@pytest.mark.parametrize("name", PROVIDERS)
@pytest.mark.parametrize("how", every(3, SENTENCES))
async def test_whatever_goes_wrong_is_one_sentence(
    provider: Provider, name: str, how: str, capfd: pytest.CaptureFixture[str]
) -> None:
    reply, said = SENTENCES[how]
    provider.says(reply)
    sentence = await sentence_of(brief(name, provider, 0.5 if isinstance(reply, Slow) else 20))
    assert said in sentence
    assert "\n" not in sentence
    printed = capfd.readouterr()
    assert KEY not in sentence + printed.out + printed.err
    assert set(provider.keys) == {KEY}


async def test_a_budget_of_tokens_ends_the_asking(provider: Provider) -> None:
    provider.says(Text("hm"))
    asked = brief("openai-chat", provider, 20, tokens=1500)
    assert "used up its budget (SLACKWATER_LLM_BUDGET)" in await sentence_of(asked)
    assert len(provider.requests) == 2  # each is of 1,000 tokens


async def test_a_provider_that_nobody_knows_is_named(provider: Provider) -> None:
    sentence = await sentence_of(brief("nobody", provider, 20))
    assert "SLACKWATER_LLM_MODEL cannot be used: nobody:a-model" in sentence
