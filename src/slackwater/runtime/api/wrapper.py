"""ApiWrapper: a JSON API, declared. Walks through its pages and hands on their points."""

from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace as replace_page
from datetime import UTC
from functools import partial
from typing import Any, TypeVar

import httpx

from slackwater.errors import BadSource, Refused
from slackwater.formats.numbers import number_parser, without
from slackwater.formats.payload.notes import tells_of_width
from slackwater.formats.payload.shapes import SHAPES, Place
from slackwater.formats.timestamps import time_parser
from slackwater.model.checkpoint import Interval
from slackwater.model.instants import DAY, EARLIEST, iso
from slackwater.model.planning import READ_WHOLE, Wanted
from slackwater.model.points import MAX_SERIES_NAME
from slackwater.model.source.body_template import Body, check
from slackwater.model.time_zones import zone
from slackwater.pipe.frames import Read
from slackwater.runtime.api.alignment import Stretch, closed
from slackwater.runtime.api.backward_pagination import Backwards, Earlier
from slackwater.runtime.api.beginning import Beginning, Gap, NoData, Refusal, said, status_of
from slackwater.runtime.api.page_token import PageToken, stored
from slackwater.runtime.api.pagination import OutOfReach, Paging
from slackwater.runtime.api.records import Records
from slackwater.runtime.api.repeated_hours import RepeatedHours, Settled, clear_of
from slackwater.runtime.api.requester import Requester
from slackwater.runtime.api.revisions import Revisions
from slackwater.runtime.api.since_pagination import Onwards
from slackwater.runtime.api.time_filters import TimeSince, WindowFilter
from slackwater.runtime.api.truncation import Held, Limits
from slackwater.runtime.api.url_parameters import merged
from slackwater.runtime.api.walk import Walk
from slackwater.runtime.api.window_splits import Parts
from slackwater.runtime.source import NothingBefore, PageRead, Reach, Run

SHORTER = "the source is asked for shorter windows, until each answer is all there is of its window."
READ_ONWARDS = "the source was read from its beginning on"

Found = TypeVar("Found")


class ApiWrapper:
    """A source that answers over HTTP with records in one of the shapes of `formats.payload.shapes`.

    `url` is where the records are asked for, `params` what else to ask with. `records` is the dotted path of the
    records in the answer (None: the answer is they), `shape` what they look like there (None: a list of objects), and
    `columns` what the fields of rows are called, or where that stands. `across` is the pattern of fields that are
    called by their times (`{month}`, `Y{year}`, `{%Y%m}`): each becomes a record with its `month`, `hour`, `day` or
    else `key`, and its `value`. `time` and `value` are dotted paths in a
    record; `values` names several fields, each a series, as a list or as {series: field}; `series` is the field that
    names a record's series. `time` and `series` may each be several fields.
    `units` is field → unit that stands behind its numbers; `same` is field → text that every record must have there.
    `known` are the fields that are not read: any other with numbers is reported in the run's `fields_unread`.
    `revision` is the field whose number or time (ISO) says which of several records of one time replaces the others.
    `time_form` is as in `formats.timestamps` (None: ISO 8601); a time without a zone is in `timezone`. Without `pages`
    one answer holds everything, without `window` the source cannot be asked for a time range and is read whole. With a
    `body` the source is asked by POST: parameters of pages and times take the places of `{{start}}`, `{{cursor}}`… in
    it, else they are fields of the object at `body_params` (GraphQL: `variables`; JSON-RPC: `params`; else the top).
    Raises BadSource if the declaration contradicts itself.
    """

    def __init__(
        self,
        *,
        url: str,
        time: str | Sequence[str],
        value: str | None = None,
        values: Mapping[str, str] | Sequence[str] | None = None,
        records: str | None = None,
        shape: str | None = None,
        columns: str | Sequence[str] | None = None,
        across: str | None = None,
        series: str | Sequence[str] | None = None,
        time_form: str | None = None,
        timezone: str = "UTC",
        decimal: str = ".",
        thousands: str | None = None,
        missing: Sequence[float] = (),
        units: Mapping[str, str] | None = None,
        same: Mapping[str, str] | None = None,
        known: Sequence[str] | None = None,
        revision: str | None = None,
        pages: Paging | Earlier | None = None,
        window: WindowFilter | None = None,
        params: Mapping[str, str | int | float | bool] | None = None,
        body: Mapping[str, Any] | None = None,
        body_params: str | None = None,
    ) -> None:
        self.zone = _known("timezone", zone, timezone)
        self.body = None if body is None else _known("body", lambda each: _body(each, url, body_params), body)
        try:
            self.url = merged(url, params) if params else url
        except (httpx.InvalidURL, TypeError) as error:
            raise BadSource(f"ApiWrapper: url {url!r:.200} is not a URL ({error}).") from None
        self.reader = Records(
            place=_place(records, shape, columns, across),
            time=_several(time),
            fields=_fields(value, values),
            series=_several(series),
            times=_known("time_form", lambda form: time_parser(form, self.zone), time_form),
            zone=self.zone,
            form=time_form,
            numbers=without(frozenset(missing), number_parser(decimal, thousands)),
            units=dict(units or {}),
            same=dict(same or {}),
            known=known,
        )
        self.revision = revision
        self.filter = window
        self.limits = Limits()  # learned while reading; a process reads one source
        self.ends_now = False  # whether ranges are asked for until now, as ends to come were refused
        self.paging: Paging | None = (
            Backwards(pages, self.zone, self.reader.moments) if isinstance(pages, Earlier) else pages
        )
        self._empty = NoData({window.empty} if window is not None else set())
        if pages is None and isinstance(window, TimeSince):
            self.paging = Onwards(window, self.zone, self.reader.moments)

    declared = True  # as opposed to a class with code of its own

    @property
    def reach(self) -> Reach:
        """What the source can be asked for: what its filter says."""
        if self.filter is None:
            return Reach.WHOLE
        return Reach.SINCE if isinstance(self.filter, TimeSince) else Reach.WINDOW

    @property
    def overstep(self) -> int:
        """By how much points may lie outside a window (µs): the filter's resolution."""
        return DAY + 3 * (self.filter.unit if self.filter is not None else 0)

    async def pages(self, window: Interval, token: Any, run: Run) -> AsyncGenerator[PageRead]:
        """Yield the pages of `window` from `token` on, one or more per HTTP answer.

        Raises httpx's own errors for a source that does not answer well, BadSource for one that answers otherwise than
        declared.
        """
        hidden = frozenset(run.orders.config.get("hidden_params") or ())
        parts, begun = Parts.of(window, PageToken.of(token), self.filter)
        limits = self.limits
        limits.remember(run.checkpoint.proven)
        # The pages before may hold later revisions: all of the part's must be seen again.
        begun = None if self.revision else begun
        if begun is None:
            parts = limits.narrowed(parts)
        refusals: list[Refusal] = []
        while (part := (parts := self._with_room(parts, run)).next) is not None:
            count: int | None = None
            stretch = self._stretch(self._clear(part, run), run.now())
            hours = self.reader.hours(run.now())
            revisions = Revisions(self.revision, self.reader.keys) if self.revision else None
            if stretch is None:
                for page in self._read([], parts, None, None):
                    yield page
                parts = limits.done(parts, 0)
                continue
            walk = Walk(
                Requester(run.http, self.body),
                self._requested(stretch.requested, run),
                self.paging,
                self.reader,
                hidden,
                empty=self._empty,
                ahead=isinstance(run.orders, Read),
            )
            try:
                async with aclosing(walk.answers(begun)) as answers:
                    async for here, answered, following in answers:
                        records = await self._whole(answered, stretch.requested, walk, run)
                        if walk.counted is not None and self.reach is not Reach.WINDOW:  # it counts all of the source
                            await run.progress(*walk.counted)
                        count = (count or 0) + len(records)
                        flat = self.reader.place.flat(records)
                        points = self.reader.within(flat, stretch.kept) if stretch.kept else flat
                        points = revisions.take(points) if revisions else points
                        for page in self._settled(hours, points, parts, here, following):
                            yield page
            except OutOfReach as reached:
                if limits.cut is None:
                    await run.log("INFO", f"{reached.most:,} records came, and there are more: {SHORTER}")
                parts = limits.reached(parts, reached)
            except (httpx.HTTPStatusError, Refused) as refused:
                refusals.append(refused)
                if begun is not None or count is not None:
                    raise
                parts = await self._narrowed(parts, refusals, walk, run)
            else:
                parts = limits.done(parts, count or 0)
                refusals.clear()
            begun = None

    async def _narrowed(self, parts: Parts, refusals: list[Refusal], walk: Walk, run: Run) -> Parts:
        """Return narrower parts after refusals in a row.

        As wide ones as may be where the source has a gap there; NothingBefore where it begins; else the first refusal.
        """
        part, refused = parts.next, refusals[-1]
        if part is not None and self._until_now(part, run):
            refusals.pop()
            return parts
        beginning = Beginning(run.checkpoint, run.orders.wanted or Wanted(period=1), partial(self._held, walk))
        old = part is not None and isinstance(run.orders, Read) and beginning.may_be_before(part, refused)
        wide = old or tells_of_width(said(refused))  # whatever the status: some call it an error of their own
        narrower = self.limits.too_wide(parts, status_of(refused), len(refusals), anyway=wide)
        if narrower is not None:
            return narrower
        ended = await beginning.proven(part, parts.window, refused) if part is not None and old else None
        if isinstance(ended, Gap) and part is not None:
            self._empty.learn(ended)
            self.limits.refused = self.limits.width = None  # it was not for the width
            refusals.clear()
            await run.log("INFO", f"The source answers {ended.said} in a gap that ends at {iso(part.end)}: no data.")
            return parts.as_wide_as_can_be()
        raise ended if isinstance(ended, NothingBefore) else refusals[0] from None

    async def _held(self, walk: Walk, stretch: Interval) -> int | None:
        """Return the source's number of records in a stretch, None if it refuses."""
        records = await walk.beside(self._requested(stretch), afresh=True)
        return None if records is None else len(self.reader.within(records, stretch))

    def _until_now(self, stretch: Interval, run: Run) -> bool:
        """Ask for nothing to come from now on, if that may be what was refused."""
        if self.filter is None or self.ends_now:
            return False
        params = self.filter.params(stretch, self.zone)
        self.ends_now = params != self.filter.params(stretch, self.zone, run.now())
        return self.ends_now

    async def _whole(self, records: list[Any], part: Interval, walk: Walk, run: Run) -> list[Any]:
        """Return the records of an answer that is complete for `part`; OutOfReach if truncated."""
        if self.paging is not None or self.filter is None or not records:
            return records
        if self.filter.most is not None and len(records) >= self.filter.most:
            raise OutOfReach(most=self.filter.most)
        if not isinstance(run.orders, Read):  # a trial stores nothing
            return records

        async def ask(stretch: Interval, afresh: bool) -> Held | None:
            answer = await walk.beside(self._requested(stretch), afresh=afresh)
            return None if answer is None else self.reader.held(answer)

        return await self.limits.whole(part, self.filter.unit, self.reader.held(records), ask)

    def _stretch(self, part: Interval, now: int) -> Stretch | None:
        """Return the range to request for a part; None if nothing in it is over."""
        steps = self.filter.steps(self.zone) if self.filter is not None else None
        if self.filter is None or steps is None:
            return Stretch(part)
        return closed(steps, self.filter.label, part, now)

    def _requested(self, part: Interval, run: Run | None = None) -> str:
        if self.filter is None:
            return self.url
        latest = run.now() if run is not None and self.ends_now else None
        return merged(self.url, self.filter.params(part, self.zone, latest))

    def _all_read(self, window: Interval) -> str | None:
        """Return why nothing older remains after a window, None if something may."""
        if self.reach is Reach.WHOLE:
            return READ_WHOLE
        if self.reach is Reach.WINDOW:
            return None
        return READ_ONWARDS if window.start <= EARLIEST else f"the source was read from {iso(window.start)} on"

    def _clear(self, part: Interval, run: Run) -> Interval:
        """Return the range that does not begin in an hour that clocks repeat."""
        if self.filter is None or self.zone is UTC:
            return part
        return clear_of(part, self.zone, (run.orders.wanted or Wanted(period=1)).period)

    def _with_room(self, parts: Parts, run: Run) -> Parts:
        """Return parts whose next is not too wide when it begins before such an hour."""
        part, most = parts.next, self.filter.widest if self.filter is not None else None
        if self.filter is None or part is None or most is None:
            return parts
        earlier = part.start - self._clear(part, run).start
        if not earlier or part.width + earlier + 2 * self.filter.unit <= most or earlier > part.width // 2:
            return parts
        return parts.narrowed(part.width - earlier)

    def _settled(
        self,
        hours: RepeatedHours | None,
        records: list[Any],
        parts: Parts,
        here: PageToken | None,
        following: PageToken | None,
    ) -> Iterator[PageRead]:
        """Read what is settled of a page; a resumed run begins before what is not."""
        if hours is None:
            yield from self._read(records, parts, here, following)
            return
        settled = hours.take(records, here)
        if following is None:
            settled = hours.rest(settled)
        if not hours.waiting:
            yield from self._read(settled, parts, here, following)
            return
        for page in self._read(settled, parts, here, following):
            yield replace_page(page, token=stored(parts.token(hours.anchor)))

    def _read(
        self, records: Settled | list[Any], parts: Parts, here: PageToken | None, following: PageToken | None
    ) -> Iterator[PageRead]:
        last = following is None and parts.last
        onwards = parts.token(following) if following is not None else parts.done().token(None)
        pieces = self.reader.parts(records)
        for number, piece in enumerate(pieces, 1):
            final = number == len(pieces)
            yield PageRead(
                columns=piece.columns,
                # A piece of a page is resumed by reading the page again; storing a point twice is no harm.
                token=stored(onwards if final else parts.token(here)),
                last=last and final,
                rejected=piece.rejected,
                rejected_count=piece.rejected_count,
                rows=piece.rows,
                fields_unread=piece.unread,
                exhausted=self._all_read(parts.window) if last and final else None,
                proven=self.limits.proven,
            )


def _body(template: Mapping[str, Any], url: str, place: str | None) -> Body:
    check(template)
    return Body.of(template, url, place)


def _place(records: str | None, shape: str | None, columns: str | Sequence[str] | None, across: str | None) -> Place:
    if shape is not None and shape not in SHAPES:
        raise BadSource(f"ApiWrapper: shape {shape!r:.100} is none of {', '.join(SHAPES)}.")
    names = columns if columns is None or isinstance(columns, str) else tuple(columns)
    place = Place(records, shape or "list", names, across)
    _known("across", lambda _: place.flat([]), across)
    return place


def _several(fields: str | Sequence[str] | None) -> tuple[str, ...]:
    if fields is None:
        return ()
    return (fields,) if isinstance(fields, str) else tuple(fields)


def _fields(value: str | None, values: Mapping[str, str] | Sequence[str] | None) -> dict[str, str]:
    if (value is None) == (not values):
        raise BadSource("ApiWrapper needs either value=, the field of the values, or values=, several of them.")
    if value is not None:
        return {value[:MAX_SERIES_NAME]: value}
    if isinstance(values, str) or values is None:
        raise BadSource("ApiWrapper: values= is a list of fields or {series: field}; use value= for one field.")
    fields = dict(values) if isinstance(values, Mapping) else {field: field for field in values}
    return {series[:MAX_SERIES_NAME]: field for series, field in fields.items()}


def _known(name: str, look_up: Callable[[Any], Found], given: Any) -> Found:
    try:
        return look_up(given)
    except ValueError as error:
        raise BadSource(f"ApiWrapper: {name}: {error}.") from None
