"""Plain words, and one noun for one thing: on pages, in messages, in docstrings and in what a state's data says.

The list is `words.toml`; nouns that are not used, since another one is, stand in the glossary behind *Not*. British
and misspelled words are codespell's to find (`make lint`).
"""

import re
import tomllib
from pathlib import Path

import pytest

from clearscale.relief import OUTCOMES
from clearscale.runs.charges.tabling import CHARGE_TABLE, DUE_TABLE, LACKING_TABLE
from clearscale.runs.crosstabs import CONVICTION_KEYS, PEOPLE_KEYS
from tests.support.pages import ROOT, without_blocks

from .test_docs import PAGES, name_of

WORDS = tomllib.loads((Path(__file__).parent / "words.toml").read_text("utf-8"))
GLOSSARY = (ROOT / "docs/glossary.md").read_text("utf-8")
ENTRIES = re.findall(r"^## (.*)$", GLOSSARY, re.MULTILINE)
NOUNS = {
    other.strip(): entry.partition("\n")[0]
    for entry in GLOSSARY.split("\n## ")[1:]
    for found in re.findall(r"\*Not: (.*?)\.\*", entry)
    for other in found.split(",")
}
"""Nouns that are not used, and the one that is."""

SOURCES = sorted(
    path
    for folder in (
        "clearscale",
        "kernels/clearscale_kernels",
        "cluster",
        "bench/clearscale_bench",
        "scripts",
        "docs",
    )
    for path in (ROOT / folder).rglob("*")
    if path.suffix in (".py", ".toml", ".j2", ".typ", ".sh", ".yaml", ".js", ".css") and path.is_file()
)

EVERYDAY = {"age", "class", "level", "missing", "offense", "race", "sex", "year"}
"""Columns whose names mean what they mean anywhere."""


def pattern(words: dict[str, str]) -> re.Pattern[str]:
    """What finds any of these words, wherever a word begins and ends."""
    every = (re.escape(word).replace(r"\*", r"\w*").replace(r"\ ", r"\s+") for word in words)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(every)})(?![\w-])", re.IGNORECASE)


def told(text: str) -> str:
    """What a page says in words of its own: without blocks, code, targets of links, comments and *Not*."""
    return re.sub(r"<!--.*?-->|`[^`\n]*`|\]\([^)]*\)|\*Not: .*?\.\*", "", without_blocks(text), flags=re.DOTALL)


def where(found: re.Match[str], text: str, name: str) -> str:
    return f"{name}, line {text.count(chr(10), 0, found.start()) + 1}: {found[0]!r}"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_pages_say_it_plainly(page: Path) -> None:
    text = told(page.read_text("utf-8"))
    found = [
        where(match, text, page.name)
        for match in pattern({**WORDS["plain"], **WORDS["people"], **NOUNS}).finditer(text)
    ]
    assert not found, f"{found}: tests/project/words.toml and docs/glossary.md say what to write"


def test_sources_and_messages_say_it_plainly() -> None:
    words = pattern({**WORDS["plain"], **WORDS["people"]})
    texts = ((str(path.relative_to(ROOT)), path.read_text("utf-8")) for path in SOURCES)
    found = [where(match, text, name) for name, text in texts for match in words.finditer(text)]
    assert not found, "tests/project/words.toml says what to write"


def test_the_list_finds_what_it_is_for() -> None:
    words = pattern({**WORDS["plain"], **NOUNS})
    for text in ("We utilize it.", "in order\nto", "An anomaly,", "Of course not", "etc."):
        assert words.search(text), text
    for text in ("utility", "reordered to", "simplyfy", "a of courses"):
        assert not words.search(text), text


def test_the_glossary_has_each_word_once_in_order() -> None:
    assert sorted({entry.lower() for entry in ENTRIES}, key=lambda entry: entry.replace("-", " ")) == [
        entry.lower() for entry in ENTRIES
    ]
    assert not {noun for noun in NOUNS if noun.capitalize() in ENTRIES}, "a noun cannot be and not be used"


def test_every_outcome_is_in_the_glossary() -> None:
    entries = {entry.lower().replace(" ", "-") for entry in ENTRIES}
    similar = {"dismiss": "dismissal", "reduce": "reduction"}
    assert {similar.get(name, name) for name in OUTCOMES} <= entries


def test_what_runs_count_by_is_in_the_glossary() -> None:
    entries = {entry.lower() for entry in ENTRIES}
    for name in (*CONVICTION_KEYS, *PEOPLE_KEYS, *CHARGE_TABLE.names, *LACKING_TABLE.names, *DUE_TABLE.names):
        singular = {"people": "person"}.get(name, name.removesuffix("s"))
        assert {name, singular} & (entries | EVERYDAY), f"docs/glossary.md has no entry on {name!r}"
