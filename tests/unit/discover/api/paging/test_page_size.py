"""The parameter of the page size, by names of every style, and the sizes that a refusal allows."""

import pytest

from budget import some
from discovering import all_of, look
from slackwater.model.instants import DAY, HOUR, iso, parse_iso
from slackwater.settings import Settings
from sources import Answer, Feed, SourceServer

REQUESTS = Settings.model_fields["discovery_requests"].default


@pytest.fixture
def server():
    with SourceServer() as server:
        yield server


def counted(size_param, page_param, *, usual=40, most=200, refuses=True, strict=False, told=None):
    """Pages of a feed of 700 days; a size above the largest is refused with a word about it."""
    start = parse_iso("2023-01-01")
    rows = [{"day": iso(start + n * DAY)[:10], "kwh": round(n * 1.3 % 70, 2)} for n in range(700)]

    def answer(request):
        strange = sorted(set(request.query) - {size_param, page_param})
        if strict and strange:
            return Answer({"error": f"Unrecognized parameter {strange[0]}"}, 400)
        size, page = (int(request.query.get(name, usual)) for name, usual in ((size_param, usual), (page_param, 1)))
        if not 1 <= size <= most:
            if refuses:
                return Answer({"error": f"{size_param} must be between 1 and {most}"}, 400)
            size = most
        shown = rows[(page - 1) * size : page * size]
        return Answer({"rows": shown, **({told: size} if told else {})})

    return answer


SIZES = [
    ("page-size", "page-number", {"told": "page-size"}),
    ("pagesize", "page", {}),
    ("PageSize", "PageNumber", {}),
    ("itemsPerPage", "pageIndex", {"told": "itemsPerPage"}),
    ("results_per_page", "page", {"strict": True, "told": "results_per_page"}),
    ("perPage", "currentPage", {"told": "perPage"}),
]


@pytest.mark.parametrize(("size", "page", "more"), SIZES, ids=[size for size, *_ in SIZES])
@pytest.mark.parametrize("refuses", some([True, False], True))
async def test_the_largest_page_that_a_refusal_allows_is_asked_for(server, size, page, more, refuses):
    found = await look(server.route("/x", counted(size, page, refuses=refuses, **more)))
    assert f'size=200, page_param="{page}", size_param="{size}"' in found.code or (
        f'size=200, size_param="{size}"' in found.code and page == "page"
    )
    assert len(server.requests) <= REQUESTS
    feed = Feed((parse_iso("2023-01-01") + n * DAY, 0) for n in range(700))
    [points] = (await all_of(found, feed)).points.values()
    assert len(points) == 700


async def test_a_default_page_of_one_record_is_enlarged(server):
    answer = counted("howmany", "page", usual=1, told="limit")

    def one(request):
        query = {("howmany" if name == "limit" else name): value for name, value in request.query.items()}
        return answer(type(request)(request.method, request.path, query, request.headers, request.time))

    found = await look(server.route("/x", one))
    assert 'size=200, size_param="limit"' in found.code


async def test_a_size_that_nobody_allows_stays_as_it_is(server):
    """Neither is a larger page given, nor does a word say what would be."""
    start = parse_iso("2023-01-01")

    def answer(request):
        size, page = int(request.query.get("rows", 30)), int(request.query.get("page", 1))
        if size > 30:
            return Answer({"error": "nope"}, 400)
        held = [{"at": iso(start + n * HOUR), "kwh": n / 4} for n in range(200)]
        return Answer(held[(page - 1) * size : page * size])

    found = await look(server.route("/x", answer))
    assert 'PageNumber(size=30, size_param="rows")' in found.code


async def test_a_limit_that_the_answer_echoes_may_be_set_apart_by_a_sign(server):
    def answer(request):
        size, skip = int(request.query.get("_limit", 100)), int(request.query.get("_offset", 0))
        rows = [{"at": iso(parse_iso("2023-01-01") + n * HOUR), "level": n * 7 % 50} for n in range(230)][
            skip : skip + size
        ]
        return Answer({"meta": {"limit": size, "offset": skip}, "items": rows})

    found = await look(server.route("/x", answer))
    assert 'limit_param="_limit"' in found.code
    assert 'offset_param="_offset"' in found.code
