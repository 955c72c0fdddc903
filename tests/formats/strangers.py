"""Files of charges as courts may export them, in columns that no map knows; and what they say.

A shape has habits of its own. `edits` are what a person changes in its draft, as the how-to tells: answers to
doubts, and nothing else.
"""

import random
from dataclasses import dataclass
from datetime import date, timedelta

AS_OF = date(2026, 7, 1)


@dataclass(frozen=True)
class Fact:
    """A charge. end: of the sentence. grade: its class. disposition: what it means, none without one."""

    person: int
    case: str
    number: int
    birth: date
    filed: date
    disposed: date | None
    end: date | None
    section: str
    subsection: str
    level: str
    grade: str
    disposition: str
    revoked: bool | None

    def read(self) -> dict[str, object]:
        """What any map must read of it."""
        return {
            "case": self.case,
            "person": key(self.person),
            "birth_date": self.birth,
            "disposition_date": self.disposed,
            "code": "PL",
            "section": self.section,
            "subsection": f"({self.subsection})" if self.subsection else "",
            "level": self.level,
            "class": self.grade or None,
            "disposition": self.disposition,
        }


_OFFENSES = (
    ("220.03", "1", "misdemeanor", "A"),
    ("155.25", "", "misdemeanor", "A"),
    ("140.20", "", "felony", "D"),
    ("160.05", "2", "felony", "C"),
    ("240.20", "3", "violation", ""),
)
_ENDS = ("convicted", "convicted", "dismissed", "dismissed", "acquitted", "diverted", "pending", "none")


def facts(seed: int, people: int) -> list[Fact]:
    """Charges of some people, those of a case one after the other."""
    chance, found = random.Random(seed), []
    for person in range(people):
        birth = date(1950, 1, 1) + timedelta(chance.randrange(18_000))
        for _ in range(chance.choice((1, 1, 2, 3))):
            filed = date(2001, 1, 1) + timedelta(chance.randrange(9_000))
            case = f"{filed.year}-{len(found):05d}"
            for number in range(1, chance.choice((1, 2, 3)) + 1):
                end = chance.choice(_ENDS)
                section, subsection, level, grade = chance.choice(_OFFENSES)
                disposed = None if end in ("pending", "none") else filed + timedelta(chance.randrange(30, 700))
                served = (
                    disposed + timedelta(chance.randrange(30, 2_500)) if disposed and end == "convicted" else None
                )
                revoked = chance.random() < 0.2 if end == "convicted" else None
                found.append(
                    Fact(
                        *(person, case, number, birth, filed, disposed, served),
                        *(section, subsection, level, grade, end, revoked),
                    )
                )
    return found


@dataclass(frozen=True)
class Stranger:
    """A file, or chunks of one. edits: (text of the draft, what takes its place). aside: rows of no charge."""

    files: tuple[bytes, ...]
    facts: list[Fact]
    edits: tuple[tuple[str, str], ...]
    aside: int = 0


def key(person: int) -> str:
    """The number that a person has in every file."""
    return f"{(person * 7_368_787 + 1_029_384) % 10**7:07d}"


_WORDS = {
    "convicted": "CONVICTED",
    "dismissed": "DISMISSED",
    "acquitted": "ACQUITTED",
    "diverted": "DIVERTED",
    "pending": "PENDING",
    "none": "",
}


def _cells(charge: Fact, words: dict[str, str], form: str) -> dict[str, str]:
    """What shapes write of a charge."""

    def written(day: date | None) -> str:
        return day.strftime(form) if day else ""

    return {
        "key": key(charge.person),
        "case": charge.case,
        "number": str(charge.number),
        "section": charge.section,
        "subsection": charge.subsection,
        "behind": f"({charge.subsection})" if charge.subsection else "",
        "level": charge.level,
        "letter": charge.level[0].upper(),
        "short": {"felony": "FEL", "misdemeanor": "MSD", "violation": "VIO"}[charge.level],
        "grade": charge.grade,
        "end": words[charge.disposition],
        "disposed": written(charge.disposed),
        "served": written(charge.end),
        "born": written(charge.birth),
        "filed": written(charge.filed),
        "revoked": {True: "1", False: "0", None: ""}[charge.revoked],
    }


def _filled(**words: str) -> tuple[tuple[str, str], ...]:
    """Words put under what they mean."""
    return tuple((f"\n{meaning} = []\n", f'\n{meaning} = ["{word}"]\n') for meaning, word in words.items())


def semicolons(seed: int = 3, people: int = 40) -> Stranger:
    """A title above, a total below; codes, level and class in one, days before months, no UTF-8."""
    told = facts(seed, people)
    codes = {"convicted": "GLTY", "dismissed": "NP", "acquitted": "ACQ", "diverted": "PTI", "pending": "OPN"}
    row = (
        "{key};{case};{number};PL {section};{subsection};Under \u201c{section}\u201d;{letter}{grade};{end};"
        "{disposed};{served};{born};{revoked}"
    )
    lines = ["Charges \u2013 all years", ""]
    lines += ["DEF_NBR;CAS_NBR;CT;OFF_CITE;OFF_SUB;OFF_LIT;GRD;VERDICT;VERD_DT;SENT_CMPL;BORN;PROB_REVD"]
    lines += [row.format(**_cells(charge, codes | {"none": ""}, "%d.%m.%Y")) for charge in told]
    lines += [f"TOTAL;{len(told)};;;;;;;;;;"]
    return Stranger((("\r\n".join(lines) + "\r\n").encode("windows-1252"),), told, _filled(**codes), aside=1)


def backslashes(seed: int = 4, people: int = 40) -> Stranger:
    """A mark of UTF-8, quotes behind backslashes, a comma in a name, two-digit years, no number of a charge."""
    told = facts(seed, people)
    words = _WORDS | {"pending": "NOT GUILTY PLEA ENTERED", "acquitted": "NOT GUILTY", "diverted": "DEFERRED"}
    row = (
        '"{case}","{key}","{born}","PL {section}","{subsection}","Called \\"{section}\\", so","{level}","{grade}",'
        '"{end}","{disposed}","{filed}"'
    )
    names = (
        "docketNo",
        "partyId",
        "birth, date",
        "statute",
        "subsect",
        "charge, as filed",
        "chargeLevel",
        "degree",
    )
    lines = [",".join(f'"{name}"' for name in (*names, "outcome", "outcomeDate", "filed"))]
    lines += [row.format(**_cells(charge, words, "%m/%d/%y")) for charge in told]
    content = b"\xef\xbb\xbf" + ("\n".join(lines) + "\n").encode()
    edits = (
        ("\n[charge]\n", '\n[charge]\ndescription = "charge, as filed"\n'),
        *_filled(pending="NOT GUILTY PLEA ENTERED"),
    )
    return Stranger((content,), told, edits)


def chunks(seed: int = 5, people: int = 40) -> Stranger:
    """Tabs, names twice and blank, in three files of which the first has the header."""
    told = facts(seed, people)
    words = {"convicted": "C", "dismissed": "D", "acquitted": "A", "diverted": "V", "pending": "P", "none": "N"}
    row = "{case};{key};{born};{number};PL {section}{behind};OFFENSE;{short};{grade};{end};{disposed};{filed};"
    lines = ["Case;Defendant;Born;Seq;Code;Desc;Type;Class;Desc;Date;Filed;"]
    lines += [row.format(**_cells(charge, words, "%Y%m%d")) for charge in told]
    content = "\n".join(lines).replace(";", "\t").split("\n")
    third = len(content) // 3
    parts = (content[:third], content[third : 2 * third], content[2 * third :])
    edits = (
        ("\n[charge]\n", '\n[charge]\ndisposition = "Desc_9"\ndisposition_date = "Date"\n'),
        *_filled(**words),
    )
    return Stranger(tuple(("\n".join(part) + "\n").encode() for part in parts), told, edits)


def dispositions(seed: int = 6, people: int = 40) -> Stranger:
    """A row a disposition, the last of each charge marked; defendants numbered in a case; days of 1900 for none."""
    told = facts(seed, people)
    row = "{case}|1|{key}|{born}|{number}|PL|{section}|{subsection}|{letter}{grade}|{end}|{disposed}|{last}"
    lines = ["CaseNumber|DefNo|CCHKey|DOB|ChargeNo|Law|Section|Sub|OffenseClass|Disposition|DispDate|LastRow"]
    lines += ["|".join("-" * len(name) for name in lines[0].split("|"))]
    for charge in told:
        has = _cells(charge, _WORDS, "%Y-%m-%d")
        if charge.disposed:
            lines.append(row.format(**has | {"end": "PENDING", "disposed": has["filed"]}, last="N"))
        lines.append(row.format(**has | {"disposed": has["disposed"] or "1900-01-01"}, last="Y"))
    edits = (
        ('column = "CaseNumber"\nis_not = ["----------*"]\n', 'column = "LastRow"\nis = ["Y"]\n'),
        ("\n[charge]\n", '\n[charge]\nperson = "CCHKey"\n'),
    )
    return Stranger((("\n".join(lines) + "\n").encode(),), told, edits, aside=len(lines) - 1 - len(told))


SHAPES = {shape.__name__: shape for shape in (semicolons, backslashes, chunks, dispositions)}
