"""The house: class names that are unlike in a layer, modules that can be overlooked, docstrings that say it shortly."""

import ast
from collections import Counter, defaultdict
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "slackwater"
MODULES = {path.relative_to(SOURCE): path for path in sorted(SOURCE.rglob("*.py"))}
MOST_WORDS = 15  # in the first line of a docstring: what is read at a glance
# Folders whose docstrings are done; the list grows.
DONE = [
    ".",
    "alerts",
    "cli",
    "cli/demo",
    "cli/sources",
    "client",
    "formats",
    "formats/payload",
    "formats/table",
    "llm",
    "model",
    "model/source",
    "pipe",
    "runtime",
    "runtime/api",
    "runtime/confinement",
    "runtime/file",
    "runtime/process",
    "store/access",
    "store/engine",
    "store/records",
    "supervise/lifecycle",
    "supervise/process",
    "supervise/run",
    "web",
    "web/api",
    "web/api/series",
    "web/console",
    "web/console/view",
    "web/console/words",
    "web/export",
    "web/security",
    "web/transport",
]
NO_VERBS = frozenset(
    [
        "A",
        "All",
        "An",
        "Any",
        "At",
        "By",
        "Each",
        "Every",
        "From",
        "How",
        "In",
        "It",
        "Its",
        "No",
        "None",
        "Of",
        "On",
        "One",
        "That",
        "The",
        "These",
        "Those",
        "This",
        "What",
        "When",
        "Where",
        "Whether",
        "Which",
        "Who",
        "Why",
    ]
)
MOST_MODULES = 20  # of a folder: what `ls` shows at a glance
NOT_YET: set[str] = set()  # folders that are to be grouped
MOST_LINES = 400  # the house rule: what is read in one sitting


def classes(path: Path) -> list[str]:
    return [node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ClassDef)]


@pytest.mark.parametrize("layer", sorted({name.parts[0] for name in MODULES if len(name.parts) > 1}))
def test_no_name_of_a_class_stands_twice_in_a_layer(layer: str) -> None:
    homes = defaultdict(list)
    for name, path in MODULES.items():
        if name.parts[0] == layer:
            for each in classes(path):
                homes[each.lstrip("_")].append(str(name))
    assert not {each: places for each, places in homes.items() if len(places) > 1}


@pytest.mark.parametrize("name", MODULES, ids=str)
def test_a_module_is_read_in_one_sitting(name: Path) -> None:
    assert len(MODULES[name].read_text().splitlines()) <= MOST_LINES


def test_a_folder_is_seen_at_a_glance() -> None:
    held = Counter(str(name.parent) for name in MODULES if not name.name.startswith("__"))
    assert {folder for folder, modules in held.items() if modules > MOST_MODULES} == NOT_YET


@pytest.mark.parametrize("folder", DONE)
def test_docstrings_begin_with_a_verb_and_a_short_line(folder: str) -> None:
    wrong = []
    for name, path in MODULES.items():
        if str(name.parent) != folder:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            first = (ast.get_docstring(node) or "").partition("\n")[0].split()
            says_what_it_does = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not _is_value(node)
            if len(first) > MOST_WORDS or (first and says_what_it_does and first[0].strip(",:.") in NO_VERBS):
                wrong.append(f"{name}:{getattr(node, 'lineno', 1)}: {' '.join(first)}")
    assert not wrong, "\n".join(wrong)


def _is_value(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Say whether a function is read as a value is: then it is named after that."""
    return any("property" in ast.unparse(each) for each in node.decorator_list)
