"""The format of an extract: by role, and refused where it does not fit together."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

import clearscale.law
from clearscale.law import state
from clearscale.law.extract_format import Format, Saying
from tests.support.reference.reading import COLUMNS
from tests.support.reference.writing import CONDENSED_COLUMNS

FILE = Path(clearscale.law.__file__).parent / state().name / "format.toml"


@pytest.fixture
def document() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text("utf-8"))


def test_columns_are_those_of_the_reference() -> None:
    assert state().format.columns == COLUMNS
    assert state().format.condensed == CONDENSED_COLUMNS
    assert [state().format.places[name] for name in COLUMNS] == list(range(95))


def test_no_two_roles_are_of_one_column() -> None:
    roles = state().format.roles
    assert len(set(roles)) == len(roles)


def test_a_role_of_no_column_is_refused(document: dict[str, Any]) -> None:
    document["roles"]["person"] = "NUMBER"
    with pytest.raises(ValueError, match="no column NUMBER"):
        Format.read(document)


def test_a_condensed_file_of_other_columns_is_refused(document: dict[str, Any]) -> None:
    document["condensed"].append("OTHER")
    with pytest.raises(ValueError, match="no column OTHER"):
        Format.read(document)


@pytest.mark.parametrize("table", ["roles", "says"])
def test_every_role_and_meaning_is_stated(document: dict[str, Any], table: str) -> None:
    del document[table][next(iter(document[table]))]
    with pytest.raises(TypeError):
        Format.read(document)


def test_other_dates_are_refused(document: dict[str, Any]) -> None:
    document["date"] = "DD-MON-YY"
    with pytest.raises(ValueError, match="YYYYMMDD only, not as DD-MON-YY"):
        Format.read(document)


@pytest.mark.parametrize(
    ("stated", "said", "not_said"),
    [
        ({"is": ["A B", ""]}, [b"A B", b""], [b"A", b" A B", b"A B ", b" "]),
        ({"begins": "A B"}, [b"A B", b"A BC"], [b"A", b" A B", b"", b"a b"]),
        ({"is": ["", "A"], "trimmed": "ascii"}, [b"A", b"\tA\n", b" "], ["\u2003A".encode(), b"AA"]),
        ({"is": ["", "A"], "trimmed": "unicode"}, [b"A", "\u2003A\xa0".encode(), b" "], [b"AA", b"\xa0A"]),
        ({"begins": "A", "trimmed": "ascii"}, [b"A", b" AB"], [b"BA", "\u2003A".encode()]),
    ],
)
def test_what_a_text_says(stated: dict[str, Any], said: list[bytes], not_said: list[bytes]) -> None:
    saying = Saying.read({"column": "offense", **stated}, state().format.roles)
    assert saying.column == state().format.roles.offense
    assert [text for text in said if not saying(text)] == []
    assert [text for text in not_said if saying(text)] == []


def test_an_unheard_of_way_of_trimming_is_refused() -> None:
    with pytest.raises(ValueError, match="not 'all'"):
        Saying.read({"column": "offense", "is": ["A"], "trimmed": "all"}, state().format.roles)
