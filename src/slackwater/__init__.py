"""Slackwater turns any REST API, CSV or Excel file into a live, resumable time series.

The names below are what the author of a wrapper module imports; they are loaded on first use, so that
importing any part of the package stays cheap.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from slackwater.runtime.api.backward_pagination import Earlier as Earlier
    from slackwater.runtime.api.pagination import Cursor as Cursor
    from slackwater.runtime.api.pagination import LinkHeader as LinkHeader
    from slackwater.runtime.api.pagination import NextUrl as NextUrl
    from slackwater.runtime.api.pagination import Offset as Offset
    from slackwater.runtime.api.pagination import PageNumber as PageNumber
    from slackwater.runtime.api.time_filters import TimeFilter as TimeFilter
    from slackwater.runtime.api.time_filters import TimeRange as TimeRange
    from slackwater.runtime.api.time_filters import TimeSince as TimeSince
    from slackwater.runtime.api.wrapper import ApiWrapper as ApiWrapper
    from slackwater.runtime.file.wrapper import FileWrapper as FileWrapper
    from slackwater.runtime.wrapper import NothingOlder as NothingOlder
    from slackwater.runtime.wrapper import Point as Point
    from slackwater.runtime.wrapper import Window as Window
    from slackwater.runtime.wrapper import Wrapper as Wrapper

__version__ = "0.2.0"

_HOME = {
    "ApiWrapper": "slackwater.runtime.api.wrapper",
    "Cursor": "slackwater.runtime.api.pagination",
    "Earlier": "slackwater.runtime.api.backward_pagination",
    "FileWrapper": "slackwater.runtime.file.wrapper",
    "LinkHeader": "slackwater.runtime.api.pagination",
    "NextUrl": "slackwater.runtime.api.pagination",
    "NothingOlder": "slackwater.runtime.wrapper",
    "Offset": "slackwater.runtime.api.pagination",
    "PageNumber": "slackwater.runtime.api.pagination",
    "Point": "slackwater.runtime.wrapper",
    "TimeFilter": "slackwater.runtime.api.time_filters",
    "TimeRange": "slackwater.runtime.api.time_filters",
    "TimeSince": "slackwater.runtime.api.time_filters",
    "Window": "slackwater.runtime.wrapper",
    "Wrapper": "slackwater.runtime.wrapper",
}
__all__ = [  # noqa: RUF022 - the three ways to write a wrapper first
    "ApiWrapper",
    "Earlier",
    "FileWrapper",
    "Wrapper",
    "Window",
    "Point",
    "NothingOlder",
    "Cursor",
    "LinkHeader",
    "NextUrl",
    "Offset",
    "PageNumber",
    "TimeFilter",
    "TimeRange",
    "TimeSince",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'slackwater' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
