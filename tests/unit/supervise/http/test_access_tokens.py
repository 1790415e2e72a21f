"""Access tokens: one request for all who need one, and none that is lost."""

import asyncio

import pytest

from slackwater.supervise.http import access_tokens
from slackwater.supervise.http.access_grant import Grant
from slackwater.supervise.http.access_tokens import Tokens
from slackwater.supervise.http.broker import Broker


class Kept:
    """Refresh tokens in memory."""

    def __init__(self):
        self.tokens = {}

    async def load(self, key):
        return self.tokens.get(key)

    async def save(self, key, token):
        self.tokens[key] = token


GRANT = Grant(url="https://auth.example/token", client_id="us", refresh_token="first")


class Provider:
    """Takes a refresh token once, and answers when it is let."""

    def __init__(self):
        self.posted, self.answered = asyncio.Event(), asyncio.Event()

    async def post(self, url, headers, content):
        if self.posted.is_set():
            return 400, b'{"error": "invalid_grant"}'
        self.posted.set()
        await self.answered.wait()
        return 200, b'{"access_token": "good", "refresh_token": "second"}'

    async def asked_and_left(self, tokens):
        """Ask for a token, and leave while the answer is on its way."""
        left = asyncio.ensure_future(tokens.token(GRANT, self.post))
        await self.posted.wait()
        left.cancel()
        with pytest.raises(asyncio.CancelledError):
            await left


async def test_a_refresh_token_that_comes_when_nobody_waits_any_more_is_kept():
    """The one before is void, and who looked at the source has left while the answer was on its way."""
    kept, provider = Kept(), Provider()
    tokens = Tokens(kept)
    await provider.asked_and_left(tokens)
    later = asyncio.ensure_future(tokens.token(GRANT, provider.post))
    provider.answered.set()
    assert await later == "good"
    assert kept.tokens == {GRANT.key: "second"}


async def test_a_refresh_token_on_its_way_is_kept_when_the_service_ends(monkeypatch):
    kept, provider = Kept(), Provider()
    tokens = Tokens(kept)
    limits = {"requests_per_second": 1, "connections": 1, "tries": 1, "max_wait": 1, "max_answer": 1}
    broker = Broker(tokens=tokens, allow_private=False, **limits)
    await provider.asked_and_left(tokens)
    ending = asyncio.ensure_future(broker.aclose())
    await asyncio.sleep(0)
    provider.answered.set()
    await ending
    assert kept.tokens == {GRANT.key: "second"}
    provider = Provider()
    monkeypatch.setattr(access_tokens, "LAST_WAIT", 0.01)
    hangs = asyncio.ensure_future(tokens.token(GRANT, provider.post, instead_of="good"))
    await provider.posted.wait()
    await broker.aclose()  # a source that never answers keeps no service from its end
    hangs.cancel()


async def test_many_who_need_a_token_at_once_request_one():
    posted = []

    async def post(url, headers, content):
        posted.append(url)
        await asyncio.sleep(0)
        return 200, b'{"access_token": "good"}'

    tokens = Tokens()
    grant = Grant(url="https://auth.example/token", client_id="us", client_secret="s3cret")
    assert await asyncio.gather(*(tokens.token(grant, post) for _ in range(20))) == ["good"] * 20
    assert posted == [grant.url]
