"""The first answer of a source, and what it asks for before it gives one."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

import httpx

from slackwater.discover.api.paging.numbered_pages import OFFSETS, PAGES
from slackwater.discover.api.paging.page_size import LIMITS, VAGUE
from slackwater.discover.api.parameter_names import Styles
from slackwater.discover.api.probe import Probe, Sample, sample_of, words_in
from slackwater.discover.api.refusals import ASKS, mask_in, named, spans_in
from slackwater.discover.api.time_filter.time_filter_names import are_years, known_pairs
from slackwater.errors import BadSource, Question, Refused, Transient
from slackwater.formats.payload.notes import note_in
from slackwater.model.checkpoint import Interval
from slackwater.model.instants import DAY, EARLIEST, HOUR, YEAR
from slackwater.model.source.body_template import taken
from slackwater.runtime.api.time_filters import TimeFilter
from slackwater.runtime.api.url_parameters import merged, with_params
from slackwater.runtime.http_transport import DOWN

MOST_WANTED = 3  # parameters of pages that a source may call missing, one after another
USUAL = 100  # records of a page, where a source wants to be told how many
_MISSING = re.compile(r"missing|required|mandatory|obrigat|falta|must be (given|set|provided|specified)", re.IGNORECASE)
_NAMES = re.compile(r"[A-Za-z_](?:[\w\[\]$.-]*[\w\]])?")
TRIES = 6  # of ways to ask for a time range that the source wants
ENOUGH = 60  # numbers in an answer that show what the source has
LEAST_LEFT = 10  # questions that are kept for pages and time ranges
SHOWN = 6  # addresses in a sentence
QUOTED = 200  # characters of what a source says
_FORMS = ("iso", "date", "epoch_s", "epoch_ms")
_SPANS = (30 * DAY, YEAR, 10 * YEAR, 100 * YEAR)


async def open_source(probe: Probe) -> Sample:
    """Return the first answer; sources that require a time range get the newest one.

    The parameters that had to be added are then part of `probe.location`. BadSource for what somebody must correct, a
    Question where the source itself says what it needs.
    """
    response = await _within_a_range(probe) or await probe.get(probe.location)
    if wanted := _wants(probe, response):
        response = await _with_pages(probe, wanted) or response
    if wanted := _wants(probe, response):
        response = await _with_a_range(probe, wanted) or response
    if reason := _refusal(response):
        raise reason
    body = probe.body_of(response)
    if body is None:
        raise BadSource("The sample holds no record: the source answered 204 (no content). Give another location.")
    if isinstance(body, dict) and len(listed := _addresses(body, response)) > 1:
        raise Question(
            f"The answer lists addresses instead of data: {', '.join(f'`{each}`' for each in listed[:SHOWN])}. "
            "Give the one with the data in location.",
            field="location",
            choices=listed,
        )
    if not isinstance(body, str) and (words := note_in(body)) is not None:
        raise Question(
            f"The source answered with a message instead of data: “{words}”. Correct location, or give what it asks "
            "for in query_params.",
            field="location",
        )
    return sample_of(response, probe.location, body)


def _addresses(body: dict[str, Any], response: httpx.Response) -> list[str]:
    """Return the addresses of the same host that the root of an API lists."""
    bare = all(isinstance(value, str) and re.match(r"https?://\S+$", value) for value in body.values())
    if not bare and note_in(body) is None:
        return []
    entries = [each for value in body.values() if isinstance(value, list) for each in value if isinstance(each, dict)]
    texts = [value for name, value in body.items() if not name.startswith("@")]
    texts += [each[name] for each in entries for name in ("url", "href") if name in each]
    links = [text for text in texts if isinstance(text, str) and not re.search(r"\s", text)]
    whole = [str(response.url.join(text)) for text in links if entries or re.match(r"https?://", text)]
    here = f"{response.url.scheme}://{response.url.netloc.decode()}/"
    return [each for each in dict.fromkeys(whole) if each.startswith(here) and each != str(response.url)]


def _wants(probe: Probe, response: httpx.Response) -> str:
    """Return the words in which a source names required parameters, else ""."""
    said: str | None = words_in(response)
    try:
        if response.is_success:
            body = probe.body_of(response)
            said = None if body is None else note_in(body)
        elif response.status_code not in (400, 422):
            return ""
    except (BadSource, Transient):
        return ""
    return said if said and ASKS.search(said) else ""


async def _with_pages(probe: Probe, said: str) -> httpx.Response | None:
    """Request with the page parameter or size that the refusal names as required."""
    response = None
    for _ in range(MOST_WANTED):
        params = httpx.URL(probe.location).params
        added = {name: value for name, value in _paging_in(said) if name not in params}
        if not added:
            break
        url = merged(probe.location, added)
        response = await probe.get(url)
        if response.status_code in DOWN:
            response.raise_for_status()
        probe.location = probe.begun = url
        if not (said := _wants(probe, response)):
            break
    return response


def _paging_in(said: str) -> Iterator[tuple[str, int]]:
    """Yield the required page parameters of a refusal with their first values."""
    if not _MISSING.search(said):
        return
    words_said = set(_NAMES.findall(said))
    times = {name for pair in known_pairs() if set(pair) <= words_said for name in pair}
    for words, value in ((PAGES, 1), (OFFSETS, 0), ((*LIMITS, *VAGUE), USUAL)):
        yield from ((name, value) for name in named(Styles().names(words), said) if name not in times and len(name) > 1)


async def _within_a_range(probe: Probe) -> httpx.Response | None:
    """Request time ranges for the body's placeholders, widening until enough records come.

    The form that is understood, and the range, are part of `probe.location` then. None where no range was understood.
    """
    if probe.body is None or not probe.body.asks_for_times:
        return None
    location, best, most = probe.location, None, -1
    now = probe.now() // HOUR * HOUR  # a second look asks the same, and is answered from memory
    for form in _FORMS:
        candidate = TimeFilter("start", "end", form)
        for span in _SPANS:
            params = candidate.params(Interval(max(now - span, EARLIEST + DAY), now))
            url = with_params(location, {name: params[name] for name in taken(probe.body, params)})
            response = await probe.get(url)
            size = _count_of(probe, response)
            if size is None:
                break
            if size > most:
                probe.location, best, most = url, response, size
            if most >= ENOUGH or probe.left < LEAST_LEFT:
                return best
        if best is not None:
            return best
    return None


async def in_newest_range(probe: Probe, candidate: TimeFilter, first: Sample) -> Sample:
    """Request a range that ends now, of a source that defaults to its newest points.

    The range is part of `probe.location` then, if it brings more.
    """
    location, best, most = probe.location, first, _values(first.body)
    if {candidate.from_param, candidate.to_param} & set(httpx.URL(location).params):
        return first
    now = probe.now() // HOUR * HOUR
    for span in _SPANS[:3]:
        url = with_params(location, dict(candidate.params(Interval(now - span, now))))
        response = await probe.get(url)
        size = _count_of(probe, response)
        if size is None:
            break
        if size > most:
            probe.location, best, most = url, sample_of(response, url, probe.body_of(response)), size
        if most >= ENOUGH:
            break
    return best


def _count_of(probe: Probe, response: httpx.Response) -> int | None:
    """Return how many values an answer has, None of one that is an error."""
    if not response.is_success:
        if response.status_code in DOWN:
            response.raise_for_status()
        return None
    try:
        return _values(probe.body_of(response))
    except BadSource:
        return None


def _values(body: Any) -> int:
    if isinstance(body, dict | list):
        return sum(map(_values, body.values() if isinstance(body, dict) else body))
    return 1 if isinstance(body, int | float) and not isinstance(body, bool) else 0


async def _with_a_range(probe: Probe, said: str) -> httpx.Response | None:
    """Request a time range by the refusal's parameters, one form after another."""
    location = probe.location
    span = 6 * HOUR if _step(said, location) else 30 * DAY
    more = _step(said, location)
    for candidate in islice(_wanted(said), TRIES):
        response = await _in_a_range(probe, location, more, candidate, span)
        if narrower := [each for each in spans_in(_wants(probe, response)) if each < span]:
            span = narrower[0]  # it has said how long a range may be
            response = await _in_a_range(probe, location, more, candidate, span)
        if response.is_success and not _wants(probe, response):
            return response
    probe.location = location
    return None


async def _in_a_range(
    probe: Probe, location: str, more: dict[str, str], candidate: TimeFilter, span: int
) -> httpx.Response:
    """Ask for a range that ends now; it is part of `probe.location` then."""
    window = Interval(probe.now() - max(span, 2 * candidate.unit), probe.now() - candidate.unit)
    probe.location = merged(location, {**more, **candidate.params(window)})
    return await probe.get(probe.location)


def _wanted(said: str) -> Iterator[TimeFilter]:
    words = set(_NAMES.findall(said))
    known = dict.fromkeys(known_pairs())
    pairs = [pair for pair in known if set(pair) <= words] or [pair for pair in known if set(pair) & words][:2]
    yearly = [pair for pair in pairs[:2] if are_years(pair)]
    said_forms = [form] if (form := mask_in(said)) else []
    usual = dict.fromkeys([*said_forms, *_FORMS])
    forms = [("%Y", yearly), *((form, [pair for pair in pairs[:2] if pair not in yearly]) for form in usual)]
    for form, those in forms:
        yield from (TimeFilter(*pair, form) for pair in those)


def _step(said: str, url: str) -> dict[str, str]:
    wants = url.partition("?")[0].endswith("/query_range") or re.search(r"\bstep\b", said) is not None
    return {"step": "60"} if wants and "step" not in httpx.URL(url).params else {}


def _refusal(response: httpx.Response) -> BadSource | None:
    status, phrase = response.status_code, response.reason_phrase
    if status in (401, 403):
        return Refused(
            f"The source answered {status} {phrase}: it requires valid credentials. Give auth_type (api_key, bearer, "
            f"basic or "
            "oauth2) with its credentials in source_config, or correct them."
        )
    if status == 405 and response.request.method == "GET":
        return Question(
            f"The source answered {status} {phrase}: it does not accept GET. Give body, the JSON to send by POST.",
            field="body",
        )
    if status in (404, 410):
        return Refused(f"The source answered {status} {phrase}: there is nothing at this address. Correct location.")
    if 400 <= status < 500 and status not in DOWN:
        said = words_in(response)
        quoted = f": “{said[:QUOTED]}”" if ASKS.search(said) else ""
        return Question(
            f"The source answered {status} {phrase}{quoted}. Correct location, or give the parameters that it needs in "
            "query_params.",
            field="query_params",
        )
    response.raise_for_status()
    return None
