"""One conversation with a language model.

A form to fill in, a tool to see more of the source, three corrections.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from pydantic_ai import Agent, ModelRetry, ToolOutput, UsageLimits, exceptions
from pydantic_ai.models import Model, infer_model
from pydantic_ai.models.fallback import FallbackModel
from pydantic_ai.providers import Provider, infer_provider_class

from slackwater.llm.declaration_form import declaration_of, module_of
from slackwater.llm.prompt import Words
from slackwater.pipe.llm_messages import Brief, Judged

CORRECTIONS = 3  # answers of the model that may fail their trial
FETCHES = 10  # pages of the source that it may ask for
REQUESTS = 20  # to the model; chosen: fetches and corrections, and as many again
MOST_REASON = 500  # characters of a reason; chosen: two sentences

Try = Callable[[str], Awaitable[Judged]]
See = Callable[[str], Awaitable[str]]


class Hopeless(Exception):  # noqa: N818 - it is the conversation's end, not a fault
    """There will be no module; the message says why, in one sentence."""


async def ask(brief: Brief, see: See, judge: Try) -> None:
    """Return when a module has stood its trial.

    Hopeless says in one sentence why none has.
    """
    try:
        models = _models(brief)  # loads the provider's library, which takes seconds that are not the model's
        async with asyncio.timeout(brief.seconds):
            await _conversation(brief, models, see, judge)
    except TimeoutError:
        raise Hopeless(
            f"the language model had no answer within {brief.seconds:g} seconds (SLACKWATER_LLM_SECONDS)."
        ) from None
    except exceptions.FallbackExceptionGroup as several:
        reasons = [_sentence(each, brief) for each in several.exceptions]
        raise Hopeless("; ".join(dict.fromkeys(reason.rstrip(".") for reason in reasons)) + ".") from None
    except (exceptions.AgentRunError, exceptions.UserError, ImportError) as error:
        raise Hopeless(_sentence(error, brief)) from None
    except (TypeError, ValueError, LookupError, AttributeError) as error:  # a provider's answer of another shape
        raise Hopeless(
            f"the answer of the language model's provider cannot be read ({type(error).__name__}); "
            "is SLACKWATER_LLM_BASE_URL right?"
        ) from None


async def _conversation(brief: Brief, models: Model, see: See, judge: Try) -> None:
    words = Words(brief)
    failures: list[str] = []
    fetched = 0

    async def accepted(module: str) -> None:
        if len(failures) > CORRECTIONS:
            raise Hopeless(_failed(failures))
        verdict = await judge(module)
        if verdict.accepted:
            return
        failures.append(verdict.text)
        if len(failures) > CORRECTIONS:
            raise Hopeless(_failed(failures))
        reported = "\n".join(filter(None, (verdict.text, verdict.trace)))
        raise ModelRetry(f"It did not stand the trial: {words.data(reported)}")

    form = declaration_of(brief.source_type)

    async def declare(declaration: Any) -> str:
        """Answer with a declaration."""
        try:
            module = module_of(brief.source_type, declaration)
        except ValueError as error:
            raise ModelRetry(str(error)) from None
        await accepted(module)
        return module

    declare.__annotations__["declaration"] = form

    async def write_module(text: str) -> str:
        """Answer with the text of a module."""
        await accepted(text)
        return text

    async def give_up(reason: str) -> str:
        """Say that the source cannot be decided, and which field of source_config would decide it."""
        raise Hopeless(f"the language model gave up: {_cut(reason)}")

    async def fetch(url: str) -> str:
        """Return the answer of the source to a GET of this URL.

        It must be of the source's own origin.
        """
        nonlocal fetched
        fetched += 1
        if fetched > FETCHES:
            return f"No more than {FETCHES} pages can be fetched; answer now."
        return words.data(await see(url))

    agent: Agent[object, str] = Agent(
        models,
        output_type=[
            ToolOutput(declare, name="declare"),
            ToolOutput(write_module, name="write_module"),
            ToolOutput(give_up, name="give_up"),
        ],
        instructions=words.task,
        tools=[fetch] if brief.source_type == "API" else [],
        retries=CORRECTIONS + 1,
    )
    limits = UsageLimits(request_limit=REQUESTS, total_tokens_limit=brief.tokens)
    await agent.run(words.question, usage_limits=limits)


def _models(brief: Brief) -> Model:
    models = [infer_model(name, lambda provider: _provider(provider, brief)) for name in brief.models]
    return models[0] if len(models) == 1 else FallbackModel(models[0], *models[1:])


def _provider(name: str, brief: Brief) -> Provider[Any]:
    try:
        made: Any = infer_provider_class(name)
    except ValueError:
        raise exceptions.UserError(f"there is no provider {name}") from None
    key = brief.keys.get(name)
    if key is None:
        raise Hopeless(f"there is no API key for {name}; set SLACKWATER_LLM_API_KEY.")
    given = {"api_key": key} | ({"base_url": brief.base_url} if brief.base_url else {})
    provider: Provider[Any] = made(**given)
    return provider


_SENTENCES: tuple[tuple[type[Exception], str], ...] = (
    (exceptions.UsageLimitExceeded, "the language model used up its budget (SLACKWATER_LLM_BUDGET)."),
    (exceptions.ModelAuthenticationError, "the provider of the language model refuses the API key."),
    (exceptions.ModelQuotaExceededError, "the quota at the provider of the language model is used up."),
    (exceptions.ModelRateLimitError, "the provider of the language model turns us away: too many requests."),
    (exceptions.ModelUnavailableError, "the language model is overloaded just now."),
    (exceptions.ModelNotFoundError, "the provider does not know this language model (SLACKWATER_LLM_MODEL)."),
    (exceptions.ModelContextWindowExceededError, "the sample is too long for this language model."),
    (exceptions.ModelTimeoutError, "the provider of the language model does not answer in time."),
    (exceptions.ModelConnectionError, "the provider of the language model cannot be reached."),
    (exceptions.ModelServerError, "the provider of the language model has trouble of its own."),
    (exceptions.ModelRequestRejectedError, "the provider of the language model refuses the request."),
    (exceptions.ModelAPIError, "the provider of the language model did not answer well."),
    (exceptions.ContentFilterError, "the language model refuses to answer."),
    (exceptions.UnexpectedModelBehavior, "the language model's answers cannot be used."),
)
_BY_STATUS = {401: 1, 403: 1, 402: 2, 429: 3, 503: 4, 529: 4, 404: 5}


def _sentence(error: BaseException, brief: Brief) -> str:
    """Return an error as one sentence.

    The provider's own words may quote a key, and are not repeated.
    """
    if isinstance(error, ImportError):
        return "a part of it is not installed: call `make llm`, or `pip install '.[llm]'` in the source tree."
    if isinstance(error, exceptions.UserError):
        return f"SLACKWATER_LLM_MODEL cannot be used: {', '.join(brief.models)}; it must be such as openai:gpt-5."
    status = getattr(error, "status_code", None)
    for kind, sentence in _SENTENCES:
        if isinstance(error, kind) and kind is not exceptions.ModelAPIError:
            return sentence
    place = _BY_STATUS.get(status) if isinstance(status, int) else None
    return _SENTENCES[place][1] if place is not None else _SENTENCES[11][1]


def _failed(failures: list[str]) -> str:
    return f"none of the language model's {len(failures)} answers stood the trial; the last: {_cut(failures[-1])}"


def _cut(text: str) -> str:
    return " ".join(text.split())[:MOST_REASON]
