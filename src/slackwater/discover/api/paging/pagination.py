"""Detects how a source paginates; only a proven style is declared.

A source that ignores unknown parameters answers every request with the same records; that is what each proof excludes:
a second page must differ from the first, and go on where it ended.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import httpx

from slackwater.discover.api.paging.claims import LASTS, TOTALS, counted_as, flag, values_with_headers
from slackwater.discover.api.paging.last_page import with_an_end
from slackwater.discover.api.paging.next_page import find_next, page_of
from slackwater.discover.api.paging.numbered_pages import find_number
from slackwater.discover.api.paging.page_size import find_limit
from slackwater.discover.api.paging.record_keys import find_keyset
from slackwater.discover.api.probe import Probe, Refusal, Sample
from slackwater.discover.api.protocols import UNKNOWN, Known
from slackwater.discover.api.records.layout import Layout
from slackwater.discover.api.refusals import numbers_in
from slackwater.errors import Question
from slackwater.pipe.frames import Alternative, Finding
from slackwater.runtime.api.backward_pagination import Earlier
from slackwater.runtime.api.pagination import Cursor, LinkHeader, NextUrl, Offset, PageNumber, Paging, whole_number

LARGEST_PAGE = 1_000  # records asked for at once
USUAL_SIZES = (500, 100, 50)  # tried where a larger one is refused without a word about what is allowed
_FOLLOWED = (None, "link", "next", "cursor")  # wishes that a next page named by the source may meet
_STYLES = {
    "link": LinkHeader,
    "next": NextUrl,
    "cursor": Cursor,
    "offset": Offset,
    "page": PageNumber,
    "earlier": Earlier,
}


@dataclass(frozen=True)
class Pages:
    """The pagination, its parameters, the most informative sample, and the finding."""

    paging: Paging | Earlier | None
    params: dict[str, Any]
    widest: Sample
    more: Sequence[Any] = ()  # records of a second page
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


async def find_pages(
    probe: Probe, layout: Layout, first: Sample, config: dict[str, Any] | None = None, known: Known = UNKNOWN
) -> Pages:
    """Return the pagination, proven by a second page that differs from the first.

    `config` may switch that off (`paging`: `none`), or say which style or parameters it shall be.
    """
    config = config or {}
    if config.get("paging") == "none":
        return _single(first)
    limit_param = config.get("page_size_param") or known.limit
    wanted = config.get("paging")
    cursor = config.get("page_param") if wanted == "cursor" else None
    followed = await find_next(probe, layout, first, cursor) if wanted in _FOLLOWED else None
    limit = await find_limit(probe, layout, first, limit_param, needed=followed is None)
    if followed is None and limit is not None and wanted in _FOLLOWED:
        followed = await find_next(probe, layout, limit[1], cursor)
    paging: Paging | None
    doubtful = False  # whether there may be more than can be reached
    if followed is not None:
        paging, more, note = followed.paging, followed.more, followed.note
    elif wanted in (None, "offset", "page") and (
        found := await find_number(probe, layout, first, limit, config.get("page_param") or known.page)
    ):
        paging, more, note = _with_counts(found.paging, layout, first, limit), found.more, found.note
        if isinstance(paging, Offset) and known.most:
            paging = replace(paging, most=known.most)
    elif (
        wanted in _FOLLOWED
        and (limit is not None or _is_round(len(first.records)))
        and (keyed := await find_keyset(probe, layout, first))
    ):
        paging, more, note = keyed.paging, keyed.more, keyed.note
    else:
        doubtful = _is_round(len(first.records))
        paging, more, note = None, (), _unproven(len(first.records), limit and limit[0], doubtful=doubtful)
    _hold_to(config, paging, first)
    largest = config.get("page_size") or known.largest or LARGEST_PAGE
    if config.get("page_size") and limit and limit[0]:
        first = await probe.ask({limit[0]: largest}) or first
    order: dict[str, Any] = {}
    if isinstance(paging, Offset | PageNumber):
        given = httpx.URL(probe.location).params
        wanted_order = known.order(layout.time[0].rpartition(".")[2])
        order = {name: each for name, each in wanted_order.items() if name not in given}
    return await _largest(
        probe, layout, first, limit and limit[0], paging, more, note, largest, order, doubtful=doubtful
    )


def with_paging(pages: Pages, paging: Earlier, note: str) -> Pages:
    """Return the pages with a style that was found later."""
    others = [found for found in pages.findings if found.what != "paging"]
    findings = (_about(paging, note, doubtful=False), *others)
    return replace(pages, paging=paging, findings=findings, notes=tuple(found.reason for found in findings))


def _single(first: Sample) -> Pages:
    reason = "source_config says that there is one page only."
    found = Finding(what="paging", value=None, confidence=1.0, reason=reason, field="paging")
    return Pages(None, {}, first, notes=(reason,), findings=(found,))


def _hold_to(config: dict[str, Any], paging: Paging | None, first: Sample) -> None:
    """Question if source_config says how the source pages, and it does not."""
    wanted, name = config.get("paging"), config.get("page_param")
    if wanted and (paging is None or not isinstance(paging, _STYLES[wanted])) and len(first.records) > 1:
        raise Question(
            f"paging is {wanted}, but no second page was found in that way. Correct paging or page_param, or leave "
            "them out.",
            field="paging",
        )
    if name and name not in vars(paging or first).values():
        raise Question(
            f"page_param is {name}, but the source gives no second page by it. Correct page_param, or leave it out.",
            field="page_param",
        )


async def _largest(
    probe: Probe,
    layout: Layout,
    first: Sample,
    limit_param: str | None,
    paging: Paging | None,
    more: Sequence[Any],
    note: str,
    largest: int,
    order: dict[str, Any],
    *,
    doubtful: bool,
) -> Pages:
    """Ask once for the largest page, and declare what the source gives then."""
    usual = len(first.records)
    answer = await probe.ask({**order, limit_param: largest}) if limit_param and usual < largest else None
    if not answer and order and limit_param:
        order = {}
        answer = await probe.ask({limit_param: largest})
    wide = answer or None
    if isinstance(answer, Refusal) and answer.by_source and limit_param and usual < largest:
        wide, largest = await _largest_allowed(probe, limit_param, usual, largest, answer)
    if wide is not None and _cuts_off(paging, wide, usual + len(more)):
        wide = limit_param = None
    if wide is None or len(wide.records) < usual:
        wide, size = first, usual
    else:
        size = largest
        if isinstance(paging, PageNumber) and len(wide.records) < largest:
            size = await _true_size(probe, paging, len(wide.records), largest)
    if isinstance(paging, Offset):
        paging = replace(paging, limit=size)
    elif isinstance(paging, PageNumber):
        paging = replace(paging, size=size)
    if isinstance(paging, Offset | PageNumber):
        paging = await with_an_end(probe, layout, paging, wide)
    params = order if isinstance(paging, Offset | PageNumber) else {limit_param: size} if limit_param else {}
    findings = [_about(paging, note, doubtful=doubtful)]
    if limit_param is not None:
        reason = f"`{limit_param}` sets the page size; {size:,} were requested, {len(wide.records):,} came."
        findings.append(Finding(what="page size", value=size, confidence=0.95, reason=reason, field="page_size"))
    notes = tuple(found.reason for found in findings)
    return Pages(paging, params, wide, more, notes, tuple(findings))


async def _largest_allowed(
    probe: Probe, limit_param: str, usual: int, refused: int, refusal: Refusal
) -> tuple[Sample | None, int]:
    """Return the answer to the largest allowed or usual page, and its size."""
    said = [number for number in numbers_in(refusal.words) if usual < number < refused]
    for size in (said or [number for number in USUAL_SIZES if usual < number < refused])[:2]:
        answer = await probe.ask({limit_param: size})
        if answer and len(answer.records) >= usual:
            return answer, size
    return None, refused


def _cuts_off(paging: Paging | None, wide: Sample, known: int) -> bool:
    """Check whether a larger page would lose the records that follow it.

    It names no next page though it holds less than is known.
    """
    if not isinstance(paging, NextUrl | LinkHeader | Cursor) or len(wide.records) >= known:
        return False
    return paging.after(None, page_of(wide)) is None


async def _true_size(probe: Probe, paging: PageNumber, came: int, largest: int) -> int:
    """Return the page size to declare where fewer came than asked for.

    A source may cap the size and yet count its pages by what was asked: then records would fall between the pages.
    """
    second = await probe.ask({str(paging.size_param): largest, paging.page_param: paging.first + 1})
    return came if second and second.records else largest


def _with_counts(
    paging: Offset | PageNumber, layout: Layout, first: Sample, limit: tuple[str, Sample] | None
) -> Offset | PageNumber:
    """Return the style with end markers from a small page: total, pages, flag."""
    small = limit[1] if limit else first
    more = flag(layout, small)
    known, held = len(first.records), len(small.records)
    total = last = None
    for place, value in values_with_headers(layout, small):
        number = whole_number(value)
        if number is None or isinstance(value, bool):
            continue
        name = counted_as(place)
        if name in TOTALS and number >= known and number > held and total is None:  # others came on a second page
            total = place
        elif name in LASTS and number > 1 and (limit is None or number * held >= known):
            last = place
    if isinstance(paging, Offset):
        return replace(paging, more=more, total=total if limit else None)
    return replace(paging, more=None if last else more, last=last, total=None if last or more else total)


def _about(paging: Paging | Earlier | None, note: str, *, doubtful: bool) -> Finding:
    if paging is None:
        alternatives = [Alternative(value="offset", reason="No second page came.")] if doubtful else []
        return Finding(
            what="paging",
            value=None,
            confidence=0.6 if doubtful else 0.9,
            reason=note,
            field="paging",
            alternatives=alternatives,
        )
    return Finding(what="paging", value=_value(paging), confidence=0.97, reason=note, field="paging")


def _value(paging: Paging | Earlier) -> dict[str, Any]:
    style = next(name for name, kind in _STYLES.items() if isinstance(paging, kind))
    return {
        "style": style,
        **{name: each for name, each in vars(paging).items() if each is not None and each is not False},
    }


def _is_round(count: int) -> bool:
    """Check whether a count looks like a full page: tens, or powers of two."""
    return count >= 10 and (count % 10 == 0 or count & (count - 1) == 0)


def _unproven(count: int, limit_param: str | None, *, doubtful: bool) -> str:
    doubt = f" If it holds more than the {count:,} records it gave, the others cannot be reached." if doubtful else ""
    if limit_param is None and not doubt:
        return "No second page was found; all records come in one answer."
    return f"No second page was found.{doubt}"
