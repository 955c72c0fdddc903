"""Docstrings of what is public: complete, true, and what the reference page says."""

import dataclasses
import doctest
import inspect
import json
import runpy
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from docstring_parser import DocstringStyle, parse

from clearscale.commands.demo import options
from clearscale.formats import load_map
from clearscale.synth import fabricate, fabricate_charges

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "docs/reference/python.py"
SCRIPT = runpy.run_path(str(SOURCE))
PACKAGES = (ROOT / "clearscale", ROOT / "cluster/clearscale_cluster")

FIRST, LAST = ("clearscale.api.stores", "clearscale.api.runs", "clearscale.api.whatif"), ("clearscale",)
"""Modules whose examples make what those of others open, and the one whose examples come last."""


def described() -> Iterator[tuple[str, Any]]:
    """Everything that the page has, and the methods of its classes."""
    for things in SCRIPT["public"]().values():
        for thing in things:
            yield thing.__name__, thing
            if inspect.isclass(thing):
                for name, value in SCRIPT["members"](thing).items():
                    yield f"{thing.__name__}.{name}", value


THINGS = dict(described())
CALLED = {name: thing for name, thing in THINGS.items() if inspect.isfunction(thing)}
DATA = {name: thing for name, thing in THINGS.items() if dataclasses.is_dataclass(thing)}


def named(thing: Any, kind: str) -> list[str]:
    """Names under `Parameters` or `Attributes`."""
    params = parse(inspect.getdoc(thing) or "", DocstringStyle.NUMPYDOC).params
    return [name.strip() for param in params if param.args[0] == kind for name in param.arg_name.split(",")]


def test_the_page_is_what_the_docstrings_say() -> None:
    """Asked in a process of its own: tests give functions other defaults, such as more time."""
    code = "import runpy, sys; sys.stdout.write(runpy.run_path(sys.argv[1])['page']())"
    command = [sys.executable, "-X", "utf8", "-c", code, str(SOURCE)]
    written = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True).stdout
    assert SOURCE.with_suffix(".md").read_text("utf-8") == written, "run `python docs/reference/python.py`"


@pytest.mark.parametrize("name", THINGS)
def test_everything_says_in_a_line_what_it_is(name: str) -> None:
    first, *rest = (inspect.getdoc(THINGS[name]) or "").splitlines()
    assert first.endswith(".")
    assert not rest or not rest[0], "an empty line follows the first"


@pytest.mark.parametrize("name", CALLED)
def test_every_parameter_and_result_is_described(name: str) -> None:
    signature = inspect.signature(CALLED[name], eval_str=False)
    expected = [parameter for parameter in signature.parameters if parameter != "self"]
    assert named(CALLED[name], "param") == expected
    results = parse(CALLED[name].__doc__, DocstringStyle.NUMPYDOC).many_returns
    assert bool(results) == (signature.return_annotation not in (None, "None"))


@pytest.mark.parametrize("name", DATA)
def test_every_field_is_described(name: str) -> None:
    fields = [field.name for field in dataclasses.fields(DATA[name]) if not field.name.startswith("_")]
    assert named(DATA[name], "attribute") == fields


def modules_with_examples() -> list[ModuleType]:
    """In an order in which each finds what it opens."""
    found = []
    for package in PACKAGES:
        for path in package.rglob("*.py"):
            if ">>> " in path.read_text("utf-8"):
                parts = path.relative_to(package.parent).with_suffix("").parts
                found.append(".".join(parts).removesuffix(".__init__"))
    order = {name: place for place, name in enumerate(FIRST)} | dict.fromkeys(LAST, len(found))
    return [import_module(name) for name in sorted(found, key=lambda name: (order.get(name, len(FIRST)), name))]


def test_examples_do_what_they_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    fabricate("extracts", counties=2, people=20, seed=1)
    fabricate_charges("charges", load_map("il-cook-clerk"), people=5, seed=1)
    Path("policy.json").write_text(json.dumps(options()), "utf-8")
    runner, finder, told = doctest.DocTestRunner(), doctest.DocTestFinder(exclude_empty=True), []
    for module in modules_with_examples():
        for test in sorted(finder.find(module), key=lambda test: test.lineno or 0):
            runner.run(test, out=told.append)
    assert runner.summarize(verbose=False).attempted > 40
    assert not told, "".join(told)
