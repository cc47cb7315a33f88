"""The one import rule: ui → services → core, sources → core; only wire and cli know everything."""

import ast
from pathlib import Path

import pytest

SRC = Path(__file__).parents[1] / "src" / "console"
MAY = {
    "core": {"core"},
    "services": {"services", "core"},
    "sources": {"sources", "core"},
    "ui": {"ui", "services", "core"},
}
LAYERED = [path for path in sorted(SRC.rglob("*.py")) if path.relative_to(SRC).parts[0] in MAY]


def imports(path: Path) -> set[str]:
    """Every module a file imports, also inside functions."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: relative import"
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


@pytest.mark.parametrize("path", LAYERED, ids=lambda path: str(path.relative_to(SRC)))
def test_imports_point_one_way(path):
    layer = path.relative_to(SRC).parts[0]
    for name in imports(path):
        if name == "console" or name.startswith("console."):
            other = [*name.split("."), ""][1]
            assert other in MAY[layer] | {"__version__"}, f"{layer} must not import {name}"


@pytest.mark.parametrize("path", sorted((SRC / "core").rglob("*.py")), ids=lambda p: p.stem)
def test_core_is_standard_library_only(path):
    import sys

    for name in imports(path):
        top = name.split(".")[0]
        assert top == "console" or top in sys.stdlib_module_names, f"core imports {name}"
