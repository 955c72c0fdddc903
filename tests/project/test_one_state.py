"""No module names a county, a code section or a column of an extract: what a state says lies in its folder.

Looked at are texts (also parts of larger ones), identifiers and whole numbers of Python, and every line of other
files. Comments and docstrings may give examples. Names of facts and of the store's columns in lower case
(`pc290_prior`, `cii_number`) are the program's own.
"""

import itertools
from pathlib import Path

import pytest

import clearscale
from clearscale.law import state, state_names
from tests.support.one_state import Found, Names, code_files, names_in

ROOT = Path(clearscale.__file__).parent.parent
HELP = "an example in a command's help, which must not read files"
GOGEN = "gogen's: names of its columns, and the rule of one of them"
ALLOWED = {
    ("clearscale/commands/decisions.py", "LOS ANGELES"): HELP,
    ("clearscale/commands/decisions.py", "RECORD_ID"): HELP,
    ("clearscale/commands/export.py", "LOS ANGELES"): HELP,
    ("clearscale/commands/whatif.py", "RECORD_ID"): HELP,
    ("clearscale/commands/gogen.py", "LOS ANGELES"): HELP,
    ("clearscale/commands/packet.py", "LOS ANGELES"): HELP,
    ("clearscale/commands/report.py", "LOS ANGELES"): HELP,
    ("clearscale/outputs/export/columns.py", "PC290"): GOGEN,
    ("clearscale/outputs/export/columns.py", "HS 11357"): GOGEN,
    ("clearscale/outputs/export/columns.py", "HS 11358"): GOGEN,
    ("clearscale/outputs/export/columns.py", "HS 11359"): GOGEN,
    ("clearscale/outputs/export/columns.py", "HS 11360"): GOGEN,
    ("clearscale/outputs/export/other_offenses.py", "11357"): GOGEN,
}
"""Where a name stands for a reason, by file and name."""


ELSEWHERE = {
    ("clearscale/api/clusters.py", "Union"): "a word of typing",
    ("clearscale/synth/people.py", "BROWN"): "a color of eyes",
    ("clearscale/synth/names.py", "FORD"): "an end of surnames",
    ("clearscale/synth/names.py", "LEE"): "a given name",
    ("clearscale/synth/people.py", "NEW YORK"): "a place of birth",
    ("clearscale/formats/maps/generic-charges.toml", "White"): "a race",
    ("clearscale/formats/maps/generic-charges.toml", "WHITE"): "a race",
} | {
    (
        f"clearscale/{file}/generic-charges.toml",
        name,
    ): "what sections may look like in files of no state in particular"
    for file, names in {
        "formats/maps": ("PL 220.03", "PL 221.05"),
        "synth": (
            *("220.03", "221.05", "221.10", "PL 120.05", "PL 155.25", "PL 220.03", "PL220.03"),
            *("VTL 511(1)(A)", "VTL 511(1)(a)"),
        ),
    }.items()
    for name in names
}
"""Names of another state than the one in use: words that are the name of a county, and examples."""


@pytest.fixture(scope="module")
def names() -> Names:
    return Names(state())


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    found = {file.relative_to(ROOT).as_posix(): file.read_text("utf-8") for file in code_files(ROOT)}
    assert len(found) > 200
    return found


def naming(name: str, files: dict[str, str]) -> list[Found]:
    """Where a state's things are named, outside its own folder."""
    named = Names(state(name))
    found = [
        mention
        for path, text in files.items()
        if not path.startswith(own(name))
        for mention in names_in(path, text, named)
    ]
    # A county of one state is a word, a person or a county in the texts of another.
    return [mention for mention in found if mention.kind != "county" or not mention.file.startswith(FOLDERS)]


def own(name: str) -> str:
    """The folder of a state."""
    return f"clearscale/law/{name}/"


FOLDERS = tuple(map(own, state_names()))


@pytest.fixture(scope="module")
def found(files: dict[str, str]) -> dict[str, list[Found]]:
    return {name: naming(name, files) for name in state_names()}


@pytest.mark.parametrize("name", state_names())
def test_only_a_state_s_folder_names_its_counties_sections_and_columns(
    found: dict[str, list[Found]], name: str
) -> None:
    elsewhere = [mention for mention in found[name] if (mention.file, mention.name) not in ALLOWED | ELSEWHERE]
    assert not elsewhere, "\n".join(
        f"{mention.file}:{mention.line} names the {mention.kind} {mention.name}" for mention in elsewhere
    )


def test_every_exception_is_needed(found: dict[str, list[Found]]) -> None:
    named = {(mention.file, mention.name) for mention in itertools.chain(*found.values())}
    assert set(ALLOWED | ELSEWHERE) <= named


@pytest.mark.parametrize(
    ("code", "kind", "name"),
    [
        ("home = 'KERN'", "county", "KERN"),
        ("home = 'in Los Angeles and elsewhere'", "county", "Los Angeles"),
        ("file = f'{folder}/san-diego.csv'", "county", "san-diego"),
        ("wanted = b'SAN JOAQUIN '", "county", "SAN JOAQUIN"),
        ("section = '11357'", "section", "11357"),
        ("section = 11359", "section", "11359"),
        ("key = f'convictions_11360 of {person}'", "section", "11360"),
        ("NAMES_11358 = 2", "section", "11358"),
        ("flags.NAMES_11358", "section", "11358"),
        ("call(only_11357=True)", "section", "11357"),
        ("def of_11357(): pass", "section", "11357"),
        ("also = '11366(A)'", "section", "11366"),
        ("strike = r'may be 186.22(B)(4) PC or not'", "section", "186.22(B)(4) PC"),
        ("related = '4060 BP'", "section", "4060 BP"),
        ("register = 'under Penal Code 290'", "section", "Penal Code 290"),
        ("PC290 = 64", "section", "PC290"),
        ("text = 'set aside under 1203.4'", "section", "1203.4"),
        ("column = 'STP_EVENT_DATE'", "column", "STP_EVENT_DATE"),
        ("message = f'{place}: CNT_ORDER is too short'", "column", "CNT_ORDER"),
        ("query = 'SELECT OFN FROM records'", "column", "OFN"),
        ("value = row.GENDER", "column", "GENDER"),
    ],
)
def test_a_name_in_code_is_found(names: Names, code: str, kind: str, name: str) -> None:
    assert names_in("planted.py", code, names) == [Found("planted.py", 1, kind, name)]


@pytest.mark.parametrize(
    "code",
    [
        '"""As 11357(A) HS in KERN, by CNT_ORDER."""',
        'def one():\n    """As 11357(A) HS in KERN, by CNT_ORDER."""',
        "value = 1  # 11357(A) HS in KERN, by CNT_ORDER",
        "words = 'a lake, an orange, kings and mono sound; 28.5 grams, 2016-11-09, 365.25 days, %PDF'",
        "fact = 'pc290_prior'",
        "column = 'cii_number'",
        "columns = ['ofn', 'count_order']",
        "limit = 113 + 1_135_700",
    ],
)
def test_what_is_no_name_is_left_alone(names: Names, code: str) -> None:
    assert names_in("plain.py", code, names) == []


@pytest.mark.parametrize("ending", ["html.j2", "js", "typ", "toml"])
def test_other_files_are_looked_at_line_by_line(names: Names, ending: str) -> None:
    found = names_in(f"page.{ending}", "<p>\nYOLO\n11358\n</p>", names)
    assert [(naming.line, naming.kind, naming.name) for naming in found] == [
        (2, "county", "YOLO"),
        (3, "section", "11358"),
    ]
