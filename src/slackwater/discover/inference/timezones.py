"""Detects the time zone of times that do not name it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from slackwater.discover.inference.words import names_no_data, words_of
from slackwater.errors import Question
from slackwater.formats.timestamps import time_parser
from slackwater.model.instants import DAY, from_micros
from slackwater.model.time_zones import zone
from slackwater.pipe.frames import Finding

_SURE_NAMES = frozenset({"timezone", "tz", "timezonename", "tzname", "timezoneid", "timezoneiana", "tzid"})
_NAMES = _SURE_NAMES | {"zone"}  # which may be one of prices as well
_OFFSETS = frozenset({"utcoffsetseconds", "utcoffsetsec", "gmtoffset", "tzoffset", "utcoffset", "gmtoffsetseconds"})
ELSEWHERE = ZoneInfo("Pacific/Chatham")  # whose wall clocks show what no other's do
_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+\-−])\s*(\d{1,2})(?::?([0-5]\d))?", re.ASCII)
_IN_NAME = re.compile(
    r"(?P<offset>\b(?:UTC|GMT)\s*[+\-−]\s*\d{1,2}(?::?[0-5]\d)?)|(?P<name>\b[A-Z][a-z]+/[A-Z][A-Za-z_]+)"
    r"|(?P<denied>(?i:\b(?:not?(?: in)?|kein|nicht|não|nao|no en|pas|non) (?:UTC|GMT)\b))"
    r"|(?P<utc>(?<![A-Za-z])(?:UTC|GMT|utc|gmt)(?![A-Za-z])|(?<=[(\[])UT(?=[)\]]))"
    r"|(?P<unknown>(?<![A-Za-z])(?:CES?T|MES?Z|WES?T|EES?T|BST|IST|JST|KST|MSK|BRT|[ECMP][SD]T|AE[SD]T|NZ[SD]?T)(?![A-Za-z])"
    r"|(?<=[(\[])[A-Z]{2,4}T(?=[)\]])"
    r"|(?<![A-Za-z])(?:[Ll]ocal|[Ll]ocale|LOCAL|lokal)(?![a-z])|(?<=[a-z])Local(?![a-z])"
    r"|(?i:\b(?:normaltid|vintertid|normalzeit|winterzeit|ortszeit|wintertijd|standard time|heure (?:l[ée]gale|d'hiver)"
    r"|hora (?:oficial|legal|peninsular|canaria)|ora (?:legale|solare)|czas (?:lokalny|zimowy|letni))\b))"
)
"""What the name of a time says of its zone."""
_ABBREVIATION = re.compile(
    r"CES?T|MES?Z|WES?T|EES?T|BST|IST|JST|KST|MSK|BRT|[ECMP][SD]T|AK[SD]T|AE[SD]T|NZ[SD]T|AWST|AC[SD]T|SAST"
)
"""Zones in cells of a column, by whatever name: the clocks of none of them are told for certain."""


_TOLD_OFFSET = re.compile(r"(?:\b|(?<=\bTZ))(?:UTC|GMT)\s*[+\-−]\s*\d{1,2}(?::?[0-5]\d)?")
_PLACE = re.compile(r"\b[A-Z][a-z]+/[A-Z][A-Za-z_]+")
_OF_TIMES = re.compile(
    r"\b(?<!-)(?:date)?time(?:s|stamps?|[ -]?zones?)?\b(?![ -]?series)|\bhours?\b|\btz|zeit|hora\b|horas\b|horári"
    r"|fuso|huso|heure|fuseau|tijd|\btid|\btids|\bora\b|\bore\b|czas|čas|aika",
    re.IGNORECASE,
)
"""Words of times and their zones, in lines above a table."""
_MADE = re.compile(
    r"\d:\d\d|\b\d{1,2}\s?h(?:\d\d)?\b|\d{4}-\d\d|\d{1,2}[./]\d{1,2}[./]\d{2}"
    r"|\b(?i:creat|export|generat|print|download|updat|publi|respon|releas|erstellt|gerad|atualiz|actualiz)",
    re.ASCII,
)
_LOCAL_TIME = re.compile(
    r"(?<!not )local (?:standard |civil )?time(?! ?series)|times? (?:is|are) (?:in )?local"
    r"|hora local|heures? locales?|ora locale|ortszeit"
    r"|lokale? (?:zeit|tid|tijd)",
    re.IGNORECASE,
)
_DENIED = re.compile(  # and no statement about the times in the table: what is to be added to them for others
    r"\b(?:not?|nicht|kein\w*|não|nao|pas|non)(?: in| em| en)? (?:the )?"
    rf"(?:(?i:local(?: time)?)|(?:{_ABBREVIATION.pattern})\b)"
    r"|[^.;,(]*\b(?i:add|subtract|convert|subtrac?t?i?r|somar?|sumar|restar|ajouter|addier\w*|conver\w+)\b[^.;]*"
)
_CONVERTED = re.compile(  # which says in what zone times are, unlike `to convert to`
    r"(?<!\bbe )\b(?:[Cc]onverted|[Cc]onvertid[oa]s?|[Cc]onverties?|[Uu]mgerechnet)\b(?: (?:from|de|von) [^.;]*?)?"
    r" (?:in)?(?:to|para|en|in|nach|a)\b"
)
_SENTENCE = re.compile(r"[.;]\s+")
_IN_UTC = re.compile(
    r"(?<!\bnot )(?<!\bno )\b(?:(?:in|are|is|all|times?|zone|em|en|as|sont|sind|são)\s+(?:the\s+)?|times?:\s*|zone:\s*)"
    r"\(?(?:UTC|GMT)\b(?!\s*(?:[+\-−]|offset))"
)
_WHAT_LOCAL_IS = re.compile(r"[^.;,(]*\b(?i:local|locale|station|ortszeit)\b[^.;,)]*")
_OF_A_NAME = re.compile(r"(?:\b(?:by|from|of the|da|do|von|par)\s+|\()$|^\s+(?:Ltd|Lda|Inc|GmbH|SA|AG|LLC|Corp)\b")
"""What stands around an abbreviation that is the name of somebody."""


@dataclass(frozen=True)
class Hints:
    """An answer's statements beside its records: zone, offset (seconds), no-data values.

    `unknown` is what it says of the zone in words that name none for certain, such as `PST`.
    """

    name: str | None = None
    offset: int | None = None
    at: str = ""  # the field that says so
    unknown: str | None = None
    missing: tuple[float, ...] = ()
    decimal: str | None = None  # the mark that its framework writes before decimals


def hints_in(body: Any) -> Hints:
    """Return what an answer says outside its lists."""
    names, offsets, unknown, missing = [], [], [], []
    for path, value in _singles(body):
        word = "".join(word for word in words_of(path.rpartition(".")[2]) if not word.isdecimal())
        if word in _NAMES and isinstance(value, str) and _known(value):
            names.append((path, value))
        elif word in _SURE_NAMES | _OFFSETS and (seconds := _seconds(value)) is not None:
            offsets.append((path, seconds))
        elif word in _SURE_NAMES | _OFFSETS and value not in (None, "") and not isinstance(value, bool):
            unknown.append((path, value))
        elif names_no_data(path) and type(value) in (int, float):
            missing.append(float(value))
    if not names and not offsets:
        at, said = unknown[0] if unknown else ("", None)
        return Hints(at=at, unknown=None if said is None else str(said), missing=tuple(missing))
    told = {value for _, value in names}
    return Hints(
        names[0][1] if len(told) == 1 else None,
        offsets[0][1] if offsets else None,
        (names or offsets)[0][0],
        missing=tuple(missing),
    )


def _singles(body: Any, path: str = "", depth: int = 3) -> Iterator[tuple[str, Any]]:
    for key, value in body.items() if isinstance(body, dict) and depth else ():
        here = f"{path}.{key}" if path else str(key)
        if isinstance(value, dict):
            yield from _singles(value, here, depth - 1)
        elif not isinstance(value, list):
            yield here, value


def _known(name: str) -> bool:
    try:
        zone(name)
    except ValueError:
        return False
    return True


def _seconds(value: Any) -> int | None:
    """Parse a UTC offset in hours, seconds or `+02:00`, to seconds; else None."""
    if isinstance(value, str):
        match = _OFFSET.fullmatch(value.strip())
        if match is None:
            return None
        sign, hours, minutes = match.groups()
        value = int(hours) + int(minutes or 0) / 60
        value = value if sign == "+" else -value
    if type(value) not in (int, float):
        return None
    seconds = value * 3600 if abs(value) <= 14 else value
    return int(seconds) if abs(seconds) <= 50_400 and seconds % 900 == 0 else None


def in_name(name: str) -> str | None:
    """Return the time zone in a column's name; Question for an ambiguous one.

    `Time (UTC+01:00)` and `time [Europe/Berlin]` name theirs, `Time (CET)` and `local time` do not.
    """
    match = _IN_NAME.search(name)
    if match is None:
        return None
    if match["utc"]:
        return "UTC"
    if match["offset"]:
        seconds = _seconds(match["offset"])
        return None if seconds is None else offset_name(seconds)
    if match["name"]:
        return match["name"] if _known(match["name"]) else None
    raise _unnamed(f"`{name}` says {match['unknown'] or match['denied']}", [match["unknown"] or ""])


_MEANT = {
    "WET": ("Europe/Lisbon", "UTC"),
    "WEST": ("Europe/Lisbon", "+01:00"),
    "CET": ("Europe/Paris", "+01:00"),
    "CEST": ("Europe/Paris", "+02:00"),
    "MEZ": ("+01:00", "Europe/Berlin"),
    "MESZ": ("Europe/Berlin", "+02:00"),
    "EET": ("Europe/Athens", "+02:00"),
    "EEST": ("Europe/Athens", "+03:00"),
    "BST": ("Europe/London", "+01:00"),
    "MSK": ("+03:00",),
    "IST": ("Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"),
    "JST": ("+09:00",),
    "KST": ("+09:00",),
    "BRT": ("-03:00", "America/Sao_Paulo"),
    "EST": ("America/New_York", "-05:00"),
    "EDT": ("America/New_York", "-04:00"),
    "CST": ("America/Chicago", "-06:00", "Asia/Shanghai"),
    "CDT": ("America/Chicago", "-05:00"),
    "MST": ("America/Denver", "-07:00"),
    "MDT": ("America/Denver", "-06:00"),
    "PST": ("America/Los_Angeles", "-08:00"),
    "PDT": ("America/Los_Angeles", "-07:00"),
    "NZST": ("+12:00", "Pacific/Auckland"),
    "NZDT": ("Pacific/Auckland", "+13:00"),
    "NZT": ("Pacific/Auckland",),
    "AWST": ("+08:00",),
    "ACST": ("Australia/Darwin", "Australia/Adelaide"),
    "ACDT": ("Australia/Adelaide", "+10:30"),
    "SAST": ("+02:00",),
    "HST": ("-10:00",),
    "AKST": ("America/Anchorage", "-09:00"),
    "AKDT": ("America/Anchorage", "-08:00"),
    "AST": ("-04:00", "America/Halifax"),
    "AEST": ("Australia/Brisbane", "Australia/Sydney"),
    "AEDT": ("Australia/Sydney", "+11:00"),
}
"""Abbreviation → the zones and offsets that are meant by it, likeliest first."""


def _unnamed(said: str, words: Sequence[str] = (), others: Sequence[str] = ()) -> Question:
    meant = [set(_MEANT.get(word.strip(), ())) for word in words]
    first = _MEANT.get(words[0].strip(), ()) if words else ()
    return Question(
        f"{said}, which names no time zone for certain, and the times do not name theirs. Give timezone, such as "
        "Europe/Lisbon or +01:00.",
        field="timezone",
        choices=[*(name for name in first if all(name in each for each in meant)), *others],
    )


def zone_of_columns(names: Sequence[str], columns: dict[str, list[Any]]) -> str | None:
    """Return the time zone named by time columns, or a column's cells."""
    told = {zone for name in names if (zone := in_name(name)) is not None}
    return told.pop() if len(told) == 1 else _in_column(columns)


def is_zone(text: str, beside: str) -> bool:
    """Check whether a text is a zone and nothing else: `UTC+1`, `Europe/Lisbon`, `MEZ`.

    Letters need words of zones, or more than a name, `beside` them: below `Time` and `EST` may stand estimates.
    """
    if _ABBREVIATION.fullmatch(text):
        return bool(_OF_ZONES.search(beside)) or len(beside.split()) > 1
    return any(pattern.fullmatch(text) for pattern in (_TOLD_OFFSET, _PLACE))


_OF_ZONES = re.compile(r"zone\b|\btz\b|fuso|huso|fuseau", re.IGNORECASE)


def zone_above(lines: Sequence[str]) -> str | None:
    """Return the time zone that lines above a table tell; Question if ambiguous.

    A sentence that tells when a file was made has a clock, and tells nothing of the times in it. What the local time is
    tells nothing either where the times are in UTC.
    """
    sentences = [_CONVERTED.sub(" in", sentence) for line in lines for sentence in _SENTENCE.split(line)]
    lines = [_DENIED.sub(" ", sentence) for sentence in sentences]
    in_utc = any(map(_IN_UTC.search, lines))
    for line in (_WHAT_LOCAL_IS.sub(" ", line) if in_utc else line for line in lines):
        bare = _TOLD_OFFSET.sub(" ", line)
        if not _OF_TIMES.search(line) or _MADE.search(bare):
            continue
        offsets = {offset for match in _TOLD_OFFSET.finditer(line) if (offset := in_name(match[0])) is not None}
        named = _PLACE.search(line)
        told = offsets.pop() if len(offsets) == 1 else named[0] if named and _known(named[0]) else None
        if told and in_utc:
            raise Question(
                f"The lines above the table say that times are in UTC, and in {told}. Give timezone with one of them.",
                field="timezone",
                choices=["UTC", told],
            )
        if told:
            return told
        if word := _abbreviation_in(bare):
            raise _unnamed(f"the line {line[:60]!r} above the table says {word}", [word], others=["UTC"])
        if _LOCAL_TIME.search(bare):
            raise _unnamed(f"the line {line[:60]!r} above the table says that its times are local", others=["UTC"])
    return "UTC" if in_utc else None


def _abbreviation_in(line: str) -> str | None:
    """Return the zone in a line by its abbreviation, which is the name of nobody."""
    for match in _ABBREVIATION.finditer(line):
        before, behind = line[: match.start()], line[match.end() :]
        alone = not before[-1:].isalpha() and not behind[:1].isalpha()
        if alone and not _OF_A_NAME.search(before) and not _OF_A_NAME.match(behind):
            return match[0]
    return None


def zone_matters(times: Sequence[int | None], elsewhere: Sequence[int | None]) -> bool:
    """Check whether times lack a zone and are no dates, so that zones shift them."""
    return times != elsewhere and any(time is not None and time % DAY for time in times)


def settle_zone(
    cells: list[Any],
    form: str,
    given: str | None,
    hints: Hints,
    columns: dict[str, list[Any]],
    time: Sequence[str] = (),
) -> tuple[str | None, tzinfo, Finding | None]:
    """Return the zone's name to declare, the zone, and why; Question if contradictory."""
    if given:
        reason = f"The zone {given} is given."
        return given, zone(given), Finding(what="timezone", value=given, confidence=1, reason=reason, field="timezone")
    times = time_parser(form, UTC)(cells)
    if times == time_parser(form, ELSEWHERE)(cells):
        return None, UTC, None  # the times say it themselves
    if all(time is None or time % DAY == 0 for time in times):
        reason = "The times are dates; each stands for its midnight in UTC."
        return None, UTC, Finding(what="timezone", value="UTC", confidence=0.9, reason=reason, field="timezone")
    column = _in_column({path: cells for path, cells in columns.items() if path not in time})
    name = column or hints.name
    if name is None and hints.offset is not None:
        name = offset_name(hints.offset)
    if name is None and hints.unknown is not None:
        raise _unnamed(f"`{hints.at}` of the answer is {hints.unknown!r:.60}", [hints.unknown])
    if name is None:
        for path in time:
            name = name or in_name(path)
        column = name
    if name is None:
        reason = "The times name no zone and the answer does not tell one; they are read as UTC."
        return None, UTC, Finding(what="timezone", value="UTC", confidence=0.6, reason=reason, field="timezone")
    home = zone(name)
    if hints.offset is not None and not column and hints.offset not in _offsets(home, times):
        raise Question(
            f"The answer says both that its zone is {name} and that it is {offset_name(hints.offset)}, which are not "
            "the same. Give timezone.",
            field="timezone",
            choices=[name, offset_name(hints.offset)],
        )
    reason = f"The times name no zone; `{hints.at if not column else 'the records'}` says that it is {name}."
    found = Finding(what="timezone", value=name, confidence=0.9, reason=reason, field="timezone")
    return (None if home is UTC else name), home, found


def zone_columns(columns: dict[str, list[Any]]) -> set[str]:
    """Return the columns that say the zone of their rows, and so name no series."""
    found = set()
    for path, cells in columns.items():
        told = {cell for cell in cells if isinstance(cell, str) and cell}
        word = "".join(words_of(path.rpartition(".")[2]))
        abbreviated = bool(told) and all(_ABBREVIATION.fullmatch(cell.strip()) for cell in told)
        if abbreviated or word in _SURE_NAMES | _OFFSETS or (word in _NAMES and told and all(map(_known, told))):
            found.add(path)
    return found


def _in_column(columns: dict[str, list[Any]]) -> str | None:
    """Return the zone that every record names; a Question where they name several."""
    for path, cells in columns.items():
        told = {cell for cell in cells if cell not in (None, "") and not isinstance(cell, bool)}
        word = "".join(words_of(path.rpartition(".")[2]))
        if told and all(isinstance(cell, str) and _ABBREVIATION.fullmatch(cell.strip()) for cell in told):
            raise _unnamed(f"`{path}` is {' or '.join(sorted(repr(cell) for cell in told))}", sorted(told))
        if not told or word not in _NAMES | _OFFSETS:
            continue
        zones = {cell if isinstance(cell, str) and _known(cell) else _named(_seconds(cell)) for cell in told}
        if None in zones and any(map(_is_measured, told)):
            continue
        if None in zones and word in _SURE_NAMES:
            raise _unnamed(f"`{path}` is {next(iter(told))!r:.60}")
        if None not in zones:
            if len(zones) == 1:
                return zones.pop()
            raise Question(
                f"The records are in several time zones (`{path}`), and their times do not name theirs. Select one "
                "zone with query_params, and give timezone.",
                field="timezone",
                choices=sorted(map(str, zones)),
            )
    return None


def _is_measured(cell: Any) -> bool:
    """Check for a number that is no offset: 5.2 s, the period `Tz` of waves."""
    number = re.fullmatch(r"\d{1,2}[.,]\d+", str(cell))
    return number is not None and float(number[0].replace(",", ".")) * 4 % 1 != 0


def _offsets(home: tzinfo, times: list[int | None]) -> set[int]:
    known = [time for time in times if time is not None]
    year = from_micros(max(known)).year if known else 2024
    moments = [datetime(year, month, 15, tzinfo=UTC) for month in (1, 7)]
    moments += [from_micros(time) for time in known[:50]]
    return {int((moment.astimezone(home).utcoffset() or timedelta()).total_seconds()) for moment in moments}


def _named(seconds: int | None) -> str | None:
    return None if seconds is None else offset_name(seconds)


def offset_name(seconds: int) -> str:
    """Return the name of a zone by its offset: `+05:30`, or UTC."""
    if seconds == 0:
        return "UTC"
    sign = "-" if seconds < 0 else "+"
    return f"{sign}{abs(seconds) // 3600:02}:{abs(seconds) % 3600 // 60:02}"
