"""What is remembered of a source while people look at it, and for how long."""

import pytest

from slackwater.pipe.frames import Request, Response
from slackwater.supervise.http.response_cache import LARGEST, Memory, scope_of

FRESH = [("Cache-Control", "no-cache")]


class Source:
    """Answers each question with a number of its own."""

    def __init__(self, status=200, size=0, error=None):
        self.asked = 0
        self.status, self.size, self.error = status, size, error

    async def __call__(self, request: Request) -> Response:
        self.asked += 1
        content = str(self.asked).encode().ljust(self.size)
        return Response(number=request.number, status=self.status, content=content, error=self.error)


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


async def ask(look, source, url="http://a/", number=1, headers=(), method="GET"):
    request = Request(number=number, method=method, url=url, headers=list(headers))
    answer = await look.send(request, source)
    assert answer.number == number
    return answer.content.strip().decode()


async def test_what_is_asked_twice_is_asked_once():
    memory, source = Memory(), Source()
    look = memory.look("zoe")
    assert [await ask(look, source, number=n) for n in (1, 2)] == ["1", "1"]
    assert await ask(look, source, "http://a/?page=2") == "2"
    assert (look.asked, look.latest) == (3, "http://a/?page=2")  # for those who wait: also what was remembered
    assert await ask(look, source, headers=[("Accept", "text/csv")]) == "3"
    assert await ask(memory.look("zoe"), source) == "1"
    assert await ask(memory.look("yan"), source) == "4"


async def test_a_fresh_answer_is_fresh_once_and_repeats_with_the_whole_look():
    memory, source = Memory(), Source()
    for look in (memory.look("zoe"), memory.look("zoe")):
        assert [await ask(look, source), await ask(look, source, headers=FRESH)] == ["1", "2"]
    third = memory.look("zoe")
    assert [await ask(third, source, headers=FRESH), await ask(third, source, headers=FRESH)] == ["2", "3"]


@pytest.mark.parametrize("source", [Source(429), Source(503), Source(error="refused"), Source(size=LARGEST + 1)])
async def test_what_may_be_better_or_is_too_large_is_not_kept(source):
    look = Memory().look("zoe")
    assert [await ask(look, source), await ask(look, source)] == ["1", "2"]


async def test_what_is_no_reading_is_never_answered_from_memory():
    look, source = Memory().look("zoe"), Source()
    assert [await ask(look, source, method="POST"), await ask(look, source, method="POST")] == ["1", "2"]


async def test_it_forgets_after_its_time_and_what_is_too_much():
    clock, source = Clock(), Source(size=40)
    memory = Memory(seconds=120, most=100, clock=clock)
    look = memory.look("zoe")
    await ask(look, source, "http://a/1")
    clock.now = 60
    await ask(look, source, "http://a/2")
    assert memory.size == 80
    await ask(look, source, "http://a/3")  # the first has to go
    assert memory.size == 80
    assert await ask(look, source, "http://a/2") == "2"
    assert await ask(look, source, "http://a/1") == "4"
    clock.now = 181
    assert await ask(look, source, "http://a/2") == "5"


def test_the_scope_is_the_caller_the_place_and_the_credentials():
    config = {"location": "http://a/", "auth_type": "bearer", "bearer_token": "x", "date_field": "day"}
    assert scope_of("zoe", config) == scope_of("zoe", config | {"date_field": "when", "value_field": "v"})
    others = [config | {"bearer_token": "y"}, config | {"location": "http://b/"}, config | {"query_params": {"a": 1}}]
    assert len({scope_of("zoe", config), scope_of("yan", config), *(scope_of("zoe", each) for each in others)}) == 5
