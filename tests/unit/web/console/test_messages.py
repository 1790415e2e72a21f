"""What requests and reading say to people is there in Portuguese: each sentence in the code has its template."""

import ast
import errno
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

import slackwater
from slackwater.alerts.deliver import why_unreachable
from slackwater.formats.time_forms import FORMS
from slackwater.model.instants import parse_iso
from slackwater.web.console.view.log_lines import translated
from slackwater.web.console.view.plain_terms import example_of, form_in_words, form_with_example, names_a_setting, plain
from slackwater.web.console.view.render import begun
from slackwater.web.console.words import translator
from slackwater.web.console.words.messages import rejected, said
from slackwater.web.console.words.messages_earlier import EARLIER

ROOT = Path(slackwater.__file__).parent
RAISED = frozenset({"Fault", "BadSource", "Refused", "OutOfReach", "Transient", "Question"})
PLACES = ["supervise/http", "supervise/run", "runtime/api", "formats", "discover"]
# Faults of a declaration: who writes one by hand reads English names anyway.
DECLARED = ("runtime/api/time_filters.py", "runtime/api/wrapper.py")
OWN = ("{} must be at least 1, not {}.",)
# Parts of these come from the code as sentences of their own, so that the catalogue has them in several forms.
COMPOSED = (
    "Just {}, and no second page was found: ",
    "The times in {} stand twice in the hour in which clocks go back, and the rows are in no order, ",
    "date_format: {}",
    "no column holds times that can be recognised; ",
    "{} What can be given in source_config: {}.",
)


def _sentences(place: str) -> Iterator[str]:
    for path in sorted((ROOT / place).rglob("*.py")):
        if path.relative_to(ROOT).as_posix() in DECLARED:
            continue
        for call in ast.walk(ast.parse(path.read_text())):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in RAISED:
                yield from filter(None, map(_template, call.args))


def _template(node: ast.expr) -> str | None:
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value else None


@pytest.mark.parametrize("place", PLACES)
def test_every_sentence_has_its_translation(place: str) -> None:
    sentences = {
        each for each in _sentences(place) if each.strip("{} :.") and each not in OWN and not each.startswith(COMPOSED)
    }
    assert sentences
    assert not {each for each in sentences if not any(map(_known, _filled(each)))}


def _known(sentence: str) -> bool:
    return said(sentence, language="pt") != sentence


def _filled(template: str) -> tuple[str, str]:
    """Return a sentence with all of its parts, and without those that are glued to a word: they may be empty."""
    return template.replace("{}", "X1"), re.sub(r"(?<=[a-z])\{\}", "", template).replace("{}", "X1")


LOGGED = ("note", "line", "lines", "text", "event")  # names of what is put into a log


def _logged() -> Iterator[str]:
    """Yield the templates of what lifecycle and runs write into the log of a source."""
    for path in (*(ROOT / "supervise/lifecycle").glob("*.py"), ROOT / "supervise/run/intake.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            written: list[ast.expr] = []
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in ("say", "add_event"):
                written = node.args
            elif isinstance(node, ast.keyword) and node.arg == "note":
                written = [node.value]
            elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in LOGGED:
                written = node.value.elts if isinstance(node.value, ast.List) else [node.value]
            for each in written:
                if isinstance(each, ast.IfExp):
                    written += [each.body, each.orelse]
                elif isinstance(each, ast.JoinedStr) or (
                    isinstance(each, ast.Constant) and isinstance(each.value, str)
                ):
                    yield _template(each) or str(ast.literal_eval(each))


def test_what_the_service_writes_into_a_log_is_told_in_portuguese() -> None:
    logged = {each for each in _logged() if each not in ("WARNING", "INFO", "ERROR") and each.strip("{}: ")}
    assert {"stopped", "given up: {}", "module ready", "checkpoint deleted"} <= logged
    for template in logged:
        text = f"2026-01-31 08:00:00 - INFO - {template.replace('{}', 'X1')}"
        assert translated(text, language="pt") != text, template
        assert translated(text, language="en") == text
    finished = "2026-01-31 08:00:00 - INFO - Run finished: 1,200 new, 0 changed, 0 rejected points; {} in 0.5 s."
    assert translated(finished.format("1 request"), language="pt").endswith("; 1 pedido em 0.5 s.")
    assert translated(finished.format("1,200 requests"), language="pt").endswith("; 1,200 pedidos em 0.5 s.")
    kept = "2026-01-31 08:00:00 - INFO - [stdout] stopped"
    assert translated(kept, language="pt") == kept


def test_forms_of_dates_and_fields_are_told_in_words() -> None:
    question = "the times in column 'a_b' can be read as %d/%m/%Y or %m/%d/%Y %H:%M; give date_format"
    assert plain(question, "en") == (
        "the times in column 'a_b' can be read as day/month/year or month/day/year hour:minute; give “Date format”"
    )
    assert plain("Check location in source_config. Its `date_format` and location stay.", "en") == (
        "Check “Address” in the settings. Its `date_format` and location stay."
    )
    assert plain("Corrija paging ou page_param.", "pt") == "Corrija “Como dá as páginas” ou “Parâmetro da página”."
    assert plain("The source answered 404. Correct location, or give a location that answers.", "en") == (
        "The source answered 404. Correct “Address”, or give a location that answers."
    )
    assert plain("Location must be a URL. Give the URL of a list in location.", "en") == (
        "“Address” must be a URL. Give the URL of a list in “Address”."
    )
    t = translator("en")
    assert [form_with_example(each, t, "4 March 2021") for each in ("%m/%d/%Y", "%b %d, %Y", "week", "#x")] == [
        "month/day/year: 03/04/2021 → 4 March 2021",
        "month (name) day, year",
        "year and week",
        "#x",
    ]
    assert [example_of(each) for each in ("%m/%d/%Y", "%d.%m.%y", "%Y")] == [
        parse_iso("2021-03-04"),
        parse_iso("2021-04-03"),
        None,
    ]


@pytest.mark.parametrize("form", sorted(FORMS))
def test_every_form_of_dates_has_words(form: str) -> None:
    told = form_in_words(form, translator("pt"))
    assert told != form
    assert "%" not in told


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("The source answered 404 for /v1. Check location in source_config.", True),
        ("There is nothing at `items` in the source's answer. Correct records_path.", True),
        ("The source answered 503 for /v1.", False),
        ("No record can be read, the first because `date_format` is no field.", False),
    ],
)
def test_an_error_that_names_a_setting_leads_to_the_settings(text: str, named: bool) -> None:
    assert names_a_setting(text) is named


def test_a_part_that_is_a_sentence_is_translated_too() -> None:
    assert said("Cannot connect to 127.0.0.1:9: connection refused.", language="pt") == (
        "Não é possível ligar a 127.0.0.1:9: a ligação foi recusada."
    )
    assert said("Cannot connect to x:1 through the proxy p:2: no answer.", language="pt").endswith("não há resposta.")


@pytest.mark.parametrize("before", EARLIER)
def test_what_a_store_holds_in_the_words_of_before_is_translated_too(before: str) -> None:
    filled = [template.replace("{}", "X1") for template in (before, EARLIER[before])]
    assert said(filled[0], language="pt") == said(filled[1], language="pt") not in filled


def test_what_a_page_has_joined_is_translated_part_by_part() -> None:
    text = "The source answered 404 for /v1. Check location in source_config. · próxima consulta em 3 h"
    assert said(text, language="pt").endswith("em source_config. · próxima consulta em 3 h")
    assert "The source" not in said(text, language="pt")


def test_the_console_says_source_where_the_api_says_wrapper() -> None:
    assert said("Wrapper not found", language="en") == "Source not found"
    assert said("Execution error: Wrapper not found", language="en") == "Execution error: Source not found"
    told = said(
        "No record can be read, the first because `wrapper` is a resource. Correct the wrapper's fields.", language="en"
    )
    assert told == "No record can be read, the first because `wrapper` is a resource. Correct the source's fields."


def test_why_a_receiver_cannot_be_reached_is_told_in_words() -> None:
    error = httpx.ConnectError("All connection attempts failed")
    error.__cause__ = ConnectionRefusedError(errno.ECONNREFUSED, "Connect call failed")
    told = f"The receiver cannot be reached: {why_unreachable(error)}."
    assert told == "The receiver cannot be reached: connection refused."
    assert said(told, language="pt") == "Não é possível chegar ao destinatário: a ligação foi recusada."


def test_a_sentence_begins_with_a_great_letter_but_a_name_does_not() -> None:
    assert begun("the times in column 'day' fit") == "The times in column 'day' fit"
    assert begun("paging cannot be used") == "paging cannot be used"


def _reasons() -> set[str]:
    """Return the templates of all reasons for which rows of files and records of APIs are rejected."""
    found: set[str] = set()
    for path in (*(ROOT / "runtime/file").glob("*.py"), ROOT / "runtime/api/records.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("rejects.add", "faults.setdefault"):
                found.add(_template(node.args[1]) or "")
            if isinstance(node, ast.FunctionDef) and node.name == "_no_time":
                found |= {_template(each.value) or "" for each in ast.walk(node) if isinstance(each, ast.Return)}  # type: ignore[arg-type]
    return found


def test_every_reason_of_a_rejected_row_is_told_in_portuguese() -> None:
    reasons = _reasons()
    assert len(reasons) > 8
    for reason in reasons:
        text = f"row 12: {reason.replace('{}', 'X1')}"
        told = rejected(text, language="pt")
        assert told.startswith("linha 12: ")
        assert told.removeprefix("linha 12: ") != text.removeprefix("row 12: "), reason
        assert rejected(text, language="en") == text
    assert rejected("record 3: `a b` is 'x is y', which is not a number", language="pt") == (
        "registo 3: `a b` é 'x is y', que não é um número"
    )
    assert rejected("(1, 'x'): what a module has raised", language="pt") == "(1, 'x'): what a module has raised"
