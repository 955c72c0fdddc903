"""Writes a page for each state from the data of its folder: `python docs/states/pages.py`."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from clearscale.formats import ColumnMap, load_map
from clearscale.formats.column_map import DATES, YES_NO
from clearscale.law import State, state, state_names
from clearscale.law.published import published
from clearscale.law.states import IN_USE
from clearscale.policy.language import CONFIDENCES
from clearscale.policy.pages import NO_ADVICE
from clearscale.relief.packs import packs

FOLDER = Path(__file__).parent
_ASKED = ("person", "sex", "race", "court", "level", "class", "description", "birth_date", *DATES, *YES_NO)
"""What a format may lack, and a policy or a table may ask for."""

_SIGNS = {"\t": "tab", ",": "comma", "|": "vertical bar", "~": "tilde"}
_HEADERS = {"each": "each file", "first": "the first of several chunks", "none": "none, columns by position"}


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return ["| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *rows)]


def _code(text: str) -> str:
    return f"`{text}`"


def slug(name: str) -> str:
    """The name of a state's page, without its ending."""
    return name.replace("_", "-")


def _formats(of: State) -> Iterator[str]:
    yield from ("## Formats", "")
    maps = [load_map(name) for name in of.maps]
    rows = []
    for stated in maps:
        form, dates = stated.form, stated.document.get("dates", {}).get("formats", ())
        separator = _SIGNS.get(form.separator, form.separator)
        rows.append(
            (
                _code(stated.name),
                stated.title,
                f"{form.encoding}, {separator}; header: {_HEADERS[form.header]}; dates {', '.join(dates)}",
                _confidences(stated.document),
            )
        )
    yield from _table(("Format", "Files", "Form", "Confidence"), rows)
    yield ""
    yield "`clearscale formats show NAME` shows all of one; `formats sample NAME --out sample` makes a file."
    for stated in maps:
        if "about" in stated.document:
            yield from ("", f"`{stated.name}`: {stated.document['about']}")


def _confidences(document: Mapping[str, Any]) -> str:
    found = {letter for source in document.get("source", ()) for letter in source["confidence"].split(", ")}
    return ", ".join(sorted(found)) or "-"


def _statutes(of: State) -> Iterator[str]:
    document = _document(of, "statutes.toml")
    patterns = f"{len(of.statutes.patterns)} patterns, {len(of.statutes.inchoate)} for attempts and the like"
    yield from ("## Statutes", "", f"How records spell them ({patterns}), and what a text is read as:", "")
    rows = []
    for text in document["examples"]:
        found = of.statutes.normalize(text)
        rows.append((_code(text), found.code or "-", found.section or "-", found.subsection, found.inchoate))
    yield from _table(("Text", "Code", "Section", "Subsection", "Attempt or conspiracy"), rows)
    dated = sorted({(meaning.code, meaning.section) for meaning in of.statutes.amounts.meanings})
    if dated:
        yield from ("", f"Subsections of {', '.join(f'{code} {section}' for code, section in dated)} tell weights.")


def _places(of: State) -> Iterator[str]:
    places = of.places
    yield from ("## Counties and courts", "")
    if not places.courts:
        yield f"{len(places.counties)} counties, as the state's extracts name them; courts are not listed."
        yield from ("", ", ".join(place.name.title() for place in places.counties) + ".")
        return
    yield f"{len(places.counties)} counties and {len(places.courts)} courts."
    yield ""
    rows = [
        (
            f"{place.name} ({', '.join(place.aliases)})" if place.aliases else place.name,
            place.fips,
            place.court.name if place.court else "-",
        )
        for place in places.counties
    ]
    yield from _table(("County", "FIPS code", "Court"), rows)


def _packs(of: State) -> Iterator[str]:
    yield from ("## Packs", "")
    rows = []
    for name, document in packs().items():
        if document.state == of.name:
            letters = sorted({letter for source in document.sources for letter in source.confidence.split(", ")})
            beside = "yes" if name in published() else "-"
            rows.append((f"[`{name}`](../policies/{name}.md)", document.title, ", ".join(letters), beside))
    yield from _table(("Pack", "What it is", "Confidence", "Beside what was published"), rows)
    if of.name == IN_USE:
        yield from ("", "Packs over convictions have [a page of their own](../policies/README.md).")


def _unknown(of: State) -> Iterator[str]:
    yield from ("## What its records cannot tell", "")
    for name in of.maps:
        stated = load_map(name)
        if stated.document.get("extract"):
            yield f"- `{name}`: class, court and day of the offense; rows beside a charge tell what else it has."
            continue
        lacking = [role.replace("_", " ") for role in _ASKED if not _tells(stated, role)]
        yield f"- `{name}` has no column of: {', '.join(lacking) or 'nothing that a policy asks'}."
    for name, document in packs().items():
        if document.state == of.name:
            yield from (f"- `{name}`: {text}" for text in document.cannot_know)


def _tells(stated: ColumnMap, role: str) -> bool:
    return role in stated.charge or (role == "person" and bool(stated.identity))


def _lawyer(of: State) -> Iterator[str]:
    yield from ("## What a lawyer of the state has to read", "")
    yield "All that is known only generally (K), wholly or in part:"
    yield ""
    for file in ("statutes.toml", "places.toml"):
        yield from _doubted(file, _document(of, file).get("source", ()))
    for name, file in of.maps.items():
        yield from _doubted(name, tomllib.loads(file.read_text("utf-8")).get("source", ()))
    for name, document in packs().items():
        if document.state == of.name:
            sources = [vars(source) for source in document.sources]
            yield from _doubted(name, sources)


def _doubted(where: str, sources: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for source in sources:
        if "K" in source["confidence"]:
            yield f"- `{where}`: {source['title']} ({source['where']})"


def _fabricated(of: State) -> Iterator[str]:
    demo = _document(of, "demo.toml")
    yield from ("## Fabricated files", "")
    if not demo:
        yield "`clearscale synth` fabricates extracts, and `clearscale demo` goes from nothing to a report."
        return
    form, policy, people = demo["format"], demo["policy"], demo["people"]
    yield f"`clearscale synth --format {form} --people 1000 --out made` fabricates a file, with a truth table of"
    yield f"what each record means and what `{policy}` must find. `clearscale demo --state {slug(of.name)}` goes"
    yield f"from nothing to a report on {people:,} people, as of {demo['as_of']}."


def _document(of: State, name: str) -> dict[str, Any]:
    file = of.folder.joinpath(name)
    return tomllib.loads(file.read_text("utf-8")) if file.is_file() else {}


def page(name: str) -> str:
    """The page of a state."""
    of = state(name)
    head = [f"# {of.title}", "", f"Made from `clearscale/law/{name}`. {NO_ADVICE}"]
    parts = (_packs, _formats, _statutes, _unknown, _lawyer, _fabricated, _places)
    return "\n".join([*head, *(line for part in parts for line in ("", *part(of)))]) + "\n"


def index() -> str:
    """The page that lists them."""
    rows = []
    for name in state_names():
        of = state(name)
        own = [f"[`{pack}`](../policies/{pack}.md)" for pack, document in packs().items() if document.state == name]
        counties = f"{len(of.places.counties)}"
        rows.append((f"[{of.title}]({slug(name)}.md)", ", ".join(map(_code, of.maps)), counties, ", ".join(own)))
    text = (
        "A state is a folder of data: how its records are formed and spell statutes, its counties and courts, its "
        f"packs. {NO_ADVICE} {'. '.join(f'{letter}: {meaning}' for letter, meaning in CONFIDENCES.items())}."
    )
    return "\n".join(["# States", "", text, "", *_table(("State", "Formats", "Counties", "Packs"), rows)]) + "\n"


def pages() -> dict[str, str]:
    """Each page by the name of its file."""
    return {"README.md": index()} | {f"{slug(name)}.md": page(name) for name in state_names()}


if __name__ == "__main__":
    for name, text in pages().items():
        (FOLDER / name).write_text(text, "utf-8")
