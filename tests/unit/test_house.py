"""The house: class names that are unlike in a layer, modules that can be overlooked, docstrings that say it shortly."""

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "slackwater"
MODULES = {path.relative_to(SOURCE): path for path in sorted(SOURCE.rglob("*.py"))}
MOST_WORDS = 15  # in the first line of a docstring: what is read at a glance
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
# Parameters that are durations, moments or sizes: a number alone does not say of what.
MEASURED = re.compile(
    "age|began|budget|deadline|delay|duration|grace|horizon|interval|length|lookback|max_upload|moment|newest|now|oldest|"
    "patience|pause|period|since|size|span|timeout|until|width"
)
UNITS = re.compile(r"µs|\bs\)|second|minute|hour|\bday|byte|point|row|record|character|UTC|line")
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


@pytest.mark.parametrize("folder", sorted({str(name.parent) for name in MODULES}))
def test_docstrings_begin_with_a_verb_and_a_short_line(folder: str) -> None:
    wrong = []
    for name, node in _documented(folder):
        first = (ast.get_docstring(node) or "").partition("\n")[0].split()
        says_what_it_does = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not _is_value(node)
        if len(first) > MOST_WORDS or (first and says_what_it_does and first[0].strip(",:.") in NO_VERBS):
            wrong.append(f"{name}:{getattr(node, 'lineno', 1)}: {' '.join(first)}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("folder", sorted({str(name.parent) for name in MODULES}))
def test_docstrings_name_the_units_of_durations_and_sizes(folder: str) -> None:
    wrong = []
    for name, node in _documented(folder):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            given = [each for each in _parameters(node) if each.arg not in ("self", "cls")]
            measured = [each.arg for each in given if MEASURED.fullmatch(each.arg) and _is_number(each)]
            said = ast.get_docstring(node)
            if said and len(given) > 1 and measured and not UNITS.search(said):
                wrong.append(f"{name}:{node.lineno}: {node.name} says no unit of {', '.join(measured)}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("folder", sorted({str(name.parent) for name in MODULES}))
def test_every_threshold_says_what_it_counts_and_why_so_much(folder: str) -> None:
    wrong = []
    for name, path in MODULES.items():
        lines = path.read_text().splitlines()
        for node in ast.parse("\n".join(lines)).body if str(name.parent) == folder else ():
            if isinstance(node, ast.Assign | ast.AnnAssign) and _is_threshold(node):
                above, beside = lines[node.lineno - 2], lines[(node.end_lineno or node.lineno) - 1]
                if not above.startswith("#") and not re.search(r"  # \S", beside):
                    wrong.append(f"{name}:{node.lineno}: {beside}")
    assert not wrong, "\n".join(wrong)


def _is_threshold(node: ast.Assign | ast.AnnAssign) -> bool:
    """Check whether a name in capitals is made of numbers: of a literal at least, and of other names in capitals."""
    target = node.targets[0] if isinstance(node, ast.Assign) else node.target
    if not isinstance(target, ast.Name) or not target.id.isupper() or node.value is None:
        return False
    parts = [each for each in ast.walk(node.value) if isinstance(each, ast.expr)]
    numbers = [each for each in parts if isinstance(each, ast.Constant) and type(each.value) in (int, float)]
    made = all(each in numbers or isinstance(each, ast.BinOp | ast.UnaryOp | ast.Name) for each in parts)
    return made and bool(numbers)


def _documented(
    folder: str,
) -> Iterator[tuple[Path, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Yield what can have a docstring in the modules of a folder."""
    for name, path in MODULES.items():
        if str(name.parent) == folder:
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                    yield name, node


def _parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.arg]:
    """Return all parameters of a function."""
    return [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]


def _is_number(parameter: ast.arg) -> bool:
    """Check whether a parameter is a bare number."""
    return parameter.annotation is not None and ast.unparse(parameter.annotation).split(" | ")[0] in ("int", "float")


def _is_value(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Say whether a function is read as a value is: then it is named after that."""
    return any("property" in ast.unparse(each) for each in node.decorator_list)
