"""The first answer of a source, and what it asks for before it gives one."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

import httpx

from slackwater.discover.api.probe import Probe, Sample, sample_of, words_in
from slackwater.discover.api.time_filter_names import ANCHORED, PAIRS, YEARS
from slackwater.errors import BadSource, Question, Refused
from slackwater.formats.payload.decode import parsed
from slackwater.formats.payload.notes import note_in
from slackwater.model.body_template import taken
from slackwater.model.checkpoint import Interval
from slackwater.model.instants import DAY, EARLIEST, HOUR, YEAR
from slackwater.runtime.api.pagination import with_params
from slackwater.runtime.api.time_filters import TimeFilter
from slackwater.runtime.http_transport import DOWN

TRIES = 6  # of ways to ask for a time range that the source wants
ENOUGH = 60  # numbers in an answer that show what the source has
LEAST_LEFT = 10  # questions that are kept for pages and time ranges
QUOTED = 200  # characters of what a source says
_FORMS = ("iso", "date", "epoch_s", "epoch_ms")
_SPANS = (30 * DAY, YEAR, 10 * YEAR, 100 * YEAR)
_ASKS = re.compile(
    r"missing|required|must|need|specif|provide|mandatory|obrigat|falta|requer|expected|cannot parse|invalid param",
    re.I,
)


async def open_source(probe: Probe) -> Sample:
    """Return the answer to the location; where it asks for a time range, with one that ends now.

    The parameters that had to be added are then part of `probe.location`. BadSource for what a person has to do
    something about, a Question where the source itself says what it wants.
    """
    response = await _within_a_range(probe) or await probe.get(probe.location)
    if response.status_code in (400, 422) and (said := words_in(response)) and _ASKS.search(said):
        response = await _with_a_range(probe, said) or response
    if reason := _refusal(response):
        raise reason
    body = parsed(response)
    if body is None:
        raise BadSource("The sample holds no record: the source answered 204 (no content). Give another location.")
    if not isinstance(body, str) and (words := note_in(body)) is not None:
        raise Question(
            f"The source answered with a message instead of data: “{words}”. Correct location, or give what it asks "
            "for in query_params.",
            field="location",
        )
    return sample_of(response, probe.location, body)


async def _within_a_range(probe: Probe) -> httpx.Response | None:
    """Ask for a time range where placeholders of the body say that one belongs there: for longer ones till much comes.

    The form that is understood, and the range, are part of `probe.location` then. None where no range was understood.
    """
    if probe.body is None or not probe.body.asks_for_times:
        return None
    location, best, most = probe.location, None, -1
    now = probe.now() // HOUR * HOUR  # a second look asks the same, and is answered from memory
    for form in _FORMS:
        asked = TimeFilter("start", "end", form)
        for span in _SPANS:
            params = asked.params(Interval(max(now - span, EARLIEST + DAY), now))
            url = with_params(location, {name: params[name] for name in taken(probe.body, params)})
            response = await probe.get(url)
            size = _told(response)
            if size is None:
                break
            if size > most:
                probe.location, best, most = url, response, size
            if most >= ENOUGH or probe.left < LEAST_LEFT:
                return best
        if best is not None:
            return best
    return None


def _told(response: httpx.Response) -> int | None:
    """Return how many values an answer has, None of one that is an error."""
    if not response.is_success:
        if response.status_code in DOWN:
            response.raise_for_status()
        return None
    try:
        return _values(parsed(response))
    except BadSource:
        return None


def _values(body: Any) -> int:
    if isinstance(body, dict | list):
        return sum(map(_values, body.values() if isinstance(body, dict) else body))
    return 1 if isinstance(body, int | float) and not isinstance(body, bool) else 0


async def _with_a_range(probe: Probe, said: str) -> httpx.Response | None:
    """Ask for a time range by the parameters that the refusal names, in one form after another."""
    location = probe.location
    span = 6 * HOUR if _step(said, location) else 30 * DAY
    for asked, window in islice(_wanted(said, probe.now(), span), TRIES):
        url = str(httpx.URL(location).copy_merge_params({**_step(said, location), **asked.params(window)}))
        response = await probe.get(url)
        if response.is_success:
            probe.location = url
            return response
    return None


def _wanted(said: str, now: int, span: int) -> Iterator[tuple[TimeFilter, Interval]]:
    words = set(re.findall(r"[A-Za-z_][\w\[\]$.]*", said))
    known = dict.fromkeys((*PAIRS, *YEARS, *ANCHORED))
    pairs = [pair for pair in known if set(pair) <= words] or [pair for pair in known if set(pair) & words][:2]
    yearly = [pair for pair in pairs[:2] if pair in YEARS]
    forms = [("%Y", yearly), *((form, [pair for pair in pairs[:2] if pair not in YEARS]) for form in _FORMS)]
    for form, those in forms:
        for pair in those:
            asked = TimeFilter(*pair, form)
            yield asked, Interval(now - max(span, 2 * asked.unit), now - asked.unit)


def _step(said: str, url: str) -> dict[str, str]:
    wants = url.partition("?")[0].endswith("/query_range") or re.search(r"\bstep\b", said) is not None
    return {"step": "60"} if wants and "step" not in httpx.URL(url).params else {}


def _refusal(response: httpx.Response) -> BadSource | None:
    status, phrase = response.status_code, response.reason_phrase
    if status in (401, 403):
        return Refused(
            f"The source answered {status} {phrase}: it does not let us in. Give auth_type (api_key, bearer, basic or "
            "oauth2) with its credentials in source_config, or correct them."
        )
    if status == 405 and response.request.method == "GET":
        return Question(
            f"The source answered {status} {phrase}: it is not asked by GET. Give body, the JSON to ask it with by "
            "POST.",
            field="body",
        )
    if status in (404, 410):
        return Refused(f"The source answered {status} {phrase}: there is nothing at location. Correct location.")
    if 400 <= status < 500 and status not in DOWN:
        said = words_in(response)
        quoted = f": “{said[:QUOTED]}”" if _ASKS.search(said) else ""
        return Question(
            f"The source answered {status} {phrase}{quoted}. Correct location, or give the parameters that it needs in "
            "query_params.",
            field="query_params",
        )
    response.raise_for_status()
    return None
