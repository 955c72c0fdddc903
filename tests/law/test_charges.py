"""The lists of code sections: what each holds and what it narrowly does not."""

import pytest

from clearscale.law import state, trimmed
from clearscale_kernels import flag
from tests.support.fabricate.offenses import (
    ALMOST_IN_COMMENT,
    IN_COMMENT,
    LISTED,
    NEAR_MISSES,
    NOT_PROP_64,
    PROP_64,
)
from tests.support.reference import charges as reference


def having(flag: int, *sections: str) -> list[str]:
    """Those of the code sections that bear the flag."""
    return [section for section in sections if state().charges.classify(section.encode()).flags & flag]


def pc(sections: str) -> list[str]:
    return [f"{section} PC" for section in sections.split()]


@pytest.mark.parametrize(
    ("text", "section"),
    [
        *((f"1135{digit} HS", f"1135{digit}") for digit in (7, 8, 9)),
        ("11360 HS", "11360"),
        ("11357.5 HS", "11357"),
        ("011359", "11359"),
        ("11360/11357(B)", "11360"),
        ("664/11358-11359", "11358"),
        ("1135811359", "11358"),
        ("113571", "11357"),
        ("X11360Y", "11360"),
        *((miss, None) for miss in ("", "11356 HS", "11361 HS", "1135 7", "11 357", "1136 0 HS", "11350(A)")),
    ],
)
def test_the_leftmost_prop64_number_anywhere_is_the_section(text: str, section: str | None) -> None:
    charge = state().charges.classify(text.encode())
    assert charge.section == (state().charges.sections.index(section) if section else -1)
    assert state().charges.section(text.encode()) == charge.section


def test_a_charge_bears_the_bit_of_every_section_it_names() -> None:
    names = (flag.FIRST_SECTION, flag.SECOND_SECTION, flag.THIRD_SECTION, flag.FOURTH_SECTION)
    for section, bit in zip(state().charges.sections, names, strict=True):
        assert state().charges.classify(f"182/{section}(A) HS".encode()).flags & sum(names) == bit
    both = state().charges.classify(b"11360/11357(B) HS")
    assert both.flags & sum(names) == flag.FOURTH_SECTION | flag.FIRST_SECTION
    assert state().charges.classify(b"11350 HS").flags & sum(names) == 0


def test_synthetic_cannabinoids_are_flagged_and_nothing_else_is() -> None:
    assert having(flag.SYNTHETIC, "11357.5 HS", "11357.5(A) HS", "11357 HS", "1135775 HS", "11357(.5) HS") == [
        "11357.5 HS",
        "11357.5(A) HS",
    ]


def test_related_charges() -> None:
    listed = ["647(f) PC", "602 PC", "466 PC", "148.9 PC", "148 PC", "11364 HS", "11550 HS", "4140 BP", "4149 BP"]
    listed += ["4060 BP", "40508 VC", "1320(A) PC", "1320 PC", "1320X 459/ PC", "148PC", "148 \t\n\f\r PC"]
    listed += ["0602 PC", "9602 PCX", "11364HS", "1320,PC", "466 PC/459 PC"]
    assert having(flag.RELATED, *listed) == listed
    # A full stop after the section, other codes and other cases of letters are no match.
    near = ["647(F) PC", "647 PC", "602.1 PC", "602 pc", "148.5 PC", "148X9 PC", "148(A)(1) PC", "11364.1 HS"]
    near += ["11364 PC", "11550(A) HS", "4140 PC", "4060 HS", "40508(A) VC", "1320.5 PC", "13201 PC", "1320PC"]
    near += ["1320(A.1) PC", "1320X 459.5/ PC", "148\v PC", "148\xa0PC", "602", "PC 602"]
    assert having(flag.RELATED, *near) == []


def test_superstrikes() -> None:
    listed = pc(
        """37 128 187 188 189 189.1 189.5 190 190.1 190.12 190(A) 190.4(A) 190() 191 191.5 205 207 209 209.5 217.1
        218 219 220 245(D)(3) 261 261(A)(2) 261() 262 262(A)(1) 264.1 269 273AB 273AB(A) 287 451.5 653F 4500 12308
        12310 18745 18755 667.61 667.7 667.71 286 286(C)(1) 286(C)(3)(C) 286(D)(1) 288 288(A) 288(B)(1) 288(B)(2)
        288A 288A(D) 288A(C)(1) 288A(C)(2)(A) 288.5 288.5(A) 289 289(J) 289(A)(1)(C) 289(A)(2)(C) 11418(A)(1)
        11418(B)(2) 1187 0037 136.1/186.22(B)(4) 215X186.22(B)(4) 213(A)(1)(A)186.22(B)(4) 246186.22(B)(4)
        519/186.22(B)(4) 12022.55/186.22(B)(4) 186.22(B)(4)/136.1 186.22(B)(4)ANYTHING519"""
    )
    listed += ["1672(A) MV", "187 PC/11357 HS"]
    assert having(flag.SUPERSTRIKE, *listed) == listed
    near = pc(
        """38 189.2 190.123 190.4(A 191.1 209.1 217 217X1 245(D)(2) 245(A)(1) 261.5 261X 264 269(A) 273AB.1 451
        653F(A) 4501 12309 667.6 667.72 286(B)(1) 286(C)(4) 286(C)(1)(D) 286(D)(3)(A) 288(C)(1) 288(B)(3) 288A(B)
        288A(C)(2) 288A(C)(2)(D) 288.1 288.5(B) 289(A)(1) 289(A)(2)(B) 289(B) 11418 11418(A)(2) 186.22(B)(4)
        136.1 136.1/186.22(B)(5) 136.1/186X22(B)(4)"""
    )
    near += ["187PC", "187  PC", "187 pc", "187 HS", "1672(A) PC", "1672 MV", "288a PC", "136.1/186.22(B)(4)PC"]
    assert having(flag.SUPERSTRIKE, *near) == []


def test_offenses_that_call_for_registration() -> None:
    listed = pc(
        """261 266 266C 266J 267 269 272 285 287 288 451.5 236.1(B) 236.1(C)(1) 243.4 243.4(E)(1) 261.5 261(A)(2)
        261A 269(A) 269.1 262(A) 262(A)(1) 264.1 264.1(A) 266H(B) 266H(B)(1) 266I(B)(2) 286 286(C)(1) 289
        289(A)(1)(C) 286A 288A 288A(B) 288.2 288.3 288.4 288.5(B) 288.7 311.1 311.10 311.1X 311.2(B) 311.2(C)
        311.2(D) 311.3(A) 311.4 311.11(A) 314(1) 314(2) 647.6 647.6(A)(1) 647A 653F(B) 653F(C) 1261"""
    )
    assert having(flag.REGISTRABLE, *listed) == listed
    near = pc(
        """2611 236.1 236.1(A) 236.1(D) 243.3 262 262(A)(2) 262(B) 264.1A 264 266A 266H(A) 266H 266I(C) 266J(A)
        272(A) 286.5 289.6 287(A) 288(A) 288.1 288.6 311.2(A) 311.2 311.5 314(3) 314 451 647B 647(A) 653F 653F(A)"""
    )
    near += ["261PC", "261 pc", "261(A) HS", "243X4 PC", "286\nA.B PC"]
    assert having(flag.REGISTRABLE, *near) == []


def test_a_list_is_searched_byte_by_byte() -> None:
    assert having(flag.REGISTRABLE, "243.4\n PC", "286\n PC") == ["286\n PC"]
    assert state().charges.classify(b"286\xc9 PC").flags & flag.REGISTRABLE
    assert state().charges.classify(b"\xff187 PC\xff").flags & flag.SUPERSTRIKE


@pytest.mark.parametrize(
    "pool", [PROP_64, LISTED, NEAR_MISSES, NOT_PROP_64], ids=["prop64", "lists", "near", "others"]
)
def test_the_lists_agree_with_those_of_the_reference(pool: tuple[bytes, ...]) -> None:
    for text in pool:
        for section in (
            text,
            state().format.code_section(text),
            b"0" + text,
            text + b" PC",
            text.replace(b"-", b"/"),
        ):
            charge = state().charges.classify(section)
            named = reference.prop64_section(section)
            assert charge.section == (state().charges.sections.index(named) if named else -1), section
            assert bool(charge.flags & flag.RELATED) == reference.is_related(section), section
            assert bool(charge.flags & flag.SUPERSTRIKE) == reference.is_superstrike(section), section
            assert bool(charge.flags & flag.REGISTRABLE) == reference.is_pc290(section), section


def test_every_list_says_where_it_is_written_down() -> None:
    for name, charges in state().charges.lists.items():
        assert charges.title, name
        assert all(charges.sources), name
        assert charges.patterns, name
        assert len(set(charges.patterns)) == len(charges.patterns), name


@pytest.mark.parametrize(
    ("value", "left"),
    [
        (b"", b""),
        (b" \t\n\v\f\r ", b""),
        (b" a b ", b"a b"),
        ("\u2003\xa0a\u3000\x85".encode(), b"a"),
        ("\u1680\u2028\u2029\u202f\u205fa".encode(), b"a"),
        (b"\xa0a\x85", b"\xa0a\x85"),
        (b"\xe2\x80a\xe2\x80", b"\xe2\x80a\xe2\x80"),
        (b" \xff ", b"\xff"),
        (b"\xc2 a \xc2", b"\xc2 a \xc2"),
        (b"\x1ca\x1f", b"\x1ca\x1f"),
        ("\u200ba\ufeff".encode(), "\u200ba\ufeff".encode()),
        ("\u180ea".encode(), "\u180ea".encode()),
    ],
)
def test_unicode_white_space_is_trimmed_and_a_stray_byte_never(value: bytes, left: bytes) -> None:
    assert trimmed(value) == left


def test_a_charge_is_in_the_comment_where_the_description_says_so_or_nothing() -> None:
    assert [text for text in IN_COMMENT if not state().format.says.charge_in_comment(text)] == []
    assert [text for text in ALMOST_IN_COMMENT if state().format.says.charge_in_comment(text)] == []


def test_a_code_section_ends_at_the_first_hyphen_and_is_not_trimmed() -> None:
    assert state().format.code_section(b" 11357 HS -POSSESS-X") == b" 11357 HS "
    assert state().format.code_section(b"-11358") == b""
    assert state().format.code_section(b"11358 hs") == b"11358 hs"
