"""Formats numbers, sizes, durations and times for a language and a time zone."""

import math
import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from markupsafe import Markup, escape

from slackwater.model.instants import DAY, MINUTE, SECOND, iso, parse_iso, to_micros
from slackwater.web.console.view.zones import IN_UTC, Zone, is_shown_twice, local, offset
from slackwater.web.console.words import Language, Translate, translator

_MONTHS = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "pt": ("jan.", "fev.", "mar.", "abr.", "mai.", "jun.", "jul.", "ago.", "set.", "out.", "nov.", "dez."),
}
_MARKS = {"en": (",", "."), "pt": ("\N{NO-BREAK SPACE}", ",")}  # thousands, decimals
_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))
# A moment as the service writes it into its sentences; what is quoted, code or part of an address is passed over.
_MOMENT = re.compile(
    r"`[^`]*`|“[^”]*”|(?<!\w)'[^']*'|\w+://\S+|[?&]\S+|"
    r"(?<![\w=:/.-])\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z(?!\w)"
)
_SIZES = ("B", "kB", "MB", "GB", "TB", "PB")


@dataclass(frozen=True)
class Formats:
    """How one language writes, in one time zone; `now` in µs since the epoch."""

    language: Language
    now: int
    zone: Zone = IN_UTC

    @property
    def t(self) -> Translate:
        """The words of the language."""
        return translator(self.language)

    def number(self, value: float | None, digits: int = 0) -> str:
        """Return a number with the language's marks, an en dash for none."""
        if value is None or not math.isfinite(value):
            return "–"
        thousands, decimals = _MARKS[self.language]
        text = f"{value:,.{digits}f}"
        return text.translate({ord(","): thousands, ord("."): decimals, ord("-"): "\N{MINUS SIGN}"})

    def short(self, value: float | None) -> str:
        """Return a measured value with at most six significant digits."""
        if value is None or not math.isfinite(value):
            return "–"
        if value and not 1e-4 <= abs(value) < 1e9:
            return f"{value:.4g}".replace(".", _MARKS[self.language][1])
        digits = max(0, 5 - (math.floor(math.log10(abs(value))) if value else 0))
        whole = self.number(value, digits)
        mark = _MARKS[self.language][1]
        return whole.rstrip("0").rstrip(mark) if mark in whole else whole

    def compact(self, value: float | None) -> str:
        """Return a count in few characters: 12.3 k, 4.5 M."""
        if value is None:
            return "–"
        for size, letter in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
            if abs(value) >= size:
                scaled = value / (1e3 if letter == "k" else size)
                return f"{self.number(scaled, 1 if abs(scaled) < 100 else 0)}\N{NO-BREAK SPACE}{letter}"
        return self.number(value)

    def size(self, count: float | None) -> str:
        """Return bytes in the unit that fits (10^3)."""
        if count is None:
            return "–"
        step = min(len(_SIZES) - 1, int(math.log(count, 1000)) if count >= 1 else 0)
        return f"{self.number(count / 1000**step, 1 if step else 0)}\N{NO-BREAK SPACE}{_SIZES[step]}"

    def duration(self, seconds: float | None) -> str:
        """Return a span of time in its two largest units: 3 h 20 min."""
        if seconds is None:
            return "–"
        if seconds < 1:
            return f"{self.number(seconds, 2 if seconds else 0)}\N{NO-BREAK SPACE}s"
        left, parts = int(seconds), []
        for length, unit in _UNITS:
            count, left = divmod(left, length)
            if count:
                parts.append(f"{count}\N{NO-BREAK SPACE}{unit}")
            if len(parts) == 2 or (parts and unit == "min"):
                break
        return " ".join(parts)

    def span(self, micros: int) -> str:
        """Return a span of time in its largest unit: 41 d."""
        seconds = micros / SECOND
        length, unit = next(((length, unit) for length, unit in _UNITS if seconds >= 2 * length), _UNITS[-1])
        return f"{self.number(seconds // length)}\N{NO-BREAK SPACE}{unit}"

    def dated(self, *marks: int | None, period: int = DAY) -> Self:
        """Return these formats in UTC where moments (µs) are days without a time.

        No zone moves those. `period` (µs) is that of their series.
        """
        known = [mark for mark in marks if mark is not None]
        days = known and period >= DAY and not any(mark % DAY for mark in known)
        return replace(self, zone=IN_UTC) if days else self

    def is_midnight(self, moment: int) -> bool:
        """Check whether a day of the zone begins at a moment (µs)."""
        at = local(moment, self.zone.info)
        return (at.hour, at.minute, at.second, at.microsecond) == (0, 0, 0, 0)

    def log_line(self, text: str) -> str:
        """Return a line of the log with its time, which is UTC, in the zone."""
        if self.zone.is_utc:
            return text
        try:
            at = datetime.strptime(text[:19] + "Z", "%Y-%m-%d %H:%M:%S%z")
        except ValueError:  # a line that goes on
            return text
        shown = local(to_micros(at), self.zone.info)
        return f"{shown.replace(tzinfo=None).isoformat(' ')} {offset(shown)}{text[19:]}"

    def placed(self, text: str) -> str:
        """Return a sentence of the service with its moments as the zone has them."""
        return _MOMENT.sub(self._moment, text)

    def _moment(self, found: re.Match[str]) -> str:
        try:
            at = local(moment := parse_iso(found[0]), self.zone.info)
        except ValueError:  # an address, a quotation, or no day of the calendar
            return found[0]
        seconds = f":{at:%S}" if moment % MINUTE >= SECOND else ""
        return f"{self._day(at)}, {at:%H:%M}{seconds} {offset(at)}"

    def day(self, moment: int | None) -> str:
        """Return the day of a moment, as plain text."""
        return "–" if moment is None else self._day(local(moment, self.zone.info))

    def text(self, moment: int | None) -> str:
        """Return a moment to the minute, as plain text."""
        if moment is None:
            return "–"
        at = local(moment, self.zone.info)
        return f"{self._day(at)}, {at:%H:%M} {offset(at)}"

    def exact(self, moment: int) -> str:
        """Format a moment (µs) to the second, with its fraction, as plain text.

        Only where the clocks show it twice with its distance from UTC: the zone stands beside it.
        """
        at = local(moment, self.zone.info)
        fraction = f"{at.microsecond / 1e6:.6f}"[1:].rstrip("0").rstrip(".")
        seconds = f":{at:%S}{fraction}" if moment % (60 * SECOND) else ""
        return f"{self._day(at)}, {at:%H:%M}{seconds}" + (f" {offset(at)}" if is_shown_twice(at) else "")

    def when(self, moment: int | None) -> Markup:
        """Format a moment (µs) as `<time>` to the minute."""
        return Markup("–") if moment is None else self._time(moment, self.text(moment))

    def date(self, moment: int | None) -> Markup:
        """Format a moment (µs) as `<time>`: its day, near ones to the minute."""
        if moment is None:
            return Markup("–")
        near = abs(self.now - moment) < 2 * 86_400 * SECOND
        return self._time(moment, self.text(moment) if near else self.day(moment))

    def ago(self, moment: int | None) -> Markup:
        """Format a moment (µs) as `<time>` relative to now, past or future."""
        return Markup("–") if moment is None else self._time(moment, self.away(moment))

    def away(self, moment: int) -> str:
        """Return how far away a moment is: 5 min ago, in 3 h."""
        seconds = abs(self.now - moment) / SECOND
        if seconds < 2:
            return "agora" if self.language == "pt" else "now"
        far = next(f"{int(seconds // length)}\N{NO-BREAK SPACE}{unit}" for length, unit in _UNITS if seconds >= length)
        if self.language == "pt":
            return f"há {far}" if moment <= self.now else f"em {far}"
        return f"{far} ago" if moment <= self.now else f"in {far}"

    def _day(self, at: datetime) -> str:
        return f"{at.day} {_MONTHS[self.language][at.month - 1]} {at.year}"

    def _time(self, moment: int, text: str) -> Markup:
        title = self.text(moment) + ("" if self.zone.is_utc else f" ({self.zone.name})")
        return Markup('<time datetime="{}" title="{}">{}</time>').format(iso(moment), title, escape(text))
