"""The house: class names that are unlike in a layer, and modules that can be overlooked."""

import ast
from collections import defaultdict
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "slackwater"
MODULES = {path.relative_to(SOURCE): path for path in sorted(SOURCE.rglob("*.py"))}
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
