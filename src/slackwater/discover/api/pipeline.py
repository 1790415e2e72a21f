"""Discovers an API: sample → findings → declaration → module; deterministic, with few requests."""

from dataclasses import replace

import msgspec

from slackwater.discover.api.first_request import in_newest_range, open_source
from slackwater.discover.api.module_text import module
from slackwater.discover.api.paging.claims import hold_to_claims
from slackwater.discover.api.paging.far_pages import far_records, with_true_total
from slackwater.discover.api.paging.last_page import within_a_range
from slackwater.discover.api.paging.pagination import Pages, find_pages, with_paging
from slackwater.discover.api.paging.whole_answer import all_at_once, hold_to_end, without_size
from slackwater.discover.api.probe import Probe
from slackwater.discover.api.protocols import recognised
from slackwater.discover.api.rate_limit import rate_limit
from slackwater.discover.api.records.columns import MOST_RECORDS, spread
from slackwater.discover.api.records.counted_axis import placed_by_axis
from slackwater.discover.api.records.layout import find_layout, with_names_of_others
from slackwater.discover.api.records.outside import refuse_unread_beside
from slackwater.discover.api.time_filter.fixed_range import refuse_fixed_range
from slackwater.discover.api.time_filter.pinned_time import refuse_pinned
from slackwater.discover.api.time_filter.time_filter_proof import Filtered
from slackwater.discover.api.time_filter.time_filter_search import find_filter
from slackwater.discover.api.time_filter.url_span import span_in, widened
from slackwater.discover.inference.questions import knowing, span
from slackwater.errors import Question
from slackwater.model.source.body_template import Body
from slackwater.pipe.frames import Found
from slackwater.runtime.api.pagination import Offset, PageNumber
from slackwater.runtime.source import DiscoveryRun


async def discover(run: DiscoveryRun) -> Found:
    """Look at the API of the orders and return the module that reads it.

    What the configuration gives is taken, the rest is found out. BadSource says in one sentence which field to give;
    httpx's own errors tell of a source that is down.
    """
    config = run.orders.config
    template = config.get("body")
    body = None if template is None else Body.of(template, config["location"], config.get("body_params"))
    probe = Probe(run, config["location"], body)
    first = await open_source(probe)
    known = recognised(first)
    if known.range is not None:
        first = await in_newest_range(probe, known.range, first)
    placed, config = placed_by_axis(first.body, config)
    first = replace(first, records=placed.records)
    probe.layout = layout = find_layout(placed.records, placed, config)
    if not (config.get("records_path") or config.get("value_field") or config.get("value_fields")):
        with knowing(layout.findings):
            refuse_unread_beside(
                first.body, layout.place, layout.read(placed.records), constant=layout.constant(placed.records)
            )
    about_source = [each for each in (known.finding, rate_limit(first.headers)) if each]
    with knowing([*layout.findings, *about_source]):
        pages = await find_pages(probe, layout, first, config, known)
        far = await far_records(probe, layout, pages)
        pages = await with_true_total(probe, layout, pages)
    # Once more with all that has been seen: a later page may be the first to show that there are several series.
    near = spread(pages.widest.records, MOST_RECORDS - len(far)) if far else pages.widest.records
    seen = list({msgspec.json.encode(record): record for record in [*near, *pages.more, *far]}.values())
    layout = find_layout(seen, placed, config)
    layout = with_names_of_others(layout, seen, placed, config["location"], paged=pages.paging is not None)
    with knowing([*layout.findings, *pages.findings, *about_source]):
        back = span_in(config["location"], layout, pages)
        filtered = await find_filter(probe, layout, pages, config, known, back)
        if back is not None and filtered.filter is None and filtered.earlier is None:
            pages = await widened(probe, layout, pages, back)
        layout = filtered.layout or layout
        pages = await without_size(probe, layout, pages, filtered.filter)
        if filtered.earlier is not None:
            pages = with_paging(pages, filtered.earlier, filtered.note)
        if filtered.filter is None and probe.location != probe.begun:
            raise Question(
                "The source requires a time range, and answers the one that was tried, but a part of it did not come "
                "as requested. Give time_filter, the names of the two parameters.",
                field="time_filter",
            )
        await refuse_fixed_range(probe, layout, pages.widest.records, filtered, config)
        if not config.get("time_filter"):
            await refuse_pinned(probe, layout, pages, filtered.filter)
        if pages.paging is None and config.get("paging") != "none":
            if filtered.filter is None and not config.get("page_size"):
                pages = await all_at_once(probe, pages)
            hold_to_claims(layout, pages.widest, filtered.proof)
            if filtered.filter is None:
                hold_to_end(layout, pages, probe.begun, probe.now(), filtered.older)
    pages = _with_true_counts(pages, filtered)
    findings = [*layout.findings, *pages.findings, filtered.finding, *about_source]
    notes = [finding.reason for finding in findings]
    code = module(probe.location, layout, pages, filtered.filter, body, config.get("body_params"))
    tried_in = span(layout.times(seen))
    return Found(code=code, period=layout.period(seen), notes=notes, findings=findings, seen=tried_in)


def _with_true_counts(pages: Pages, filtered: Filtered) -> Pages:
    """Drop counts of the whole source where a time range was asked for."""
    if filtered.proof is None or not isinstance(pages.paging, Offset | PageNumber):
        return pages
    return replace(pages, paging=within_a_range(pages.paging, filtered.proof))
