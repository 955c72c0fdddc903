"""Variables and arguments say what they are: none is called `each`."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("clearscale", "kernels", "cluster", "bench", "tests", "scripts", "docs")


def lines_with_each(tree: ast.Module) -> Iterator[int]:
    """Yield the lines in which a variable or an argument gets the name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            name = node.id
        elif isinstance(node, ast.arg):
            name = node.arg
        else:
            continue
        if name == "each":
            yield node.lineno


def test_no_variable_is_called_each() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*.py"))
        for line in lines_with_each(ast.parse(path.read_text("utf-8")))
    ]
    assert not found, "\n".join(["a name should say what `each` is:", *found])


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("\nfor each in charges:\n    each.close()", [2]),
        ("[each for each in charges]", [1]),
        ("{name: each for name, each in counties.items()}", [1]),
        ("sorted(charges, key=lambda each: each.day)", [1]),
        ("def text_of(charge, *,\n    each=1): ...", [2]),
        ("each = 1", [1]),
        ("# each\n'each'\ncharge.each = print(each, each=1)", []),
    ],
)
def test_a_variable_called_each_is_found(code: str, lines: list[int]) -> None:
    assert [*lines_with_each(ast.parse(code))] == lines
