"""Walks through the pages of a source; with foresight, the next page loads during processing."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import httpx
from msgspec.structs import replace

from slackwater.errors import BadSource
from slackwater.formats.payload.decode import parsed
from slackwater.runtime.api.beginning import NoData
from slackwater.runtime.api.loop_guard import Trail, refuse_depth
from slackwater.runtime.api.page_token import PageToken
from slackwater.runtime.api.pagination import Answer, Offset, PageNumber, Paging, counted
from slackwater.runtime.api.records import Records
from slackwater.runtime.api.requester import Requester
from slackwater.runtime.http_transport import AFRESH, DOWN

_Page = tuple[PageToken | None, list[Any], PageToken | None]


class Walk:
    """One walk through the pages; with `ahead` the next page loads during processing."""

    def __init__(
        self,
        requester: Requester,
        url: str,
        paging: Paging | None,
        reader: Records,
        hidden: frozenset[str],
        *,
        empty: NoData,
        ahead: bool,
    ) -> None:
        self._requester = requester
        self._url = url
        self._paging = paging
        self._reader = reader
        self._hidden = hidden
        self._empty = empty
        self._ahead = ahead  # a trial reads no further than it must
        self.counted: tuple[int, int] | None = None  # records so far and in all, as the last answer reports

    async def answers(self, token: PageToken | None) -> AsyncGenerator[_Page]:
        """Yield (page token, its records, next token or None) to the end."""
        trail = Trail.resumed(token)
        fetching: asyncio.Task[httpx.Response] | None = None
        try:
            while True:
                place = self._paging.place(self._url, token) if self._paging else self._url
                if fetching is None:
                    trail.enter(place)
                    fetching = asyncio.create_task(self._requested(place, token))
                response = await fetching
                records, following = self._read(place, token, response, trail)
                fetching = None
                if self._ahead and following is not None and self._paging:
                    ahead = self._paging.place(self._url, following)
                    trail.enter(ahead)
                    fetching = asyncio.create_task(self._requested(ahead, following))
                    await asyncio.sleep(0)  # lets the request go out before the records are worked on
                yield token, records, following
                if following is None:
                    return
                token = following
        finally:
            if fetching is not None:
                fetching.cancel()
                await asyncio.gather(fetching, return_exceptions=True)

    async def _requested(self, place: str, token: PageToken | None) -> httpx.Response:
        linked = token is not None and token.url is not None
        return await self._requester.get(place, behind=self._url if linked else None)

    async def beside(self, url: str, *, afresh: bool) -> list[Any] | None:
        """Return the records of an extra request, None if refused; httpx's errors if down."""
        response = await self._requester.get(url, headers=AFRESH if afresh else None)
        if response.status_code in DOWN:
            response.raise_for_status()
        try:
            return [] if self._nothing(response) else self._records(response)
        except (BadSource, httpx.HTTPStatusError):  # some say in their own words that there is nothing
            return None

    def _nothing(self, response: httpx.Response) -> bool:
        """Check whether an answer means a time range without data."""
        return self._empty.means(response, self._records)

    def _records(self, response: httpx.Response) -> list[Any]:
        body = parsed(response)
        return self._reader.found(body) if response.status_code != 204 else []

    def _read(
        self, place: str, token: PageToken | None, response: httpx.Response, trail: Trail
    ) -> tuple[list[Any], PageToken | None]:
        if self._paging is not None and self._paging.ends(token, response.status_code):
            return [], None
        if token is None and self._nothing(response):
            return [], None
        if self._paging is None:
            return self._records(response), None
        body = parsed(response)
        records = self._reader.found(body) if response.status_code != 204 else []
        link = response.links.get("next", {}).get("url")
        answer = Answer(str(response.url), body, records, link, response.headers)
        if isinstance(self._paging, Offset | PageNumber) and self._paging.repeats and trail.has_seen(records):
            refuse_depth(self._paging, token, len(records))
            return [], None  # the last page once more: it is behind us
        self.counted = counted(self._paging, token, answer)
        following = trail.turn(place, records, self._paging.after(token, answer))
        if following is not None and self._hidden and following.url is not None:
            following = replace(following, url=_without(following.url, self._hidden))
        return records, following


def _without(url: str, hidden: frozenset[str]) -> str:
    """Return a URL without the secrets that the supervisor adds; people see checkpoints."""
    full = httpx.URL(url)
    return str(full.copy_with(params=[pair for pair in full.params.multi_items() if pair[0] not in hidden]))
