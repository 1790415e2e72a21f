"""Builds parameter names from words in API naming styles, the source's first."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx

from slackwater.discover.api.probe import Sample, values_outside
from slackwater.discover.inference.words import words_of

STYLES = ("snake", "camel", "flat", "kebab", "pascal")
_BETWEEN = {"snake": "_", "flat": "", "kebab": "-"}  # what stands between words that stay small
SIGNS = frozenset("_$")  # before names of parameters, so that they are none of fields
_FIELDS = 40  # of a record that show its style
_CLEAR = 2  # times as often as the next one: then the other styles come last


_RUN_TOGETHER = re.compile(r"(min|max|start|end|begin|page|per|from)[a-z]{4,}|[a-z]{3,}(time|date|size)")


def spelt(words: str, style: str) -> str:
    """Return words as one name: `page size` is page_size, pageSize, pagesize, page-size or PageSize."""
    if style in _BETWEEN:
        return words.replace(" ", _BETWEEN[style])
    first, *rest = words.split(" ")
    return "".join([first if style == "camel" else _capital(first), *map(_capital, rest)])


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]


def style_of(name: str) -> str | None:
    """Return the style of a name, None of one that shows none."""
    if "_" in name.strip("_$"):
        return "snake"
    if "-" in name.strip("-"):
        return "kebab"
    if name[:1].isupper() and not name.isupper():
        return "pascal"
    if _RUN_TOGETHER.fullmatch(name):
        return "flat"
    if name[:1].islower() and len(words_of(name)) > 1 and any(each.isupper() for each in name):
        return "camel"
    return None


@dataclass(frozen=True)
class Styles:
    """The naming styles, likeliest first; `clear` where the source shows one clearly."""

    order: tuple[str, ...] = STYLES
    clear: bool = False
    sign: str = ""  # before the names of the source's own parameters, such as `_` in `_page`

    def names(self, words: Iterable[str]) -> Iterator[str]:
        """Yield the words as names, likeliest first, each once; other texts unchanged."""
        words = list(words)
        plain = [name for (name,) in dict.fromkeys(self.groups((each,) for each in words))]
        signed = [self.sign + name for (name,) in dict.fromkeys(self.near().groups((each,) for each in words))]
        yield from (name for name in signed if self.sign and name[len(self.sign)].isalpha())
        yield from plain

    def pairs(self, pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """Return pairs of words as pairs of names, likeliest first, each once."""
        return [(first, second) for first, second in dict.fromkeys(self.groups(pairs))]

    def groups(self, groups: Iterable[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
        """Yield groups of words as names in one style each, the likeliest first."""
        groups = list(groups)
        near = len(self.near().order)
        for group in groups:
            yield from (tuple(_name(each, style) for each in group) for style in self.order[:near])
        for style in self.order[near:]:
            yield from (tuple(_name(each, style) for each in group) for group in groups)

    def near(self) -> "Styles":
        """Return the likeliest style, or the two likeliest where none is clear.

        Words in capitals may be written small, too.
        """
        return Styles(self.order[: 1 if self.clear and self.order[0] != "pascal" else 2], self.clear)

    def led_by(self, style: str | None) -> "Styles":
        """Return the styles with this one first, if there is one."""
        if style is None:
            return self
        return Styles((style, *(each for each in self.order if each != style)), clear=True)


def styles_of(sample: Sample, records: str | None) -> Styles:
    """Return the styles of a source, likeliest first.

    What its URL and its answers say outside the records is nearer to its parameters than the fields of records are.
    """
    seen: Counter[str] = Counter()
    first = sample.records[0] if sample.records else None
    for weight, names in (
        (6, list(httpx.URL(sample.requested).params)),
        (3, [place.rpartition(".")[2] for place in values_outside(sample, records)]),
        (1, list(first)[:_FIELDS] if isinstance(first, dict) else []),
    ):
        for name in names:
            if (style := style_of(str(name))) is not None:
                seen[style] += weight
    in_urls = [*httpx.URL(sample.requested).params, *(httpx.URL(sample.link).params if sample.link else ())]
    signs = Counter(name[0] for name in in_urls if name[:1] in SIGNS and name[1:2].isalpha())
    sign = signs.most_common(1)[0][0] if signs else ""
    # Parameters that are seen are written as the others are, however the fields of the answer are called.
    own = {style for name in in_urls if (style := style_of(name)) is not None}
    ordered = sorted(STYLES, key=lambda style: (style not in own if len(own) == 1 else False, -seen[style]))
    clear = seen[ordered[0]] >= max(1, _CLEAR * seen[ordered[1]])
    return Styles(tuple(ordered), clear, sign)


def in_brackets(name: str) -> bool:
    """Check whether a name holds brackets: many servers take `page[size]` for a part of `page`."""
    return "[" in name


def small_number(value: Any) -> int | None:
    """Parse a value as a small number of records or pages, else None."""
    if isinstance(value, str) and value.isdecimal() and len(value) < LONG_NUMBER:
        value = int(value)
    return value if type(value) is int and 0 <= value < 10**LONG_NUMBER else None


LONG_NUMBER = 8  # digits; a number as long is no page, but an epoch or a date


def _name(words: str, style: str) -> str:
    return spelt(words, style) if words.replace(" ", "").isalnum() else words
