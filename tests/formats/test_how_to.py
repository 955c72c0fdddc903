"""How much work files are by the how-to from a CSV to a report; `tests/project/test_docs.py` does what it says."""

import re
from pathlib import Path

import pytest

from tests.formats.strangers import SHAPES
from tests.formats.test_states_drafted import EDITS, drafted
from tests.formats.test_strangers import mapped
from tests.support.pages import ROOT

PAGE = ROOT / "docs/how-to/bring-your-own-charges.md"


def counted(name: str, text: str, edits: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """A row of the table: doubts of a draft, edits, and edits of what it had guessed."""
    lines = sum(len({*new.split("\n")} - {*old.split("\n")}) for old, new in edits)
    changed = sum((" = [" not in old and bool(re.search(r"=", old))) or "is_not" in old for old, _ in edits)
    return name, str(text.count("# doubt: ")), str(lines), str(changed)


@pytest.mark.long
def test_the_table_of_work_is_true(tmp_path: Path) -> None:
    rows = re.findall(
        r"^\| `([\w-]+)`: [^|]* \| (\d+) \| (\d+) \| (\d+) \|$", PAGE.read_text("utf-8"), re.MULTILINE
    )
    found = []
    for name, edits in EDITS.items():
        found.append(counted(name, drafted(tmp_path, name)[1], edits))
    for name, make in SHAPES.items():
        shape = make()
        (tmp_path / name).mkdir()
        found.append(counted(name, mapped(shape, tmp_path / name)[2], shape.edits))
    assert rows == found
