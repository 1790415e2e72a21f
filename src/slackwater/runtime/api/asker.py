"""Asks a source a question, which is written as a URL with parameters: by GET, or by POST with its JSON body."""

from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from slackwater.model.source.body_template import Body

_JSON = {"Content-Type": "application/json", "Accept": "application/json, */*;q=0.5"}


@dataclass(frozen=True)
class Asker:
    """The client, and the body that the source is asked with; None where it is asked by GET."""

    http: httpx.AsyncClient
    body: Body | None = None

    async def get(
        self, url: str, *, behind: str | None = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Return the answer to a question; to a link that the source gave, where `behind` is the question before it."""
        if self.body is None:
            return await self.http.get(url, headers=headers)
        place, content = self.body.request(url if behind is None else behind)
        place = place if behind is None else url
        return await self.http.post(place, content=content, headers={**_JSON, **(headers or {})})
