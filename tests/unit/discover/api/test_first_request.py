"""Sources that give nothing before they are asked with what they want."""

from datetime import datetime

import pytest

from discovering import all_of, look
from slackwater.discover.api.refusals import mask_in
from slackwater.errors import Question
from slackwater.model.instants import DAY, HOUR, SECOND, from_micros, iso, parse_iso
from slackwater.settings import Settings
from sources import Answer, Feed, SourceServer

REQUESTS = Settings.model_fields["discovery_requests"].default
NOW = parse_iso("2026-11-20T12:00:00Z")


@pytest.fixture
def server():
    with SourceServer() as server:
        yield server


def feed_of_days(count):
    return Feed((NOW - NOW % DAY - n * DAY, n * 1.25) for n in range(1, count))


@pytest.mark.parametrize("wanted", [("rows", "offset"), ("pageSize", "page")])
async def test_pages_that_must_be_asked_for_with_their_size(server, wanted):
    feed = feed_of_days(350)
    size_param, place_param = wanted

    def answer(request):
        if gone := [name for name in wanted if name not in request.query]:
            return Answer({"error": f"Parameter '{gone[0]}' is required"}, 422)
        size, place = (int(request.query[name]) for name in wanted)
        begin = place if place_param == "offset" else (place - 1) * size
        held = sorted(feed.points()["value"].items(), reverse=True)[begin : begin + min(size, 500)]
        return Answer({"found": [{"at": iso(time), "level": value} for time, value in held]})

    found = await look(f"{server.route('/x', answer)}?f=a%20eq%201", now=NOW)
    assert size_param in found.code
    assert "f=a%20eq%201" in found.code  # a plus sign is no blank to each server
    assert list((await all_of(found, feed)).points.values()) == list(feed.points().values())


async def test_a_range_that_is_wanted_inside_a_success_and_bounded(server):
    """A refusal with status 200, by names in another style, of whole days, at most three weeks of them."""
    feed = feed_of_days(400)

    def answer(request):
        said = None
        if gone := [name for name in ("begin-date", "end-date") if name not in request.query]:
            said = f"Missing required parameter: {gone[0]}"
        elif any(len(request.query[name]) != 10 for name in ("begin-date", "end-date")):
            said = "Invalid date format in begin-date/end-date"
        else:
            low, high = (parse_iso(request.query[name]) for name in ("begin-date", "end-date"))
            if high - low > 21 * DAY:
                said = "The range may be at most 21 days"
        if said:
            return Answer({"code": 40012, "message": said, "data": {}})
        held = [each for each in sorted(feed.points()["value"].items()) if low <= each[0] <= high]
        return Answer({"code": 0, "message": "OK", "data": {"list": [{"day": iso(t)[:10], "kwh": v} for t, v in held]}})

    found = await look(f"{server.route('/x', answer)}?f=a%20eq%201", now=NOW)
    assert 'TimeFilter("begin-date", "end-date", form="date"' in found.code
    assert "f=a%20eq%201" in found.code
    assert 'longest="P21D"' in found.code
    assert len(server.requests) <= REQUESTS
    assert list((await all_of(found, feed)).points.values()) == list(feed.points().values())


async def test_a_device_that_gives_its_newest_reading_alone_is_asked_for_a_range(server):
    """ThingsBoard's telemetry: one point of each key without a range."""
    times = [NOW - n * HOUR for n in range(1, 600)]
    held = {
        "temperature": {t: float(n % 30) for n, t in enumerate(times)},
        "co2": {t: 400.0 + n for n, t in enumerate(times)},
    }

    def answer(request):
        low, high = (request.query.get(name) for name in ("startTs", "endTs"))
        most = int(request.query.get("limit", 100))
        body = {}
        for name, line in held.items():
            rows = sorted(line.items(), reverse=True)
            if low is None or high is None:
                rows = rows[:1]
            else:
                rows = [each for each in rows if int(low) * 1000 <= each[0] < int(high) * 1000][:most]
            body[name] = [{"ts": time // 1000, "value": str(value)} for time, value in rows]
        return Answer(body)

    url = server.route("/api/plugins/telemetry/DEVICE/7/values/timeseries", answer)
    found = await look(f"{url}?keys=temperature,co2", now=NOW + 30 * 60 * SECOND)
    assert 'TimeFilter("startTs", "endTs", form="epoch_ms"' in found.code
    run = await all_of(found, Feed((time, 0) for time in times))
    assert sorted(map(len, run.points.values())) == [599, 599]


@pytest.mark.parametrize("mask", ["dd/MM/yyyy", "DD/MM/AAAA", "yyyyMMdd"])
async def test_the_form_of_a_wanted_range_is_told_by_a_mask(server, mask):
    feed = feed_of_days(300)
    form = mask_in(mask)

    def answer(request):
        try:
            low, high = (datetime.strptime(request.query[name], form) for name in ("dataInicial", "dataFinal"))
        except (KeyError, ValueError):
            return Answer({"error": f"Missing required query parameters: dataInicial, dataFinal ({mask})"}, 400)
        held = [
            (from_micros(time).strftime("%Y-%m-%d"), value) for time, value in sorted(feed.points()["value"].items())
        ]
        return Answer([{"data": day, "valor": v} for day, v in held if f"{low:%Y-%m-%d}" <= day <= f"{high:%Y-%m-%d}"])

    found = await look(server.route("/x", answer), now=NOW)
    assert "dataInicial" in found.code
    assert list((await all_of(found, feed)).points.values()) == list(feed.points().values())


@pytest.mark.parametrize(
    ("words", "form"),
    [
        ("format: yyyy-MM-dd", "date"),
        ("as YYYYMMDDHHMM please", "%Y%m%d%H%M"),
        ("use yyyy-MM-dd'T'HH:mm:ss", "%Y-%m-%dT%H:%M:%S"),
        ("mm/dd/yyyy", "%m/%d/%Y"),
        ("nothing of the kind, added", None),
    ],
)
def test_masks_of_times(words, form):
    assert mask_in(words) == form


@pytest.mark.parametrize("kind", ["names", "services", "links", "short"])
async def test_the_root_of_an_api_offers_the_addresses_that_it_lists(server, kind):
    names = ("a", "b") if kind == "short" else ("levels", "users")

    def root(request):
        host = f"http://{request.headers['host']}"
        if kind in ("names", "short"):
            return Answer({name: f"{host}/api/{name}" for name in names})
        entries = [{"name": name, "kind": "EntitySet", "url" if kind == "services" else "href": name} for name in names]
        about = {"@odata.context": f"{host}/api/$metadata", "about": "All the sets of this service"}
        return Answer({**about, "self": f"{host}/api/", "value": entries})

    url = server.route("/api/", root)
    with pytest.raises(Question, match=rf"lists addresses instead of data: `http\S+/{names[0]}`, `http\S+`\.") as asked:
        await look(url)
    assert asked.value.field == "location"
    assert asked.value.choices == [f"{url}{name}" for name in names]


async def test_of_many_addresses_a_question_shows_some_and_offers_all(server):
    url = server.route(
        "/api/", lambda request: Answer({f"n{n}": f"http://{request.headers['host']}/api/{n}" for n in range(9)})
    )
    with pytest.raises(Question, match="lists addresses instead of data") as asked:
        await look(url)
    assert "/api/5`" in str(asked.value)
    assert "/api/6`" not in str(asked.value)
    assert len(asked.value.choices) == 9


@pytest.mark.parametrize(
    "beside",
    [
        {"documentation_url": "https://x.example"},
        {"documentation_url": "https://x.example/a", "more": "https://x.example/b"},
        {"documentation_url": "{host}/docs"},
        {"documentation_url": "{host}/docs", "instance": "{host}/api/"},
        {"documentation_url": "{host}/docs", "see": "{host}/help or ask us"},
        {"error": "NotFound", "reason": "gone"},
    ],
)
async def test_a_message_with_an_address_is_a_message(server, beside):
    def root(request):
        host = f"http://{request.headers['host']}"
        return Answer({"message": "Not found here", **{name: text.format(host=host) for name, text in beside.items()}})

    with pytest.raises(Question, match="a message instead of data"):
        await look(server.route("/api/", root))


async def test_addresses_beside_data_are_no_choices(server):
    feed = Feed.regular("2024-11-01", DAY, 40)
    rows = [{"time": iso(time), "level": value} for time, value in feed.points()["value"].items()]

    def answer(request):
        host = f"http://{request.headers['host']}"
        return Answer(
            {"self": f"{host}/api/levels", "about": f"{host}/api/about", "docs": f"{host}/docs", "rows": rows}
        )

    assert (await look(server.route("/api/levels", answer))).code
