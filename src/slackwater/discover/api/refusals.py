"""Reads refusals: unknown parameter names, accepted names, and allowed numbers."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from slackwater.model.instants import DAY, HOUR, MINUTE, SECOND, WEEK, YEAR

UNKNOWN_NAME = "zq7x"  # a name that no source knows

ASKS = re.compile(
    r"missing|required|must|need|specif|provide|mandatory|obrigat|falta|requer|expected|cannot parse|invalid|at most"
    r"|between \d",
    re.IGNORECASE,
)
MANY = 4  # names asked for together, of which a source that lists what it does not know would list more than one

_OFFERS = re.compile(
    r"\b(allowed|valid|supported|accepted|available|known|permitted|possible|expected)( query| request)?"
    r"( param\w*| name\w*| field\w*| argument\w*| propert\w*| key\w*)?( are| is)?\s*[:=(\[]|one of",
    re.IGNORECASE,
)
_VALUES = re.compile(
    r"must|format|invalid|between|value|expected|required|greater|less|most|least|integer|number|\bdate|\btime|range"
    r"|before|after|too (large|long|many|small)|exceed|cannot parse|could not",
    re.IGNORECASE,
)
_WHAT = r"(?! (value|format|date|type|time|media|content|character|token|end))"  # not of a value
_STRANGE = re.compile(
    rf"(unknown|unexpected|unsupported|unrecogni[sz]ed|desconhecid|desconocid|inconnu|unbekannt|onbekend){_WHAT}"
    r"|unrecogni|not (allowed|permitted|supported|recogni[sz]ed)|extra (field|input|param|arg)|additional propert"
    r"|no such (param|field|column|arg)|not a (valid|known) (query |url )?(param|field|arg|option)"
    r"|invalid (query )?(param\w*|argument|field) name|invalid query param\w*s?:",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?<![\w.,-])\d{1,3}(?:,\d{3})+(?![\w,])|(?<![\w.-])(?<!\d:)\d{1,7}(?![\w%]|[.:-]\d)")
_YEAR, _CLOCK = r"(?:[yY]{4}|[yY]{2}|[aA]{4})", r"[hH]{2}(?::?[mM]{2}(?::?[sS]{2})?)?Z?"
_MASK = re.compile(
    rf"(?<!\w)(?:[dD]{{2}}([-/.]?)[mM]{{2}}\1{_YEAR}|{_YEAR}([-/.]?)[mM]{{2}}\2[dD]{{2}}|[mM]{{2}}([-/.])[dD]{{2}}\3{_YEAR})"
    rf"(?:['T ]{{0,3}}{_CLOCK})?(?!\w)"
)
_MASK_PART = re.compile(r"[yY]+|[aA]+|[mM]+|[dD]+|[hH]+|[sS]+|[-/.: TZ]")
_NAME = re.compile(r"[A-Za-z_$][\w$\[\]-]*")

SPANS = {
    "second": SECOND,
    "minute": MINUTE,
    "hour": HOUR,
    "day": DAY,
    "week": WEEK,
    "month": 30 * DAY,
    "year": YEAR,
    "dia": DAY,
    "mes": 30 * DAY,
    "ano": YEAR,
    "hora": HOUR,
}


def refuses_names(refusal: str) -> bool:
    """Say whether a refusal is about parameters that the source does not know."""
    return _STRANGE.search(refusal) is not None


def named(names: Iterable[str], text: str) -> list[str]:
    """Return the names that a text contains as whole words.

    `limit` is none in `page[limit]` if that is among the names.
    """
    names = list(names)
    held = set()
    for name in sorted(set(names), key=len, reverse=True):
        text, count = re.subn(rf"(?<![\w$-]){re.escape(name)}(?![\w$-])", " ", text)
        if count:
            held.add(name)
    return [name for name in names if name in held]


def about_values(refusal: str, names: Iterable[str]) -> bool:
    """Check whether a refusal is about a value, apart from its parameter names."""
    return _VALUES.search(re.sub("|".join(map(re.escape, names)), " ", refusal)) is not None


def offered(refusal: str) -> list[str]:
    """Return the names that a refusal says the source takes: `allowed parameters: von, bis`."""
    found = _OFFERS.search(refusal)
    if found is None or not refuses_names(refusal):
        return []
    listed = re.split(r"[.;}\n]", refusal[found.end() :])[0]
    return list(dict.fromkeys(_NAME.findall(listed)))


def numbers_in(refusal: str) -> list[int]:
    """Return the whole numbers in a refusal, largest first: `must be between 1 and 100`."""
    said = {int(each.replace(",", "")) for each in _NUMBER.findall(refusal)}
    return sorted(said, reverse=True)


def spans_in(refusal: str) -> list[int]:
    """Return the spans that a refusal speaks of."""
    return [
        int(number) * span
        for number, word in re.findall(r"(\d{1,5})[\s-]*([a-zA-Zê]{3,})", refusal.lower())
        for name, span in SPANS.items()
        if word.startswith(name)
    ]


def mask_in(refusal: str) -> str | None:
    """Return the strptime form of a mask such as `dd/MM/yyyy`, None without one."""
    match = _MASK.search(refusal)
    if match is None:
        return None
    form, clock = "", False
    for text in _MASK_PART.findall(match[0]):
        letter = text[0].lower()
        clock = clock or letter == "h"
        directive = {"y": "%Y", "a": "%Y", "d": "%d", "h": "%H", "s": "%S", "m": "%M" if clock else "%m"}.get(letter)
        form += text if directive is None else "%y" if directive == "%Y" and len(text) == len("yy") else directive
    return {"%Y-%m-%d": "date", "%Y-%m-%dT%H:%M:%SZ": "iso"}.get(form, form)


@dataclass
class KnownNames:
    """What a source has said of the names of parameters that it was asked with."""

    strict: bool = False  # it refuses names that it does not know
    lists: bool | None = None  # it says all that it does not know, not the first alone; None: not seen yet
    unknown: set[str] = field(default_factory=set)
    taken: list[str] = field(default_factory=list)  # names that it says it takes
    empties: bool | None = None  # its answer to a strange name is empty: no field is called so; None: not asked
    _to_unknown: str | None = None  # what it says to a name that no source knows, without the name

    def learn(self, requested: Collection[str], refusal: str) -> None:
        """Record a refusal: the names that it calls unknown, and those it accepts."""
        if self._to_unknown is not None:
            alike = [name for name in requested if self.like_unknown([name], refusal)]
            self.unknown.update(alike if len(requested) == 1 else named(alike, refusal))
        if not refuses_names(refusal):
            return
        self.strict = True
        welcome = offered(refusal)
        self.taken += [name for name in welcome if name not in self.taken]
        if welcome:
            self.unknown.update(name for name in requested if name not in welcome)
            return
        said = named(requested, refusal)
        if len(said) > 1:
            self.lists = True
        elif self.lists is None and len(requested) >= MANY:
            self.lists = False
        self.unknown.update(said if said or len(requested) > 1 else requested)

    def like_unknown(self, names: Iterable[str], refusal: str) -> bool:
        """Say whether the source refuses these as it refuses a name that no source knows."""
        if self._to_unknown is None:
            return False
        return refusal == self._to_unknown or any(_without(name, refusal) == self._to_unknown for name in names)

    def learn_unknown(self, refusal: str) -> None:
        """Take in what the source says to a name that no source knows."""
        self.strict = True
        self._to_unknown = _without(UNKNOWN_NAME, refusal)
        if self._to_unknown == refusal:
            self.lists = False  # it names none

    def possible(self, names: Iterable[str]) -> bool:
        """Say whether none of the names is known to be unknown."""
        return self.unknown.isdisjoint(names)

    def first_taken(self, names: Sequence[str]) -> list[str]:
        """Return the names with those first that the source says it takes."""
        return [*(name for name in names if name in self.taken), *(name for name in names if name not in self.taken)]


def _without(name: str, text: str) -> str:
    return re.sub(rf"(?<![\w$-]){re.escape(name)}(?![\w$-])", "…", text)
