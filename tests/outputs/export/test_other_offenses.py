"""The column of the charges that only a comment names."""

import pytest

from clearscale.outputs.export.other_offenses import other_offense


@pytest.mark.parametrize(
    ("offense", "comment", "other"),
    [
        ("11357 HS-POSSESS", "", False),
        ("11357 HS-POSSESS", "11357", False),
        ("11357 HS-POSSESS", "11358", True),
        ("11357 HS-POSSESS", "COUNT 2: 11359/11357", True),
        ("459 PC-BURGLARY", "11357(A)", True),
        ("459 PC-BURGLARY", "459 PC", False),
        ("X-11360", "11360", False),
        ("11358/11359", "11359/11358", True),
        ("11359", "11359(C)", False),
        # (A) and (B) are one pair, (C) and (D) the other.
        *((f"11357({a})", f"11357({b})", (a in "AB") != (b in "AB")) for a in "ABCD" for b in "ABCD"),
        ("11357", "11357(A)", True),
        ("11357(A)", "11357", False),
        ("11357(E)", "11357(C)", True),
        ("11357(C)", "11357(E)", False),
        ("11357(a)", "11357(b)", False),
        ("11357(A)", "11357A", False),
        ("11357 (C)", "11357(D)", True),
        ("11357(A)", "11357(A) 11357(C)", False),
        ("11357(A)", "11357(E) 11357(C)", True),
        # Where the charge is in the comment, it is no other one.
        ("", "11358", False),
        (" SEE COMMENT FOR CHARGE ", "11358", False),
        ("SEE COMMENT FOR CHARGES", "11358", True),
    ],
)
def test_a_comment_that_names_another_prop64_charge_is_shown(offense: str, comment: str, other: bool) -> None:
    shown = other_offense(offense.encode(), comment.encode())
    assert shown == (comment.encode() if other else b"")
