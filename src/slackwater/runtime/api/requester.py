"""Sends a request to the source, by GET, or by POST with its JSON body.

The rest of the code writes every request as a URL with parameters.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from slackwater.model.source.body_template import Body
from slackwater.runtime.api.url_parameters import as_url

_JSON = {"Content-Type": "application/json", "Accept": "application/json, */*;q=0.5"}


@dataclass(frozen=True)
class Requester:
    """The HTTP client and the body template; the body is None for GET."""

    http: httpx.AsyncClient
    body: Body | None = None

    async def get(
        self, url: str, *, behind: str | None = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Send a request and return the answer; `behind` is the request before a given link."""
        if self.body is None:
            return await self.http.get(as_url(url), headers=headers)
        place, content = self.body.request(url if behind is None else behind)
        place = place if behind is None else url
        return await self.http.post(place, content=content, headers={**_JSON, **(headers or {})})
