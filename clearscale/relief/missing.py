"""Data that a record may lack, and that a decision would have needed."""

from enum import IntFlag


class Missing(IntFlag):
    """Bits of what is missing."""

    STATUTE = 1 << 0
    INCHOATE = 1 << 1
    LEVEL = 1 << 2
    CLASS = 1 << 3
    DISPOSITION = 1 << 4
    AMOUNT = 1 << 5
    OFFENSE_DATE = 1 << 6
    ARREST_DATE = 1 << 7
    FILING_DATE = 1 << 8
    DISPOSITION_DATE = 1 << 9
    SENTENCE_DATE = 1 << 10
    SENTENCE_END = 1 << 11
    SUPERVISION_END = 1 << 12
    BIRTH_DATE = 1 << 13
    COUNTY = 1 << 14
    COURT = 1 << 15
    AGENCY = 1 << 16
    REVOCATION = 1 << 17
    REGISTRATION = 1 << 18
    DEATH = 1 << 19
    PERSON = 1 << 20
    AMENDMENT = 1 << 21
    OTHERS = 1 << 22


WORDS = {
    Missing.STATUTE: "statute",
    Missing.INCHOATE: "whether attempt or conspiracy",
    Missing.LEVEL: "level",
    Missing.CLASS: "class",
    Missing.DISPOSITION: "disposition",
    Missing.AMOUNT: "amount",
    Missing.OFFENSE_DATE: "date of the offense",
    Missing.ARREST_DATE: "date of the arrest",
    Missing.FILING_DATE: "date of filing",
    Missing.DISPOSITION_DATE: "date of the disposition",
    Missing.SENTENCE_DATE: "date of the sentence",
    Missing.SENTENCE_END: "end of the sentence",
    Missing.SUPERVISION_END: "end of supervision",
    Missing.BIRTH_DATE: "date of birth",
    Missing.COUNTY: "county",
    Missing.COURT: "court",
    Missing.AGENCY: "agency",
    Missing.REVOCATION: "whether probation was revoked",
    Missing.REGISTRATION: "whether the person is registered",
    Missing.DEATH: "whether the person has died",
    Missing.PERSON: "who the person is",
    Missing.AMENDMENT: "whether the charge was amended",
    Missing.OTHERS: "of another charge of the case or person",
}
"""Each as people read it. OTHERS says of the rest that not, or not only, the charge itself lacks it."""


def missing_words(bits: int) -> tuple[str, ...]:
    """What is missing, in words.

    Parameters
    ----------
    bits
        Of `Missing`.

    Returns
    -------
    tuple of str
        In the order of the bits.
    """
    return tuple(words for bit, words in WORDS.items() if bits & bit)
