"""Spellings of New York, Michigan and New Jersey: texts put down by hand, sections that packs name, damage.

The lists are written from what each text means; nothing here reads a spelling.
"""

import itertools
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearscale.charges.tables import Offense
from clearscale.law import state
from clearscale.law.statutes import INCHOATE, UNKNOWN
from clearscale.relief.packs import packs
from clearscale.relief.statutes import StatuteList
from clearscale_kernels.relief.groups import YES
from tests.support.examples import examples

Meaning = tuple[str, str, str, str]
NEW_YORK: dict[str, Meaning] = {
    "PL 221.10 01": ("PL", "221.10", "(1)", ""),
    "PL 221.10(1)": ("PL", "221.10", "(1)", ""),
    "PL 221.10 00": ("PL", "221.10", "", ""),
    "PL 2211001": ("PL", "221.10", "(1)", ""),
    "PL 1201600": ("PL", "120.16", "", ""),
    "PL 2650110": ("PL", "265.01", "(10)", ""),
    "PL 215510B": ("PL", "215.51", "(b)", ""),
    "PL 12111AH": ("PL", "121.11", "(ah)", ""),
    "VTL0511001": ("VTL", "511", "(1)", ""),
    "VTL051101A": ("VTL", "511", "(1)(a)", ""),
    "VTL1192003": ("VTL", "1192", "(3)", ""),
    "VTL11920M3": ("VTL", "1192", "(3)", ""),
    "Penal Law § 221.10": ("PL", "221.10", "", ""),
    "N.Y. Penal Law 221.10": ("PL", "221.10", "", ""),
    "221.40": ("PL", "221.40", "", ""),
    "PL 265.03 01B": ("PL", "265.03", "(1)(b)", ""),
    "PL 265.03(1)(b)": ("PL", "265.03", "(1)(b)", ""),
    "PL 265.01-A": ("PL", "265.01-A", "", ""),
    "PL 105.10 01": ("PL", "105.10", "(1)", ""),
    "VTL 1192.2": ("VTL", "1192", "(2)", ""),
    "VTL 1192 02": ("VTL", "1192", "(2)", ""),
    "VTL 1192.2-a": ("VTL", "1192", "(2-a)", ""),
    "VTL 1192 2A": ("VTL", "1192", "(2-a)", ""),
    "V&T 1192 03": ("VTL", "1192", "(3)", ""),
    "Vehicle and Traffic Law 1192(3)": ("VTL", "1192", "(3)", ""),
    "VTL 0511 01A": ("VTL", "511", "(1)(a)", ""),
    "VTL 511.1A": ("VTL", "511", "(1)(a)", ""),
    "110-221.40": ("PL", "221.40", "", "attempt"),
    "PL 110/221.40": ("PL", "221.40", "", "attempt"),
    "PL 110.00-120.05 02": ("PL", "120.05", "(2)", "attempt"),
    "ATT PL 221.40": ("PL", "221.40", "", "attempt"),
    "ATTEMPTED VTL 1192.2": ("VTL", "1192", "(2)", "attempt"),
    "PL 110": ("", "", "", "attempt"),
    "AGM 353": ("AGM", "353", "", ""),
    "PL 221": UNKNOWN,
    "195.202": UNKNOWN,
    "333.7403": UNKNOWN,
    "110": UNKNOWN,
    "PL 221.10 PL 240.35 (2)": UNKNOWN,
    "AC 10-125": UNKNOWN,
    "CRIM MISC": UNKNOWN,
}
MICHIGAN: dict[str, Meaning] = {
    "333.7403(2)(d)": ("MCL 333", "7403", "(2)(d)", ""),
    "MCL 333.74032D": ("MCL 333", "7403", "(2)(d)", ""),
    "333.74032A5": ("MCL 333", "7403", "(2)(a)(5)", ""),
    "333.7403(2)(a)(v)": ("MCL 333", "7403", "(2)(a)(5)", ""),
    "333.17766": ("MCL 333", "17766", "", ""),
    "750.812": ("MCL 750", "81", "(2)", ""),
    "750.81A": ("MCL 750", "81A", "", ""),
    "750.81a(1)": ("MCL 750", "81A", "(1)", ""),
    "750.81D1": ("MCL 750", "81D", "(1)", ""),
    "750.5357": ("MCL 750", "535", "(7)", ""),
    "750.356d(4)": ("MCL 750", "356D", "(4)", ""),
    "750.3565": ("MCL 750", "356", "(5)", ""),
    "750.520B1A": ("MCL 750", "520B", "(1)(a)", ""),
    "257.6251A": ("MCL 257", "625", "(1)(a)", ""),
    "257.625": ("MCL 257", "625", "", ""),
    "436.17031A": ("MCL 436", "1703", "(1)(a)", ""),
    "28.425(1)": ("MCL 28", "425", "(1)", ""),
    "750.92": ("", "", "", "attempt"),
    "750.92/750.812": ("MCL 750", "81", "(2)", "attempt"),
    "750.92(333.7403(2)(d))": ("MCL 333", "7403", "(2)(d)", "attempt"),
    "750.356D4-A": ("MCL 750", "356D", "(4)", "attempt"),
    "333.74012A4-C": ("MCL 333", "7401", "(2)(a)(4)", "conspiracy"),
    "750.157A": ("", "", "", "conspiracy"),
    "750": UNKNOWN,
    "195.202": UNKNOWN,
    "221.10": UNKNOWN,
    "ORD 38-12": UNKNOWN,
    "LARCENY": UNKNOWN,
}
NEW_JERSEY: dict[str, Meaning] = {
    "2C:35-10A(4)": ("N.J.S.A. 2C", "35-10", "(a)(4)", ""),
    "2C:35-10(a)(4)": ("N.J.S.A. 2C", "35-10", "(a)(4)", ""),
    "N.J.S.A. 2C:35-10a(4)": ("N.J.S.A. 2C", "35-10", "(a)(4)", ""),
    "NJS 2C:35-10.a.(4)": ("N.J.S.A. 2C", "35-10", "(a)(4)", ""),
    "2C35-10A4": ("N.J.S.A. 2C", "35-10", "(a)(4)", ""),
    "2C:35\u201310A(4)": ("N.J.S.A. 2C", "35-10", "(a)(4)", ""),
    "2C:35-5B(12)": ("N.J.S.A. 2C", "35-5", "(b)(12)", ""),
    "2C:35-10.5A(3)": ("N.J.S.A. 2C", "35-10.5", "(a)(3)", ""),
    "2C:35-10": ("N.J.S.A. 2C", "35-10", "", ""),
    "2C:36-2": ("N.J.S.A. 2C", "36-2", "", ""),
    "39:4-50": ("N.J.S.A. 39", "4-50", "", ""),
    "24:21-20a(4)": ("N.J.S.A. 24", "21-20", "(a)(4)", ""),
    "2C:5-1": ("", "", "", "attempt"),
    "2C:5-1A(1)": ("", "", "", "attempt"),
    "2C:5-1/2C:35-10A(4)": ("N.J.S.A. 2C", "35-10", "(a)(4)", "attempt"),
    "2C:5-1 2C:35-10A(4)": ("N.J.S.A. 2C", "35-10", "(a)(4)", "attempt"),
    "2C:5-1(2C:35-10A(4))": ("N.J.S.A. 2C", "35-10", "(a)(4)", "attempt"),
    "2C:5-2/2C:35-5B(12)": ("N.J.S.A. 2C", "35-5", "(b)(12)", "conspiracy"),
    "2C": UNKNOWN,
    "35:780-113": UNKNOWN,
    "ORD 12.3": UNKNOWN,
    "CDS": UNKNOWN,
}
BY_HAND = {"new_york": NEW_YORK, "michigan": MICHIGAN, "new_jersey": NEW_JERSEY}
LISTED = [(name, text, tuple(meaning)) for name, texts in BY_HAND.items() for text, meaning in texts.items()]
CODES = {"PL": "PL {0}", "VTL": "VTL {0}"}


@pytest.mark.parametrize(("name", "text", "meaning"), LISTED, ids=[f"{name} {text}" for name, text, _ in LISTED])
def test_a_spelling_is_read_right(name: str, text: str, meaning: Meaning) -> None:
    assert tuple(state(name).statutes.normalize(text)) == meaning


def recited(code: str, section: str, subsection: str) -> Iterator[str]:
    """A section as records write it."""
    parts = subsection.strip("()").split(")(") if subsection else []
    if code in CODES:
        yield from (
            f"{code} {section}{subsection}",
            f"{code}{section}{subsection}",
            f"{code}-{section}{subsection}",
        )
        if len(parts) == 1 and parts[0].isdigit():
            yield f"{code} {section} {int(parts[0]):02d}"
    elif code.startswith("MCL "):
        chapter, plain = code.removeprefix("MCL "), "".join(parts)
        yield from (f"{chapter}.{section}{subsection}", f"MCL {chapter}.{section}{subsection}")
        if not parts or parts[0].isdigit():
            yield from (f"{chapter}.{section}{plain}", f"{chapter}.{section}{plain}".upper())
    else:
        title, plain = code.removeprefix("N.J.S.A. "), subsection.replace("(", "", 1).replace(")", "", 1)
        yield from (
            f"{title}:{section}{subsection}",
            f"{code}:{section}{subsection}",
            f"{title}:{section}{plain.upper()}",
        )


def listed_sections() -> Iterator[tuple[str, StatuteList, str, str, str]]:
    """(state, list, code, section, subsection) of all that the lists of the three states' packs name."""
    for document in packs().values():
        if document.state in BY_HAND:
            for named in document.lists.values():
                for some in named.statutes:
                    for section, subsection in itertools.product(some.sections, some.subsections or ("",)):
                        # An asterisk stands for what there is in the law: two digits, or nothing.
                        filled = section.replace(".*", ".15").replace("*", "").replace("?", "a")
                        yield document.state, named, some.code, filled, subsection


def test_every_section_that_a_pack_names_can_be_read() -> None:
    sections = list(listed_sections())
    assert len(sections) > 80
    wrong = []
    for name, named, code, section, subsection in sections:
        for text in recited(code, section, subsection):
            found = state(name).statutes.normalize(text)
            if named.holds(Offense(*found, "", text)) != YES:
                wrong.append((text, found, named.name))
    assert wrong == []


@pytest.mark.parametrize("name", BY_HAND)
@settings(max_examples=examples(300))
@given(st.text(max_size=40))
def test_any_text_means_something_or_nothing(name: str, text: str) -> None:
    statutes = state(name).statutes
    found = statutes.normalize(text)
    assert found.inchoate in ("", *INCHOATE)
    assert bool(found.code) == bool(found.section)
    assert found == statutes.normalize(f" {text} ".swapcase().swapcase())


def known(name: str) -> list[str]:
    """Spellings of a state that name a section."""
    listed = [text for text, meaning in BY_HAND[name].items() if meaning[1]]
    made = [text for of, _, *offense in listed_sections() if of == name for text in recited(*offense)]
    return [*listed, *dict.fromkeys(made)]


@pytest.mark.parametrize("name", BY_HAND)
def test_case_and_blanks_do_not_matter(name: str) -> None:
    statutes = state(name).statutes
    for place, text in enumerate(known(name)):
        cut = place % (len(text) + 1)
        spaced = f"{text[:cut]} {text[cut:]}"
        assert statutes.normalize(spaced.swapcase() if place % 2 else spaced) == statutes.normalize(text)


@pytest.mark.sampled
@pytest.mark.parametrize("name", BY_HAND)
def test_a_damaged_spelling_never_names_another_section(name: str) -> None:
    """A sign in the midst of a spelling makes it unknown, or leaves it what it was."""
    statutes, texts = state(name).statutes, known(name)
    damaged = [(text, cut) for text in texts for cut in range(len(text) + 1)]
    for text, cut in damaged[:: max(1, len(damaged) // examples(len(damaged)))]:
        found = statutes.normalize(f"{text[:cut]}~{text[cut:]}")
        assert not found.is_known or found == statutes.normalize(text), f"{text[:cut]}~{text[cut:]}"
