"""Write the generated parts of the docs; `--check` only says what is out of date. Called by `make docs` and the tests.

A part stands between `<!-- generated: NAME -->` and `<!-- end -->`.
"""

import ast
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from slackwater.cli.options import settings_table
from slackwater.model.source.config import ApiConfig, FileConfig
from slackwater.model.status import TRANSITIONS, Status

DOCS = Path(__file__).parent
SOURCE = DOCS.parent / "src" / "slackwater"


def layout() -> str:
    """Return the table of folders: what each does, by its docstring, and the modules in it."""
    rows = ["| folder | what it does | modules |", "| --- | --- | --- |"]
    for package in sorted(SOURCE.rglob("__init__.py"), key=lambda path: path.parent.parts):
        folder = package.parent
        if "migrations" in folder.parts:
            continue
        said = (ast.get_docstring(ast.parse(package.read_text())) or "").splitlines()[0].rstrip(".")
        names = sorted(path.stem for path in folder.glob("*.py") if not path.name.startswith("__"))
        where = "src/slackwater" if folder == SOURCE else str(folder.relative_to(SOURCE))
        rows.append(f"| `{where}/` | {said} | {' '.join(f'`{name}`' for name in names)} |")
    return "\n".join(rows)


def states() -> str:
    """The status machine as a Mermaid diagram, from the one table."""
    lines = ["```mermaid", "stateDiagram-v2", "    [*] --> pending: generate"]
    merged: dict[tuple[Status, Status], list[str]] = {}
    for (status, event), target in TRANSITIONS.items():
        merged.setdefault((status, target), []).append(event.value)
    lines += [f"    {status} --> {target}: {' / '.join(events)}" for (status, target), events in merged.items()]
    return "\n".join([*lines, "```"])


ABSENT = frozenset(
    {
        "api_key",
        "bearer_token",
        "username",
        "password",
        "series_name",
        "start",
        "lookback",
        "recheck",
        "schedule",
        "stall_seconds",
        "run_seconds",
    }
)
"""Fields that nothing is found out for."""


def fields(form: type[BaseModel]) -> str:
    """The fields of a `source_config`: what they hold, what is taken without them, what they mean."""
    rows = ["| field | type | default | meaning |", "| --- | --- | --- | --- |"]
    schema = form.model_json_schema()
    for name, told in schema["properties"].items():
        default = told.get("default")
        if name in schema["required"]:
            said = "required"
        elif name == "skip_totals":
            said = "`true`"
        elif default is None and told.get("type") != "object":
            said = "none" if name in ABSENT else "detected"
        else:
            said = "none" if default is None else f"`{default if isinstance(default, str) else json.dumps(default)}`"
        rows.append(f"| `{name}` | {kind(told)} | {said} | {told['description']} |")
    return "\n".join(rows)


def kind(told: dict[str, Any]) -> str:
    """What a value is, from its JSON schema."""
    if "anyOf" in told:
        return ", or ".join(dict.fromkeys(kind(each) for each in told["anyOf"] if each.get("type") != "null"))
    if words := told.get("enum") or ([told["const"]] if "const" in told else None):
        return " ".join(f"`{word}`" for word in words)
    least, most = told.get("minimum"), told.get("maximum")
    bounds = f", {least} to {most}" if None not in (least, most) else f" from {least}" if least is not None else ""
    names = {"string": "text", "integer": f"whole number{bounds}", "array": "list", "object": "object"}
    return names.get(told["type"], told["type"])


PARTS: dict[str, Callable[[], str]] = {
    "layout": layout,
    "settings": settings_table,
    "states": states,
    "file_fields": lambda: fields(FileConfig),
    "api_fields": lambda: fields(ApiConfig),
}


def filled(text: str) -> str:
    """Return a document with its generated parts as they should be."""

    def part(match: re.Match[str]) -> str:
        return f"{match[1]}\n{PARTS[match[2]]()}\n{match[3]}"

    return re.sub(r"(<!-- generated: (\w+) -->)\n.*?\n?(<!-- end -->)", part, text, flags=re.DOTALL)


def outdated() -> list[Path]:
    """Return the documents whose generated parts are not as they should be."""
    return [path for path in sorted(DOCS.rglob("*.md")) if filled(path.read_text()) != path.read_text()]


if __name__ == "__main__":
    stale = outdated()
    if "--check" in sys.argv:
        sys.exit(f"out of date: {', '.join(map(str, stale))}; run make docs" if stale else 0)
    for document in stale:
        document.write_text(filled(document.read_text()))
        sys.stdout.write(f"written: {document}\n")
