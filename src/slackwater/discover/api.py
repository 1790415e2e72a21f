"""Sample → evidence → declaration → module, for an API. Deterministic, polite, and only as certain as its proof."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import msgspec

from slackwater.discover.choosing import find_place
from slackwater.discover.fields import Layout, find_layout
from slackwater.discover.probes import Pages, Probe, find_pages
from slackwater.discover.windows import Filtered, find_filter
from slackwater.pipe.frames import Found
from slackwater.runtime.filters import TimeFilter
from slackwater.runtime.numbers import NumberForm
from slackwater.runtime.paging import LinkHeader, NextUrl, Offset, PageNumber, Paging
from slackwater.runtime.paths import at
from slackwater.runtime.reading import Run
from slackwater.runtime.shapes import ABOUT, EVERY, Place


async def discover(run: Run) -> Found:
    """Look at the API of the orders and return the module that reads it.

    What the configuration gives is taken, the rest is found out. BadSource says in one sentence which field to give;
    httpx's own errors tell of a source that is down.
    """
    config = run.orders.config
    probe = Probe(run, config["location"])
    first = await probe.first()
    placed = find_place(first.body, config)
    first = replace(first, records=placed.records)
    probe.layout = layout = find_layout(placed.records, placed, config)
    pages = await find_pages(probe, layout, first)
    # Once more with all that has been seen: a second page may be the first to show that there are several series.
    seen = list({msgspec.json.encode(record): record for record in [*pages.widest.records, *pages.more]}.values())
    layout = find_layout(seen, placed, config)
    filtered = await find_filter(probe, layout, pages)
    pages = _with_a_true_total(pages, filtered)
    notes = [*(finding.reason for finding in layout.findings), *pages.notes, filtered.note]
    code = module(config["location"], layout, pages, filtered.filter)
    return Found(code=code, period=layout.period(seen), notes=notes, findings=list(layout.findings))


def _with_a_true_total(pages: Pages, filtered: Filtered) -> Pages:
    """Drop a total that counts the whole source although a time range was asked for: it would never be reached."""
    paging, proof = pages.paging, filtered.proof
    if proof is None or not isinstance(paging, Offset) or paging.total is None:
        return pages
    if at(proof.body, paging.total) == len(proof.records):
        return pages
    return replace(pages, paging=replace(paging, total=None))


def module(location: str, layout: Layout, pages: Pages, window: TimeFilter | None) -> str:
    """Return the text of the wrapper module: short, and as a person would write it."""
    paging = pages.paging
    names = sorted({type(each).__name__ for each in (paging, window) if each is not None})
    lines = [f"    url={_text(location)},"]
    if pages.params:
        lines.append(f"    params={_table(pages.params)},")
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
        lines.append(f"    pages={_paging(paging)},  # a second page was fetched, and differed")
    if window is not None:
        lines.append(f"    window={_window(window)},  # a range was asked for, and came")
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


def _paging(paging: Paging) -> str:
    match paging:
        case Offset():
            return _call(paging, Offset(limit=paging.limit), [f"limit={paging.limit}"])
        case PageNumber():
            return _call(paging, PageNumber(size=paging.size), [f"size={paging.size}"])
        case NextUrl(path=path):
            return f"NextUrl({_text(path)})"
    return f"{LinkHeader.__name__}()"


def _window(window: TimeFilter) -> str:
    plain = TimeFilter(window.from_param, window.to_param)
    return _call(window, plain, [_text(window.from_param), _text(window.to_param)])


def _call(value: Any, plain: Any, said: list[str]) -> str:
    """Return the call that makes `value`, without what is as in `plain`."""
    differing = {name: each for name, each in vars(value).items() if each != vars(plain)[name]}
    given = [f"{name}={_text(each) if isinstance(each, str) else each}" for name, each in differing.items()]
    return f"{type(value).__name__}({', '.join([*said, *given])})"


def _table(params: dict[str, int]) -> str:
    return "{" + ", ".join(f"{_text(name)}: {value}" for name, value in params.items()) + "}"


def _text(text: str) -> str:
    """Return a string literal; JSON's are Python's."""
    return json.dumps(text, ensure_ascii=False)
