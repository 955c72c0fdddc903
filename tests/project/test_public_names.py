"""What `import clearscale` offers: every name is found by Tab, by type checkers and by those who use it."""

import ast
import subprocess
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import pytest

import clearscale

HEAVY = ("numpy", "pyarrow", "numba", "dask", "distributed", "typer", "rich", "importlib.metadata")


def test_type_checkers_see_the_names_that_are_loaded_when_used() -> None:
    tree = ast.parse(Path(clearscale.__file__).read_text("utf-8"))
    (guarded,) = [node for node in tree.body if isinstance(node, ast.If)]
    seen = {}
    for node in guarded.body:
        assert isinstance(node, ast.ImportFrom)
        for alias in node.names:
            assert alias.asname == alias.name  # otherwise a type checker takes the name for private
            seen[alias.name] = node.module
    assert seen == clearscale._HOMES


@pytest.mark.parametrize("name", clearscale.__all__)
def test_each_name_is_defined_where_the_table_says(name: str) -> None:
    found = getattr(clearscale, name)
    assert getattr(import_module(f"clearscale.{clearscale._HOMES[name]}"), name) is found
    if name != "__version__":
        assert found.__module__ == f"clearscale.{clearscale._HOMES[name]}"


def test_tab_shows_the_names_and_nothing_else() -> None:
    assert dir(clearscale) == sorted(clearscale.__all__)


def test_the_version_is_that_of_the_distribution() -> None:
    assert clearscale.__version__ == version("clearscale")


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'clearscale' has no attribute 'decide'"):
        clearscale.decide  # type: ignore[attr-defined]  # noqa: B018


def test_the_import_loads_nothing_that_takes_time() -> None:
    code = f"import sys, clearscale; dir(clearscale); print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
