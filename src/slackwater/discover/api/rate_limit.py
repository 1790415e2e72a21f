"""Reads a source's rate limit from its headers, as a finding."""

from collections.abc import Mapping

from slackwater.model.source.quota import quota
from slackwater.pipe.frames import Finding


def rate_limit(headers: Mapping[str, str]) -> Finding | None:
    """Return what the source says of its rate limit, None if it says nothing."""
    said = quota({name.lower(): value for name, value in headers.items()})
    if said.limit is None and said.remaining is None:
        return None
    allowed = f"{said.limit:,} requests" if said.limit is not None else "a limited number of requests"
    rest = f", {said.remaining:,} of them left" if said.remaining is not None else ""
    return Finding(
        what="rate limit",
        value={"limit": said.limit, "remaining": said.remaining, "reset": said.reset},
        confidence=0.9,
        reason=f"The source's headers allow {allowed}{rest}; when none is left, it is left alone until there are more.",
    )
