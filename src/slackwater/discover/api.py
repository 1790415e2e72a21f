"""Sample → evidence → declaration → module, for an API. Deterministic, polite, and only as certain as its proof."""

import json
from collections.abc import Sequence
from dataclasses import replace

import msgspec

from slackwater.discover.asked import knowing, span
from slackwater.discover.asking import Probe
from slackwater.discover.candidates import Filter, names_of
from slackwater.discover.choosing import find_place
from slackwater.discover.declared import call, table
from slackwater.discover.ends import within_a_range
from slackwater.discover.fields import Layout, find_layout, with_standing_names
from slackwater.discover.known import recognised
from slackwater.discover.probes import Pages, find_pages
from slackwater.discover.rates import rate_limit
from slackwater.discover.required import open_source
from slackwater.discover.windows import Filtered, find_filter
from slackwater.errors import Question
from slackwater.pipe.frames import Found
from slackwater.runtime.numbers import NumberForm
from slackwater.runtime.paging import Offset, PageNumber, without_params
from slackwater.runtime.reading import Run
from slackwater.runtime.shapes import ABOUT, EVERY, Place


async def discover(run: Run) -> Found:
    """Look at the API of the orders and return the module that reads it.

    What the configuration gives is taken, the rest is found out. BadSource says in one sentence which field to give;
    httpx's own errors tell of a source that is down.
    """
    config = run.orders.config
    probe = Probe(run, config["location"])
    first = await open_source(probe)
    placed = find_place(first.body, config)
    first = replace(first, records=placed.records)
    probe.layout = layout = find_layout(placed.records, placed, config)
    known = recognised(first)
    about_source = [each for each in (known.finding, rate_limit(first.headers)) if each]
    with knowing([*layout.findings, *about_source]):
        pages = await find_pages(probe, layout, first, config, known)
    # Once more with all that has been seen: a second page may be the first to show that there are several series.
    seen = list({msgspec.json.encode(record): record for record in [*pages.widest.records, *pages.more]}.values())
    layout = find_layout(seen, placed, config)
    if pages.paging is not None:
        layout = with_standing_names(layout, seen, config["location"])
    with knowing([*layout.findings, *pages.findings, *about_source]):
        filtered = await find_filter(probe, layout, pages, config, known)
        if filtered.filter is None and probe.location != config["location"]:
            raise Question(
                "The source asks for a time range, and answers the one that was tried, but a part of it did not come "
                "as asked for. Give time_filter, the names of the two parameters.",
                field="time_filter",
            )
    pages = _with_true_counts(pages, filtered)
    findings = [*layout.findings, *pages.findings, filtered.finding, *about_source]
    notes = [finding.reason for finding in findings]
    code = module(probe.location, layout, pages, filtered.filter)
    tried_in = span(layout.times(seen))
    return Found(code=code, period=layout.period(seen), notes=notes, findings=findings, seen=tried_in)


def _with_true_counts(pages: Pages, filtered: Filtered) -> Pages:
    """Drop counts of the whole source where a time range was asked for."""
    if filtered.proof is None or not isinstance(pages.paging, Offset | PageNumber):
        return pages
    return replace(pages, paging=within_a_range(pages.paging, filtered.proof))


def module(location: str, layout: Layout, pages: Pages, window: Filter | None) -> str:
    """Return the text of the wrapper module: short, and as a person would write it."""
    paging = pages.paging
    names = sorted({type(each).__name__ for each in (paging, window) if each is not None})
    lines = [f"    url={_text(without_params(location, _set_by(pages, window)))},"]
    if pages.params:
        lines.append(f"    params={table(pages.params)},")
    lines += _place_lines(layout.place)
    lines.append(f"    time={_one_or_more(layout.time)},")
    if layout.form.form != "iso":
        lines.append(f"    time_form={_text(layout.form.form)},")
    if layout.timezone:
        lines.append(f"    timezone={_text(layout.timezone)},  # of times that name none")
    if len(layout.values) == 1:
        lines.append(f"    value={_text(layout.values[0])},")
    else:
        lines.append(f"    values={_one_or_more(layout.values)},  # one series each")
    if layout.series:
        several = "fields that name" if len(layout.series) > 1 else "field that names"
        lines.append(f"    series={_one_or_more(layout.series)},  # the {several} the series")
    lines += _number_lines(layout.alike)
    if layout.missing:
        lines.append(
            f"    missing=[{', '.join(f'{each:.17g}' for each in layout.missing)}],  # they stand for no value"
        )
    if paging is not None:
        lines.append(f"    pages={call(paging)},  # a second page was fetched, and differed")
    if window is not None:
        lines.append(f"    window={call(window)},  # a range was asked for, and came")
    else:
        lines.append("    # No time range can be asked for, so every run reads the source whole.")
    imports = ", ".join(["ApiWrapper", *names])
    return "\n".join([f"from slackwater import {imports}", "", "wrapper = ApiWrapper(", *lines, ")", ""])


def _place_lines(place: Place) -> list[str]:
    lines = []
    if place.path is not None:
        what = "list of records is" if place.shape == "list" and EVERY not in place.path else "records are"
        lines.append(f"    records={_text(place.path)},  # where the {what}")
    if place.shape != "list":
        lines.append(f"    shape={_text(place.shape)},  # {ABOUT[place.shape]}")
    if isinstance(place.columns, str):
        lines.append(f"    columns={_text(place.columns)},  # where the names of the fields are")
    elif place.columns is not None:
        lines.append(f"    columns={_one_or_more(place.columns)},")
    return lines


def _one_or_more(texts: Sequence[str]) -> str:
    return _text(texts[0]) if len(texts) == 1 else f"[{', '.join(map(_text, texts))}]"


def _number_lines(form: NumberForm) -> list[str]:
    lines = [] if form.decimal == "." else [f"    decimal={_text(form.decimal)},"]
    return lines + ([f"    thousands={_text(form.thousands)},"] if form.thousands else [])


def _set_by(pages: Pages, window: Filter | None) -> set[str]:
    """Return the parameters that each request sets anew."""
    names = {*pages.params, *(names_of(window) if window else ())}
    match pages.paging:
        case Offset():
            names |= {pages.paging.offset_param, pages.paging.limit_param or ""}
        case PageNumber():
            names |= {pages.paging.page_param, pages.paging.size_param or ""}
    return names


def _text(text: str) -> str:
    """Return a string literal; JSON's are Python's."""
    return json.dumps(text, ensure_ascii=False)
