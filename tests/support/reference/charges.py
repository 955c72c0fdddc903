"""Which code sections count as what.

The patterns work on bytes, so that a dot matches any byte but a line feed, `\\d` is 0 to 9, and broken UTF-8 is no
obstacle; Go's regular expressions treat such text in the same way.
"""

import re

PROP_64_SECTIONS = ("11357", "11358", "11359", "11360")

_PROP_64 = re.compile(rb"1135[789]|11360")
_SUBSECTION_OF_11357 = re.compile(rb"11357\(([ABCD])\)")

# Go's \s, which knows no vertical tab.
_SPACE = rb"[\t\n\f\r ]*"
_RELATED = (
    *(re.escape(section) + _SPACE + rb"PC" for section in (b"647(f)", b"602", b"466", b"148.9", b"148")),
    *(section + _SPACE + rb"HS" for section in (b"11364", b"11550")),
    *(section + _SPACE + rb"BP" for section in (b"4140", b"4149", b"4060")),
    rb"40508" + _SPACE + rb"VC",
    rb"1320[^\d.][^.]*PC",
)

_GANG = rb"186\.22\(B\)\(4\)"
_ENHANCEABLE = rb"(?:136\.1|215|213\(A\)\(1\)\(A\)|246|519|12022\.55)"
_SUPERSTRIKES = (
    *(rb"%d PC" % plain for plain in (37, 128, 187, 188, 205, 207, 218, 219, 220, 269, 287)),
    *(rb"%d PC" % plain for plain in (4500, 12308, 12310, 18745, 18755)),
    rb"189(?:\.1|\.5)? PC",
    rb"190(?:\.\d\d?)?(?:\(.*\))? PC",
    rb"191(?:\.5)? PC",
    rb"209(?:\.5)? PC",
    rb"217\.1 PC",
    rb"245\(D\)\(3\) PC",
    rb"261(?:\(.*\))? PC",
    rb"262(?:\(.*\))? PC",
    rb"264\.1 PC",
    rb"273AB(?:\(.*\))? PC",
    rb"286 PC",
    rb"286\(C\)\([123]\)(?:\([ABC]\))? PC",
    rb"286\(D\)\([123]\) PC",
    rb"288 PC",
    rb"288\(A\) PC",
    rb"288\(B\)\([12]\) PC",
    rb"288A PC",
    rb"288A\(D\) PC",
    rb"288A\(C\)\(1\) PC",
    rb"288A\(C\)\(2\)\([ABC]\) PC",
    rb"288\.5(?:\(A\))? PC",
    rb"289 PC",
    rb"289\(J\) PC",
    rb"289\(A\)\(1\)\([ABC]\) PC",
    rb"289\(A\)\(2\)\(C\) PC",
    rb"451\.5 PC",
    rb"653F PC",
    rb"667\.(?:61|7|71) PC",
    rb"1672\(A\) MV",
    rb"11418\(A\)\(1\) PC",
    rb"11418\(B\)\([12]\) PC",
    _ENHANCEABLE + rb".*" + _GANG + rb" PC",
    _GANG + rb".*" + _ENHANCEABLE + rb" PC",
)

_PC_290 = (
    *(
        rb"%b PC" % plain
        for plain in (b"261", b"266", b"266C", b"266J", b"267", b"269", b"272", b"285", b"287", b"288")
    ),
    rb"451\.5 PC",
    rb"236\.1\([BC]\).* PC",
    rb"243\.4.* PC",
    rb"26[19][(.a-zA-Z].* PC",
    rb"262\(A\)(?:\(1\))? PC",
    rb"264\.1(?:\(.*)? PC",
    rb"266[HI]\(B\).* PC",
    rb"28[69][^.]* PC",
    rb"288A.* PC",
    rb"288\.[23457].* PC",
    rb"311\.1.* PC",
    rb"311\.2\([BCD]\) PC",
    rb"311\.(?:3|4|10|11).* PC",
    rb"314\([12]\) PC",
    rb"647\.6.* PC",
    rb"647A.* PC",
    rb"653F\([BC]\) PC",
)


def prop64_section(text: bytes) -> str | None:
    """The leftmost Prop 64 section in the text."""
    found = _PROP_64.search(text)
    return found.group().decode() if found else None


def subsection_of_11357(text: bytes) -> str | None:
    found = _SUBSECTION_OF_11357.search(text)
    return found.group(1).decode() if found else None


def is_related(code_section: bytes) -> bool:
    return _any(_RELATED, code_section)


def is_superstrike(code_section: bytes) -> bool:
    return _any(_SUPERSTRIKES, code_section)


def is_pc290(code_section: bytes) -> bool:
    return _any(_PC_290, code_section)


def _any(patterns: tuple[bytes, ...], text: bytes) -> bool:
    return any(re.search(pattern, text) for pattern in patterns)
