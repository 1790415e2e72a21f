"""Detects answers that are a message instead of data: errors, limits, notes, HTML pages.

One rule for all, whatever their status: an answer that lacks its records and says in words what is wrong is never an
empty time range. What passes by itself (a limit, maintenance) is kept apart from what somebody must correct; words for
"no data" are neither.
"""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

from slackwater.errors import BadSource, Refused, Transient

QUOTED = 300  # characters of a message that are shown
_LOOKED_AT = 10_000  # characters of a text; chosen: error pages say what is wrong before that
_DEPTH = 4  # levels of an answer in which messages are looked for; known APIs have three
_FEW = 3  # entries of a list that may be messages; more are records

_NO_DATA = re.compile(
    r"\bno (matching )?(data|records?|results?|observations?|values?)\b.*\b(found|available|exist)", re.I
)
_EMPTY_ERROR = re.compile(
    r"\b(no|without|sem|sin|keine) (\w+ ){0,2}(data|dados|datos|daten|records?|results?)\b(?! received)", re.I
)
_CLOSED = re.compile(r"\b(access|permi\w+|authori\w+|autoriz\w+|licen\w+|subscri\w+|api[ _-]?key|plan)\b", re.I)
_LIMIT = re.compile(
    r"\b(rate|usage|request|call|api|daily|hourly|monthly)[ -]?limit|limit (was |is |has been )?(reached|exceeded|hit)|"
    r"exceed\w* .{0,40}(limit|quota|requests|calls)|quota|throttl|too many (request|call|quer)|call frequency|"
    r"(requests|calls|queries) (per|a|each) (second|minute|hour|day|month)|"
    r"limite de (pedidos|consultas|peticiones|requisi)",
    re.I,
)
_PASSING = re.compile(
    _LIMIT.pattern + r"|too many|try (it )?again|retry|later\b|temporar|maintenance|unavailable|overload|too busy|"
    r"timed? ?out|internal (server )?error|tente (novamente|mais tarde)|manuten|mantenimiento|wartung|"
    r"nicht verf.gbar|indisponible|indispon.vel",
    re.I,
)
_AMOUNT = (
    r"\b(range|span|interval|period|window|size|length|days|rows?|records?|(data ?)?points?|results?|"
    r"observations?|values?)"
)
# What is too much for one answer is so tomorrow as well, unless it is counted by the day or the account.
_FOR_ONE_ANSWER = re.compile(
    rf"{_AMOUNT}[ -]limit( (was|is|has been))?( (reached|exceeded|hit))?\b|"
    rf"{_AMOUNT}\b[^.;]{{0,30}}\bexceed[^.;]{{0,40}}|exceed\w* [^.;]{{0,30}}limit of [\d,.]+ {_AMOUNT}|"
    rf"{_AMOUNT}\b[^.;]{{0,30}}\btoo (long|large|wide|big)\b|"
    rf"too many {_AMOUNT}|try again with (an? )?(short|small|narrow|few|less)",
    re.I,
)
_COUNTED_FOR_LONG = re.compile(
    r"\b(daily|hourly|monthly|today|quota|plan|account|subscription|allowance|api key|rate|requests|calls|"
    r"slow down|short time|resets?|busy|overloaded|"
    r"(per|a|each|this) (second|minute|hour|day|month))\b",
    re.I,
)
_ERRORS = frozenset(
    [
        "error",
        "errors",
        "errormessage",
        "errormsg",
        "errmsg",
        "errordescription",
        "errorinfo",
        "errordetails",
        "err",
        "fault",
        "exception",
        "failure",
    ]
)
_STATES = frozenset(["status", "state", "result", "outcome", "success", "ok"])
_FAILED = frozenset(["error", "fail", "failed", "failure", "ko", "nok", "err", "false"])
_CODES = frozenset(
    ["code", "cod", "id", "status", "statuscode", "errorcode", "errno", "errornumber", "httpstatus", "httpcode"]
)
_MESSAGES = frozenset(
    [
        "message",
        "messages",
        "msg",
        "note",
        "notes",
        "notice",
        "information",
        "info",
        "detail",
        "details",
        "reason",
        "warning",
    ]
)
_SENTENCE = 3  # words from which on a text counts as a sentence; codes have fewer
_NOTHING = re.compile(r"(|none|null|no|false|0|ok\b.*|success.*|no ?errors?)\W*", re.I | re.S)
_WORDS = re.compile(r"[^\W\d_]{2,}")


def standing_error(body: Any) -> str | None:
    """Return the error text of an answer that reports success, as in GraphQL and JSON-RPC."""
    if not isinstance(body, dict):
        return None
    said: list[Any] = []
    errors = body.get("errors")
    if isinstance(errors, list) and errors and all(isinstance(each, dict) and "message" in each for each in errors):
        said = [each["message"] for each in errors]
    elif "jsonrpc" in body and isinstance(error := body.get("error"), dict):
        said = [error.get("message", error)]
    words = _line("; ".join(str(each) for each in said[:_FEW]))
    return words if said and not means_no_data(words) else None


def tells_of_width(words: str) -> bool:
    """Check whether words say that too much was asked for at once."""
    return _FOR_ONE_ANSWER.search(words) is not None and _COUNTED_FOR_LONG.search(words) is None


def passing_note(body: Any) -> str | None:
    """Return the text of an answer that only reports a limit or outage, else None."""
    words = note_in(body)
    return words if words is not None and _passes(words) else None


def error_in(body: Any, depth: int = 2) -> str | None:
    """Return the error text beside the empty place of the records, else None."""
    if not isinstance(body, dict):
        return None
    named = [value for name, value in body.items() if _plain(name) in _ERRORS and _is_something(value)]
    failed = [name for name, value in body.items() if _says_failed(_plain(name), value)]
    if not named and not failed:
        limits = [text for name, value in body.items() if _plain(name) in _MESSAGES for text in _texts(value)]
        inner = (error_in(value, depth - 1) for value in body.values() if depth > 1)
        return next((_line(text) for text in limits if _LIMIT.search(text)), None) or next(filter(None, inner), None)
    said = [text for value in named for text in _texts(value)] or [
        text for name, value in body.items() if name not in failed for text in _texts(value)
    ]
    words = _line("; ".join(said[:_FEW]))
    if not words:
        states = [f"{name}: {body[name]}" for name in failed if isinstance(body[name], str)]
        return _line("; ".join(states)) or None
    return None if means_no_data(words) else words


_OF_STATES = _STATES | {"estado", "situacao", "statut", "zustand", "stato", "stan", "jobstatus", "querystatus"}
_UNDONE = frozenset(
    [
        "timeout",
        "timedout",
        "pending",
        "processing",
        "inprogress",
        "queued",
        "partial",
        "incomplete",
        "cancelled",
        "canceled",
        "aborted",
        "erro",
        "falha",
        "fallo",
        "fehler",
        "fehlgeschlagen",
        "erreur",
        "errore",
        "fout",
    ]
)


def is_of_failure(body: Any) -> bool:
    """Check whether an object says that it failed, or is not done.

    No text need tell why.
    """
    if not isinstance(body, dict):
        return False
    # What lies deeper than the answer itself may be the state of a pump.
    undone = any(_plain(name) in _OF_STATES and _plain(value) in _UNDONE for name, value in body.items())
    return undone or body.get("timed_out") is True or _holds_failure(body, 2)


def _holds_failure(body: Any, depth: int) -> bool:
    if not isinstance(body, dict) or not depth:
        return False
    return any(
        _says_failed(_plain(name), value)
        or (_plain(name) in _ERRORS and isinstance(value, dict | list) and _tells(value))
        or (_plain(name) == "title" and isinstance(value, str) and _PASSING.search(value[:QUOTED]) is not None)
        or _holds_failure(value, depth - 1)
        for name, value in body.items()
    )


def _tells(value: Any) -> bool:
    """Check whether an error has a part that is something, unlike `{"code": 0}`."""
    if isinstance(value, dict | list):
        return any(map(_tells, value.values() if isinstance(value, dict) else value))
    return _NOTHING.fullmatch(str(value)) is None


def _says_failed(name: str, value: Any) -> bool:
    """Check whether a field reports a failure: `status: error`, `success: false`, `code: 500`."""
    if name in _STATES and str(value).strip().lower() in _FAILED:
        return True
    code = str(value).strip() if isinstance(value, int | str) else ""
    return name in _CODES - {"id"} and len(code) == 3 and code.isdecimal() and code >= "400"


def note_in(body: Any) -> str | None:
    """Return the words of an answer that holds nothing but words.

    None where it holds data, or says it has none.
    """
    if isinstance(body, str):
        words = _line(_readable(body))
    elif isinstance(body, list) and all(isinstance(each, str) for each in body):
        words = _line("; ".join(body[:_FEW])) if len(body) <= _FEW else ""
    elif not _is_of_words(body, _DEPTH):
        return None
    elif (words := error_in(body) or "") == "":
        words = "" if _holds_nothing(body) else _line("; ".join(_messages(body)))
    return words if _WORDS.search(words) and not means_no_data(words) else None


def refusal(words: str) -> BadSource | Transient:
    """Return the exception for a message instead of data: Transient for a limit, else BadSource."""
    if _passes(words):
        return Transient(f"The source answered with a message instead of data: “{words}”. It is asked again later.")
    return Refused(f"The source answered with a message instead of data: “{words}”.")


def _passes(words: str) -> bool:
    """Check whether words describe a fault that ends by itself."""
    rest = words if _COUNTED_FOR_LONG.search(words) else _FOR_ONE_ANSWER.sub(" ", words)
    return _PASSING.search(rest) is not None


def means_no_data(words: str) -> bool:
    """Check whether words describe a time range without data instead of a fault."""
    if _PASSING.search(words) or _CLOSED.search(words):
        return False
    return error_is_no_data(words) or _NO_DATA.search(words) is not None


def error_is_no_data(text: str) -> bool:
    """Check whether an error text only says that the time range has no data."""
    return _EMPTY_ERROR.search(text[:_LOOKED_AT]) is not None


def says_no_data(body: Any, depth: int = 3) -> bool:
    """Check whether an answer without records says in words that there are none."""
    if isinstance(body, str):
        return _NO_DATA.search(body) is not None
    return depth > 0 and isinstance(body, dict) and any(says_no_data(each, depth - 1) for each in body.values())


def _is_of_words(body: Any, depth: int, name: str = "") -> bool:
    """Check whether a value is a message: texts, booleans and codes, no possible data."""
    if isinstance(body, dict):
        return depth > 0 and all(_is_of_words(each, depth - 1, _plain(key)) for key, each in body.items())
    if isinstance(body, list):
        return depth > 0 and len(body) <= _FEW and all(_is_of_words(each, depth - 1, name) for each in body)
    if isinstance(body, str):
        return name in _CODES or not body.strip() or _WORDS.search(body) is not None
    return body is None or isinstance(body, bool) or name in _CODES


def _is_something(value: Any) -> bool:
    if isinstance(value, str):
        return _NOTHING.fullmatch(value.strip()) is None
    return value not in (None, False, 0) and value not in ([], {})


def _texts(value: Any, depth: int = _DEPTH) -> Iterator[str]:
    if isinstance(value, str):
        if _WORDS.search(value):
            yield value
    elif isinstance(value, dict | list) and depth:
        for each in value.values() if isinstance(value, dict) else value[:_FEW]:
            yield from _texts(each, depth - 1)


def _messages(body: Any) -> list[str]:
    """Return the texts under message names, else the longest text if it is a sentence."""
    if isinstance(body, list):
        return [text for each in body for text in _messages(each)][:_FEW]
    named = [text for name, value in body.items() if _plain(name) in _MESSAGES for text in _texts(value)]
    longest = max(_texts(body), key=len, default="")
    return named[:_FEW] or ([longest] if len(_WORDS.findall(longest)) >= _SENTENCE else [])


def _holds_nothing(body: Any) -> bool:
    """Check whether an empty list is somewhere: the place of the missing records."""
    if isinstance(body, dict | list):
        return body == [] or any(map(_holds_nothing, body.values() if isinstance(body, dict) else body))
    return False


def _readable(text: str) -> str:
    """Return what a page for people says: its title and its text, without its markup."""
    shown = text[:_LOOKED_AT]
    if "<" not in shown:
        return shown
    shown = re.sub(r"(?is)<(script|style)\b.*?(</\1>|$)", " ", shown)
    return unescape(re.sub(r"<[^>]*>", " ", shown))


def _line(text: str) -> str:
    return " ".join(text.split())[:QUOTED]


def _plain(name: Any) -> str:
    return re.sub(r"[^a-z]", "", str(name).lower())
