"""The words of the console: all in all languages, with the same places to fill; and none that nobody says."""

import re
import string
from pathlib import Path

import pytest

from slackwater.model.health import Health
from slackwater.model.instants import EARLIEST, parse_iso
from slackwater.model.source.config import ApiConfig, FileConfig
from slackwater.model.status import Status
from slackwater.model.wrapper import Metadata, SourceType
from slackwater.web.console import words
from slackwater.web.console.view.formats import Formats
from slackwater.web.console.view.settings_form import OFTEN_CHANGED
from slackwater.web.console.view.zones import named
from slackwater.web.console.words import LANGUAGES, WORDS, chosen, translator

HERE = Path(words.__file__).parents[1]
NOW = 1_795_500_000_000_000  # 2026-11-24T06:00:00Z
GAP = "\N{NO-BREAK SPACE}"
SECOND = 1_000_000


def test_no_key_is_given_twice():
    assert len(WORDS) == sum(map(len, words.TABLES))


def fields_of(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text.replace("|", " ")) if name}


def test_each_word_is_there_in_all_languages_with_the_same_fields():  # one test: a thousand take seconds to collect
    assert len(WORDS) > 100
    assert [key for key, said in WORDS.items() if len(said) != len(LANGUAGES) or not all(map(str.strip, said))] == []
    assert [key for key, (first, *rest) in WORDS.items() if any(fields_of(t) != fields_of(first) for t in rest)] == []
    assert [key for key, (first, *rest) in WORDS.items() if any(t.count("|") != first.count("|") for t in rest)] == []


def test_every_word_that_a_template_says_is_there():
    said = set()
    for path in HERE.rglob("*"):
        if path.suffix in (".html", ".py"):
            said |= set(re.findall(r"""\bt\(\s*["']([\w.]+)["']\s*[,)]""", path.read_text()))
    assert len(said) > 100
    assert said <= WORDS.keys()


@pytest.mark.parametrize(("prefix", "kind"), [("status", Status), ("health", Health), ("type", SourceType)])
def test_every_state_has_a_word(prefix, kind):
    assert {f"{prefix}.{each}" for each in kind} <= WORDS.keys()


def test_every_icon_that_a_template_shows_is_drawn():
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (HERE / "static" / "icons.svg").read_text()))
    templates = "".join(path.read_text() for path in (HERE / "templates").glob("*.html"))
    shown = set(re.findall(r'icon\("([\w-]+)"\)', templates))
    states = {f"status-{each}" for each in Status} | {f"health-{each.lower()}" for each in Health}
    assert shown | states <= drawn


@pytest.mark.parametrize(
    ("cookie", "accepted", "language"),
    [
        (None, "", "en"),
        ("pt", "en", "pt"),
        ("xx", "pt-PT", "pt"),
        (None, "de, pt-BR;q=0.8, en;q=0.5", "pt"),
        (None, "pt;q=0, en", "en"),
        (None, "en;q=x, pt", "pt"),
        (None, "pt;q=0.2, en-GB;q=0.9", "en"),
        (None, ",;,", "en"),
    ],
)
def test_the_language_is_the_chosen_or_the_first_accepted_one(cookie, accepted, language):
    assert chosen(cookie, accepted) == language


def test_one_and_many_are_told_apart():
    t = translator("pt")
    assert t("overview.found", n=1) == "1 fonte"
    assert t("overview.found", n=2) == "2 fontes"


def test_numbers_are_written_as_the_language_does():
    en, pt = Formats("en", NOW), Formats("pt", NOW)
    assert en.number(1234567.891, 2) == "1,234,567.89"
    assert pt.number(1234567.891, 2) == f"1{GAP}234{GAP}567,89"
    assert en.number(-3) == "\N{MINUS SIGN}3"
    assert [en.short(each) for each in (3.10, 0, 100, 1e12)] == ["3.1", "0", "100", "1e+12"]
    assert pt.short(0.00123) == "0,00123"
    assert [en.compact(each) for each in (9_999, 1_234_567)] == ["9,999", f"1.2{GAP}M"]
    assert pt.compact(12_345) == f"12,3{GAP}k"
    assert en.size(1_500_000) == f"1.5{GAP}MB"
    assert en.number(None) == en.number(float("nan")) == "–"


def test_times_are_written_as_the_language_does():
    en, pt = Formats("en", NOW), Formats("pt", NOW)
    assert en.duration(3 * 3600 + 20 * 60 + 5) == f"3{GAP}h 20{GAP}min"
    assert (en.text(NOW), pt.text(NOW)) == ("24 Nov 2026, 06:00 UTC", "24 nov. 2026, 06:00 UTC")
    assert en.away(NOW - 300 * SECOND) == f"5{GAP}min ago"
    assert pt.away(NOW + 7200 * SECOND) == f"em 2{GAP}h"
    assert en.when(None) == "–"
    assert '<time datetime="2026-11-24T06:00:00Z"' in en.when(NOW)


def test_times_are_those_of_a_zone_with_its_distance_from_utc():
    zone = named("america/st johns")
    en = Formats("en", NOW, zone)
    twice = parse_iso("2025-11-02T05:00:00Z")
    assert en.text(NOW) == "24 Nov 2026, 02:30 UTC\N{MINUS SIGN}3:30"
    assert en.exact(NOW) == "24 Nov 2026, 02:30"
    assert en.exact(twice - 7200 * SECOND) == "2 Nov 2025, 00:30"
    assert [en.exact(twice - n * 1800 * SECOND) for n in (1, 0)] == [
        "2 Nov 2025, 01:00 UTC\N{MINUS SIGN}3:30",
        "2 Nov 2025, 01:30 UTC\N{MINUS SIGN}3:30",
    ]
    assert en.log_line("2026-11-24 06:00:00 - INFO - caught up") == (
        "2026-11-24 02:30:00 UTC\N{MINUS SIGN}3:30 - INFO - caught up"
    )
    assert "America/St_Johns" in en.when(NOW)
    assert en.day(EARLIEST) == "1 Jan 1", "no zone leads out of the calendar"


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("reached the start, 2026-11-01T00:00:00Z", "reached the start, 1 nov. 2026, 00:00 UTC"),
        ("next try at 2026-07-01T23:30:05Z: no.", "next try at 2 jul. 2026, 00:30:05 UTC+1: no."),
        ("from 2006-05-18T06:25:30.577283Z to", "from 18 mai. 2006, 07:25:30 UTC+1 to"),
        *(
            (kept, kept)
            for kept in (
                "503 for https://a.example/v?from=2026-07-01T00:00:00Z.",
                "asked ?from=2026-07-01T00:00:00Z",
                "the value '2026-07-01T00:00:00Z' and `2026-07-01T00:00:00Z`",
                "2026-13-41T00:00:00Z",
                "x-2026-07-01T00:00:00Z",
            )
        ),
    ],
)
def test_moments_in_sentences_are_read_in_the_zone(said, read):
    assert Formats("pt", NOW, named("Europe/Lisbon")).placed(said) == read


def test_days_without_an_hour_are_moved_by_no_zone():
    en = Formats("en", NOW, named("America/St_Johns"))
    day = parse_iso("2026-11-24")
    assert en.day(day) == "23 Nov 2026"
    assert en.dated(day, None).day(day) == "24 Nov 2026"
    assert en.dated(day, period=3600 * SECOND).zone is en.zone, "an hourly source may begin at midnight"
    assert en.dated(day, NOW).zone is en.zone
    assert en.dated(None).zone is en.zone


def test_each_setting_has_a_label():
    for form in (ApiConfig, FileConfig, Metadata):
        for name in form.model_fields.keys() - OFTEN_CHANGED:
            assert f"settings.field.{name}" in WORDS, name
