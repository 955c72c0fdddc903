"""Offense texts: charges of every list, and near misses of each."""

# The simplest first: hypothesis shrinks towards it.
PROP_64 = (
    b"11358 HS-CULTIVATE",
    b"11357 HS-POSSESS",
    b"11359 HS-POSSESS FOR SALE",
    b"11360 HS-SELL/TRANSPORT",
    b"11357(A) HS-POSSESS HASH",
    b"11357(B) HS-POSSESS",
    b"11357(C) HS-POSS OVER 1 OZ",
    b"11357(D) HS-POSSESS ON SCHOOL GROUNDS",
    b"11357(E)HS-POSSESS",
    b"11357(a) HS-X",
    b"11357(AB) HS-X",
    b"11357 (B) HS-X",
    b"11357(A) 11357(D)-X",
    b"11357A HS-POSSESS",
    b"11357.5 HS-SYNTHETIC",
    b"11358(C) HS-CULTIVATE 6+ PLANTS",
    b"11359(C)(3) HS-POSSESS FOR SALE",
    b"11360(A) HS-GIVE/ETC OVER 1 OZ",
    b"11360(B) SELL/FURNISH",
    b"11360A2 HS-SELL",
    b"11360.5 HS-ODD",
    b"11357/11358 HS-TWO SECTIONS",
    b"11358/11357 HS-TWO SECTIONS",
    b"11360/11357(B) HS-TWO SECTIONS",
    b"11359 HS 11357(C)-X",
    b"664/11358 HS-ATTEMPTED",
    b"182/11359 HS-CONSPIRE",
    b"011359 HS-LEADING ZERO",
    b"113577-X",
    b"1135811359",
    b"HS 11360-REVERSED",
    b"11359-HS NO SPACE",
    b" 11358 HS -PADDED",
    b"\t11360 HS-TAB",
    b"11358",
    b"11357\n(B) HS-BROKEN LINE",
    b"LINE ONE\n11357(D) HS-X",
    b"11358 H\xc9-LATIN",
    b'"11359" HS,X-QUOTED',
)

NOT_PROP_64 = (
    b"459 PC-BURGLARY",
    b"11350(A) HS-POSSESS NARC",
    b"11377(A) HS-POSSESS",
    b"23152(A) VC-DUI",
    b"1135 7 HS-X",
    b"1-1357 HS-DASH WITHIN",
    b"-11358 HS",
    b"HS-11358",
    b"290 PC-REGISTRATION",
    b"290",
    b" 290 PC",
    b"0290 PC",
    b"PC 290",
)

# Where an offense says one of these, the charge is in the comment.
IN_COMMENT = (
    b"SEE COMMENT FOR CHARGE",
    b"",
    b"  ",
    b"\t",
    b" SEE COMMENT FOR CHARGE\t",
    "\xa0SEE COMMENT FOR CHARGE\u2003".encode(),
    "\xa0".encode(),
    "\x85".encode(),
    "\u2003".encode(),
    "\u3000\v\f".encode(),
    b"\r\n",
)

ALMOST_IN_COMMENT = (
    b"SEE COMMENT FOR CHARGES",
    b"SEE COMMENT FOR CHARGE-X",
    b"see comment for charge",
    b"SEE  COMMENT FOR CHARGE",
    b"\xa0",
    b"\x85SEE COMMENT FOR CHARGE",
    b"\xe2\x80",
    "\u200b".encode(),
    b"\x1c",
)

_LISTED_SECTIONS = """
37 128 187 188 189 189.1 189.5 189.2 190 190.1 190.12 190.123 190(A) 190.4() 190.4(A)(1) 191 191.5 191.1 205 207
209 209.5 217.1 218 219 220 245(A)(1) 245(D)(3) 261 261(A)(2) 261.5 261X 2611 262 262(A) 262(A)(1) 262(A)(2)
262(B) 264.1 264.1(A) 264.1A 266 266A 266C 266H(A) 266H(B) 266H(B)(1) 266I(B) 266I(B)(2) 266I(C) 266J 266J(A)
267 269 269(A) 269.1 272 272(A) 273AB 273AB(A) 273AB.1 285 286 286(B)(1) 286(C) 286(C)(1) 286(C)(2)(B)
286(C)(2)(D) 286(C)(4) 286(D)(3) 286(D)(3)(A) 286.5 286A 287 287(A) 288 288(A) 288(B)(1) 288(B)(3) 288(C)(1)
288A 288A(B) 288A(D) 288A(C)(1) 288A(C)(2)(A) 288A(C)(2)(D) 288.1 288.2 288.3 288.5 288.5(A) 288.5(B) 288.6
288.7 289 289(A)(1) 289(A)(1)(C) 289(A)(2)(B) 289(A)(2)(C) 289(B) 289(J) 289.6 311.1 311.10 311.11(A) 311.2(A)
311.2(B) 311.2(D) 311.2(E) 311.3 311.4 311.5 314 314(1) 314(3) 451 451.5 647(f) 647(F) 647.6 647.6(A)(1) 647A
647B 653F 653F(A) 653F(B) 653F(C) 667.6 667.61 667.7 667.71 667.72 236.1 236.1(A) 236.1(B) 236.1(C)(1) 236.1(D)
243.4 243.4(E)(1) 4500 12308 12310 18745 18755 11418 11418(A)(1) 11418(A)(2) 11418(B)(1) 11418(B)(2) 1672(A) 602
602.1 466 148 148.5 148.9 148(A)(1) 1320 1320(A) 1320.5 1320(A.1) 13201 136.1 215 213(A)(1)(A) 246 519 12022.55
186.22(B)(4) 136.1/186.22(B)(4) 186.22(B)(4)/246 213(A)(1)(A)/186.22(B)(4) 186.22(B)(4)X12022.55
215.186.22(B)(4) 519/186.22(B)(5)
"""
_LISTED = tuple(_LISTED_SECTIONS.split())

_OTHER_CODES = (
    b"1672(A) MV-X",
    b"1672(A)MV-X",
    b"11364 HS-PARAPHERNALIA",
    b"11364HS-X",
    b"11364.1 HS-X",
    b"11550 HS-UNDER INFL",
    b"11550(A) HS-UNDER INFL",
    b"4140 BP-NEEDLE",
    b"4149  BP - UNLICENSED SALE OF NEEDLES",
    b"4060\tBP-X",
    b"4060 PC-WRONG CODE",
    b"40508 VC-FAIL TO APPEAR",
    b"40508(A) VC-X",
    b"40508VC",
)

# Line breaks, tabs and stray bytes where a pattern allows, or does not allow, anything.
_BROKEN = (
    b"261(A\nB) PC-LINE BREAK",
    b"286\nA PC-LINE BREAK",
    b"243.4\n(A) PC-LINE BREAK",
    b"1320\n(A) PC-LINE BREAK",
    b"136.1\n186.22(B)(4) PC-LINE BREAK",
    b"647.6\xc9 PC-LATIN",
    b"1320\xc9 PC-LATIN",
    b"148\n PC-LINE BREAK",
    b"148\v PC-VERTICAL TAB",
    b"148\f\t\r PC-SPACES",
    "148\xa0PC-NO-BREAK SPACE".encode(),
    b"466\xa0PC-LATIN SPACE",
    b"186.22(B)(4) PC/246 PC-BOTH",
    b"246 PC/186.22(B)(4) PC-BOTH",
    b"12022.55 PC 186.22(B)(4) PC-BOTH",
)


def _variants(section: str) -> list[bytes]:
    """A listed section as it should be written and in the ways that may or may not still count."""
    texts = [
        f"{section} PC-X",
        f"{section} PC",
        f"{section}PC-X",
        f"{section}  PC-X",
        f"0{section} PC-X",
        f"{section} pc-X",
        f"{section} HS-X",
        f"{section} P-C",
        section.replace(".", "X") + " PC-X",
        section.lower() + " PC-X",
    ]
    return [text.encode() for text in dict.fromkeys(texts)]


LISTED = tuple(f"{section} PC-X".encode() for section in _LISTED) + _OTHER_CODES
NEAR_MISSES = tuple(text for section in _LISTED for text in _variants(section)[1:]) + _BROKEN
