"""Maps: the schema is one, every map fits it, and what is wrong is said with file, key and what is allowed."""

import copy
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from clearscale.errors import ExtractError
from clearscale.formats import ColumnMap, load_map, maps
from clearscale.formats.column_map import wrong_in
from clearscale.formats.validating import schema
from clearscale.law import state


def test_the_schema_is_one() -> None:
    # Takes seconds to import where all its formats are installed: every process that collects tests would pay.
    from jsonschema import Draft202012Validator

    Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("name", maps())
def test_every_map_fits_the_schema(name: str) -> None:
    stated = load_map(name)
    assert wrong_in(stated.document) == []
    assert {*stated.used} <= {*stated.columns}
    assert stated.document.get("source") or "state" not in stated.document


def test_the_map_of_an_extract_has_the_format_s_columns_and_words() -> None:
    stated, form = load_map("ca-doj"), state("california").format
    assert stated.columns == form.columns
    assert stated.charge["case"] == (form.roles.case_number,)
    own = tomllib.loads(maps()["ca-doj"].read_text("utf-8"))
    assert "columns" not in own
    assert "charge" not in own


GOOD = json.loads(json.dumps(load_map("generic-charges").document, default=str))


def changed(path: str, value: Any) -> dict[str, Any]:
    """The generic map with another value at a place; None takes it out."""
    document = copy.deepcopy(GOOD)
    *tables, key = path.split("/")
    table = document
    for name in tables:
        table = table.setdefault(name, {})
    if value is None:
        del table[key]
    else:
        table[key] = value
    return document


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("title", None, "'title' is missing; needed are title, columns, file, charge, values"),
        ("tittle", "x", "there is no key 'tittle'; did you mean 'title'? (allowed are title, about,"),
        ("columns", "x", "columns: is a text; allowed is a list"),
        ("columns", ["a", "a"], "columns: something stands in it twice; allowed is once"),
        ("file/encoding", "utf-16", "file.encoding: 'utf-16' is none of utf-8, iso-8859-1, windows-1252"),
        ("file/separator", "", "file.separator: has too little in it; allowed is 1 or more"),
        ("file/separator", "123456789", "file.separator: has too much in it; allowed is at most 8"),
        ("file/separator", "\n", "file.separator: holds a line end or the quote"),
        ("file/separator", '"', "file.separator: holds a line end or the quote"),
        ("file/quote", "\u2021\u2021", "file.quote: has too much in it"),
        ("file/quote", "", "file.line_breaks: only a quoted value can go on in the next line; allowed is false"),
        ("file/header", "maybe", "file.header: 'maybe' is none of each, first, none"),
        ("file/line_breaks", "no", "file.line_breaks: is a text; allowed is true or false"),
        ("charge/statute", "statut", "charge.statute: there is no column 'statut'; did you mean 'statute'?"),
        ("charge/statute", 3, "charge.statute: is a whole number; allowed is"),
        ("charge/case", None, "charge: 'case' is missing; needed are case, statute, disposition"),
        ("required", ["zzz"], "required: there is no column 'zzz'; allowed are those that `columns` lists"),
        ("dates/formats", ["MM/DD"], "dates.formats: 'MM/DD' is no form of dates; allowed is one each of"),
        ("dates/pivot", 100, "dates.pivot: 100 is out of range; allowed is two-digit years"),
        ("dates", None, "'dates' is missing; needed are forms of dates"),
        ("identity", {"name": "court"}, "identity: charge.person is the key of a person, so nobody is told by"),
        ("county", {"fixed": "Cook", "column": "county"}, "county: has too much in it; allowed is at most 1"),
        ("county", {"file": "x"}, "county.file: has no group (?P<county>...); one is needed"),
        ("county", {"file": "("}, "county.file: is no regular expression"),
        (
            "values/disposition/guilty",
            ["X"],
            "values.disposition: there is no key 'guilty' (allowed are convicted,",
        ),
        ("values/disposition/vacated", ["pending*"], "'PENDING*' means vacated, too; allowed is one meaning"),
        ("state", "atlantis", "state: there is no state 'atlantis'; allowed are california, illinois"),
        ("statutes", None, "'state' or 'statutes' is missing; one of them says how statutes are spelled"),
        ("statutes/pattern", [{"match": "(", "code": "", "section": ""}], "statutes: pattern 1.match: '(' is no"),
        (
            "statutes/pattern",
            [{"match": "x"}],
            "statutes.pattern 1: 'code' is missing; needed are match, code, section",
        ),
        (
            "source",
            [{"title": "x", "where": "y", "confidence": "Q"}],
            "source 1.confidence: 'Q' is not allowed; H read",
        ),
    ],
)
def test_what_is_wrong_is_said_with_file_key_and_what_is_allowed(path: str, value: Any, said: str) -> None:
    with pytest.raises(ExtractError) as raised:
        ColumnMap.read("x", changed(path, value), "x.toml")
    assert all(line.startswith("x.toml: ") for line in raised.value.args)
    assert any(said in line for line in raised.value.args), raised.value.args


def test_all_that_is_wrong_is_said_at_once() -> None:
    document = changed("file/encoding", "x") | {"title": 3}
    with pytest.raises(ExtractError) as raised:
        ColumnMap.read("x", document, "x.toml")
    assert len(raised.value.args) == 2


def test_a_map_may_be_a_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(maps()["generic-charges"].read_text("utf-8"), "utf-8")
    assert load_map(str(path)).columns == load_map("generic-charges").columns
    for content, said in ((b"title = ", "is no TOML"), (b"\xff", "is not UTF-8"), (b"x" * 2**21, "is too long")):
        path.write_bytes(content)
        with pytest.raises(ExtractError, match=said):
            load_map(str(path))
    with pytest.raises(ExtractError, match="there is no such file"):
        load_map(str(tmp_path / "none.toml"))
    with pytest.raises(ExtractError, match="there is no format 'il-cook'; did you mean 'il-cook-clerk'"):
        load_map("il-cook")


NAMED = changed("charge/person", None) | {"columns": [*GOOD["columns"], "who", "first", "license"]}


@pytest.mark.parametrize(
    ("identity", "said"),
    [
        ({"name": "who", "numbers": ["license", "person_id"]}, None),
        ({"first_name": "first", "last_name": ["who", "license"]}, None),
        ({"name": "who", "last_name": "first"}, "identity: names stand in one column or in several"),
        ({"last_name": "who"}, "identity: names are missing; needed is name, or first_name and last_name"),
        ({"name": "whom"}, "identity.name: there is no column 'whom'; did you mean 'who'?"),
        ({"name": "who", "numbers": "case_number"}, "identity: 'case_number' is read as a part of charges, too"),
        ({"name": "who", "nickname": "first"}, "identity: there is no key 'nickname'"),
        ({}, "identity: has too little in it"),
    ],
)
def test_what_people_are_told_by(identity: dict[str, Any], said: str | None) -> None:
    wrong = wrong_in(NAMED | {"identity": identity})
    assert wrong == [] if said is None else said in wrong[0]
    if said is None:
        stated = ColumnMap.of("named", NAMED | {"identity": identity})
        assert {"who", "first", "license"} & {*stated.used} == set()
        without = {**NAMED["charge"], "birth_date": None}
        del without["birth_date"]
        assert "charge.birth_date is missing" in wrong_in(NAMED | {"identity": identity, "charge": without})[0]


def test_tables_of_the_page_have_as_many_cells_in_every_row() -> None:
    page = Path("docs/reference/column-map.md").read_text("utf-8")
    for table in re.findall(r"(?:^\|.*\|\n)+", page, re.MULTILINE):
        # A bar within a cell, in code too, ends it unless a backslash stands before it.
        assert len({len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines()}) == 1
