"""Writes the wrapper module of an API."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from slackwater.discover.api.paging.pagination import Pages
from slackwater.discover.api.records.layout import Layout
from slackwater.discover.api.time_filter.time_filter_names import Filter, names_of
from slackwater.discover.inference.python_literals import call, table
from slackwater.formats.numbers import NumberForm
from slackwater.formats.payload.nodes import EVERY
from slackwater.formats.payload.shapes import ABOUT, Place
from slackwater.model.source.body_template import Body
from slackwater.runtime.api.pagination import Offset, PageNumber
from slackwater.runtime.api.url_parameters import without_params


def module(
    location: str,
    layout: Layout,
    pages: Pages,
    window: Filter | None,
    body: Body | None = None,
    body_params: str | None = None,
) -> str:
    """Return the text of the wrapper module: short, and as a person would write it."""
    paging = pages.paging
    names = sorted({type(each).__name__ for each in (paging, window) if each is not None})
    params = dict(pages.params)
    if body is None:
        lines = [f"    url={_text(without_params(location, _set_by(pages, window)))},"]
    else:
        lines = [f"    url={_text(body.url)},", f"    body={_json(body.template)},  # requested by POST"]
        lines += [f"    body_params={_text(body_params)},"] if body_params is not None else []
        theirs = {name: each for name, each in body.added(location).items() if name not in _set_by(pages, window)}
        params = {**theirs, **params}
    if params:
        lines.append(f"    params={table(params)},")
    lines += _place_lines(layout.place)
    lines.append(f"    time={_one_or_more(layout.time)},")
    if layout.form.form != "iso":
        lines.append(f"    time_form={_text(layout.form.form)},")
    if layout.timezone:
        lines.append(f"    timezone={_text(layout.timezone)},  # of times that name none")
    lines += _value_lines(layout)
    if paging is not None:
        lines.append(f"    pages={call(paging)},  # a second page was fetched, and differed")
    if window is not None:
        lines.append(f"    window={call(window)},  # a range was requested, and came")
    else:
        lines.append("    # No time range can be requested, so every run reads the source whole.")
    imports = ", ".join(["ApiWrapper", *names])
    return "\n".join([f"from slackwater import {imports}", "", "wrapper = ApiWrapper(", *lines, ")", ""])


def _value_lines(layout: Layout) -> list[str]:
    lines: list[str] = []
    if layout.named:
        lines.append(
            f"    values={table({layout.named.get(path, path): path for path in layout.values})},  # series: field"
        )
    elif len(layout.values) == 1:
        lines.append(f"    value={_text(layout.values[0])},")
    else:
        lines.append(f"    values={_one_or_more(layout.values)},  # one series each")
    if layout.series:
        several = "fields that name" if len(layout.series) > 1 else "field that names"
        lines.append(f"    series={_one_or_more(layout.series)},  # the {several} the series")
    if layout.revision is not None:
        lines.append(f"    revision={_text(layout.revision)},  # of several records of one time the highest is stored")
    lines += _number_lines(layout.alike)
    if layout.units:
        lines.append(f"    units={table(layout.units)},  # behind the numbers")
    if layout.same:
        lines.append(f"    same={table(layout.same)},  # a record that says otherwise is rejected")
    if layout.known is not None:
        others = ", ".join(map(_text, layout.known))
        lines.append(f"    known=[{others}],  # not read; any other field with numbers is reported")
    if layout.missing:
        lines.append(
            f"    missing=[{', '.join(f'{each:.17g}' for each in layout.missing)}],  # they stand for no value"
        )
    return lines


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
    if place.across is not None:
        lines.append(f"    across={_text(place.across)},  # the fields that are called by their times")
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


def _json(value: Any) -> str:
    """Return the literal of a JSON value."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_text(str(name))}: {_json(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list):
        return f"[{', '.join(map(_json, value))}]"
    return _text(value) if isinstance(value, str) else repr(value)


def _text(text: str) -> str:
    """Return a string literal; JSON's are Python's."""
    return json.dumps(text, ensure_ascii=False)
