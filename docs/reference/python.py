"""Write `docs/reference/python.md` from the docstrings of what is public.

Run it after a docstring or a signature has changed: `python docs/reference/python.py`.
"""

import inspect
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from docstring_parser import Docstring, DocstringParam, DocstringStyle, parse

import clearscale
import clearscale_cluster
from clearscale.charges.tables import Cases, Charges, Offense, People, Tables, Words
from clearscale.histories.candidates import CandidateTables
from clearscale.histories.dictionaries import Dictionaries
from clearscale.store.charge_manifest import ChargeFile, ChargeManifest
from clearscale.store.manifest import ExtractEntry, Manifest
from clearscale.whatif.explain import ConditionAnswer, MissingDate, PossibleOutcome, RuleAnswer

REFERENCE = Path(__file__).parent
PAGE = REFERENCE / "python.md"

HEAD = """<!-- Written by docs/reference/python.py from docstrings: change those, and run it. -->
<!-- On the site, what stands under a heading with such a comment comes from mkdocstrings (docs/site/hooks.py). -->

# Python interface"""
WIDTH = 100
"""Characters of a signature's line."""

LED_TO = {
    clearscale.Store: (Manifest, ExtractEntry, CandidateTables, Dictionaries),
    clearscale.ChargeStore: (ChargeManifest, ChargeFile, Tables, Charges, Cases, People, Words, Offense),
    clearscale.Explanation: (RuleAnswer, ConditionAnswer, MissingDate, PossibleOutcome),
}
"""Classes that only results lead to, after the one that does."""

FOR_READERS = {
    Dictionaries: ("code", "array"),
    clearscale.Server: ("url",),
    clearscale.Policy: (),
    clearscale.Rule: (),
}
"""Of classes that do more inside: what is meant for those who read or serve."""


def public() -> dict[str, list[Any]]:
    """List what the page describes, by heading, in order."""
    offered = [getattr(clearscale, name) for name in clearscale.__all__ if not name.startswith("_")]
    classes = [thing for thing in offered if inspect.isclass(thing) and not issubclass(thing, Exception)]
    cluster = [getattr(clearscale_cluster, name) for name in clearscale_cluster.__all__]
    return {
        "Functions": [thing for thing in offered if inspect.isfunction(thing)],
        "Classes": [shown for thing in classes for shown in (thing, *LED_TO.get(thing, ()))],
        "Errors": [thing for thing in offered if inspect.isclass(thing) and issubclass(thing, Exception)],
        "Where work runs": [
            *(thing for thing in cluster if inspect.isfunction(thing)),
            *(thing for thing in cluster if inspect.isclass(thing)),
        ],
    }


def members(cls: type) -> dict[str, Any]:
    """List the public methods and properties of a class, and of ours that it is made from, in order."""
    ours = [base for base in reversed(cls.__mro__) if base.__module__.partition(".")[0].startswith("clearscale")]
    return {
        name: value
        for name, value in {name: value for base in ours for name, value in vars(base).items()}.items()
        if name in FOR_READERS.get(cls, (name,))
        and not name.startswith("_")
        and (inspect.isfunction(value) or isinstance(value, property) or hasattr(value, "attrname"))
    }


def described(thing: Any) -> Docstring:
    """Parse a docstring into its parts."""
    return parse(inspect.getdoc(thing) or "", DocstringStyle.NUMPYDOC)


def page() -> str:
    """Write the whole page."""
    module = described(clearscale)
    parts = [HEAD, *_prose(module), *_examples(clearscale)]
    for heading, things in public().items():
        parts.append(f"## {heading}")
        if heading == "Errors":
            parts.append("All have a message for people: what was wrong, where, and what to do.")
            parts.append(
                _table(("Error", "When"), [(f"`clearscale.{e.__name__}`", e.__doc__ or "") for e in things])
            )
            continue
        for thing in things:
            parts += _class(thing) if inspect.isclass(thing) else _function(thing, thing.__name__, "###")
    return "\n\n".join(parts) + "\n"


def _function(function: Any, name: str, level: str) -> Iterator[str]:
    """Describe a function or method, under a heading."""
    parts = described(function)
    yield f"{level} `{name}`"
    yield _marker(function)
    yield f"```python\n{_signature(function, name)}\n```"
    yield from _prose(parts)
    if level == "###" and f"\n## clearscale {name}\n" in (REFERENCE / "commands.md").read_text("utf-8"):
        yield f"On the command line: [`clearscale {name}`](commands.md#clearscale-{name})."
    yield from _facts(parts, "Parameter")
    yield from _examples(function)


def _class(cls: type) -> Iterator[str]:
    parts = described(cls)
    yield f"### Class `{cls.__name__}`"
    yield _marker(cls, *(name for name, value in members(cls).items() if not inspect.isfunction(value)))
    if any(param.args[0] == "param" for param in parts.params):  # otherwise nobody but clearscale makes one
        yield f"```python\n{_signature(cls, cls.__name__)}\n```"
    yield from _prose(parts)
    rows = [_row(param) for param in parts.params if param.args[0] == "attribute"]
    for name, value in members(cls).items():
        if not inspect.isfunction(value):
            getter = value.fget if isinstance(value, property) else value.func
            rows.append((f"`{name}`", _type(getter), _joined(inspect.getdoc(value) or "")))
    if rows:
        yield _table(("Attribute", "Type", "Meaning"), rows)
    yield from _facts(parts, "Parameter")
    yield from _examples(cls)
    for name, value in members(cls).items():
        if inspect.isfunction(value):
            yield from _function(value, f"{cls.__name__}.{name}", "####")


def _marker(thing: Any, *properties: str) -> str:
    """Say where the object is, and which properties to show, for the site, which makes the page by itself."""
    return f"<!-- ::: {' '.join((f'{thing.__module__}.{thing.__qualname__}', *properties))} -->"


def _facts(parts: Docstring, title: str) -> Iterator[str]:
    """List parameters, results and errors."""
    rows = [_row(param) for param in parts.params if param.args[0] == "param"]
    if rows:
        yield _table((title, "Type", "Meaning"), rows)
    for result in parts.many_returns:
        word = "Yields" if result.is_generator else "Returns"
        yield f"{word} {_link(result.type_name or '')}: {_joined(result.description or '')}"
    if parts.raises:
        yield _table(("Raises", "When"), [(f"`{e.type_name}`", _joined(e.description or "")) for e in parts.raises])


def _row(param: DocstringParam) -> tuple[str, str, str]:
    names = ", ".join(f"`{name.strip()}`" for name in param.arg_name.split(","))
    kind = param.type_name or ""
    if param.default is not None:
        kind += f", default {param.default}"
    elif param.is_optional:
        kind += ", optional"
    return names, kind, _joined(param.description or "")


def _type(getter: Any) -> str:
    """Name what a property gives, as its annotation says."""
    found = inspect.formatannotation(inspect.signature(getter, eval_str=True).return_annotation)
    return re.sub(r"[\w.]+\.", "", found)


def _link(kind: str) -> str:
    names = {thing.__name__ for things in public().values() for thing in things if inspect.isclass(thing)}
    return f"[`{kind}`](#class-{kind.lower()})" if kind in names else f"`{kind}`"


def _signature(thing: Any, name: str) -> str:
    """Write the call, without types: a table has them."""
    plain = [
        parameter.replace(annotation=inspect.Parameter.empty)
        for parameter in inspect.signature(thing).parameters.values()
        if parameter.name != "self"
    ]
    words = str(inspect.Signature(plain))[1:-1].split(", ") if plain else []
    lines, line = [], f"{name}("
    for place, word in enumerate(words):
        word += "," if place < len(words) - 1 else ""
        if len(line) + len(word) > WIDTH:
            lines.append(line.rstrip())
            line = "    "
        line += f"{word} "
    return "\n".join([*lines, f"{line.rstrip()})"])


def _prose(parts: Docstring) -> Iterator[str]:
    if parts.short_description:
        yield _joined(parts.short_description)
    for paragraph in (parts.long_description or "").split("\n\n"):
        if paragraph:
            yield _joined(paragraph)


def _examples(thing: Any) -> Iterator[str]:
    """Return the examples as they stand: a parser would take results apart from what gives them."""
    _, found, text = (inspect.getdoc(thing) or "").partition("Examples\n--------\n")
    for piece in text.split("\n\n") if found else ():
        yield f"```pycon\n{piece}\n```" if piece.startswith(">>>") else _joined(piece)


def _joined(text: str) -> str:
    """Write a paragraph in one line, with pages that it names as links."""
    return re.sub(r"`docs/(\w+/([\w-]+)\.md)`", r"[\2](../\1)", " ".join(text.split()))


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [" | ".join(cell.replace("|", "\\|") for cell in line) for line in (heads, *rows)]
    return "\n".join([f"| {lines[0]} |", "|---" * len(heads) + "|", *(f"| {line} |" for line in lines[1:])])


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
