"""Write the generated parts of the docs; `--check` only says what is out of date. Called by `make docs` and the tests.

A part stands between `<!-- generated: NAME -->` and `<!-- end -->`.
"""

import ast
import re
import sys
from collections.abc import Callable
from pathlib import Path

from slackwater.model.status import TRANSITIONS, Status

DOCS = Path(__file__).parent
SOURCE = DOCS.parent / "src" / "slackwater"


def layout() -> str:
    """Every module with the first line of its docstring."""
    rows = ["| module | what it is |", "| --- | --- |"]
    for path in sorted(SOURCE.rglob("*.py"), key=lambda path: (path.parent != SOURCE, str(path))):
        told = ast.get_docstring(ast.parse(path.read_text()))
        if told and path.name != "__main__.py" and "migrations" not in path.parts:
            name = str(path.relative_to(SOURCE)).replace("/__init__.py", "/")
            rows.append(f"| `{name}` | {told.splitlines()[0].rstrip('.')} |")
    return "\n".join(rows)


def states() -> str:
    """The status machine as a Mermaid diagram, from the one table."""
    lines = ["```mermaid", "stateDiagram-v2", "    [*] --> pending: generate"]
    merged: dict[tuple[Status, Status], list[str]] = {}
    for (status, event), target in TRANSITIONS.items():
        merged.setdefault((status, target), []).append(event.value)
    lines += [f"    {status} --> {target}: {' / '.join(events)}" for (status, target), events in merged.items()]
    return "\n".join([*lines, "```"])


PARTS: dict[str, Callable[[], str]] = {"layout": layout, "states": states}


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
