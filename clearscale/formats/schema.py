"""The one form of charges that every format is read as."""

import pyarrow as pa

_TEXT = pa.dictionary(pa.int32(), pa.string())

FIELDS: dict[str, tuple[pa.DataType, str]] = {
    "file": (_TEXT, "name of the file"),
    "line": (pa.int64(), "line of the file on which the record begins, from 1; in a Parquet file its row, from 1"),
    "county": (_TEXT, "name of the county, as the state's list has it; null where it is not known"),
    "court": (
        _TEXT,
        "the court, as the map's words or the state's list name it; one that is on neither as the record does",
    ),
    "agency": (_TEXT, "the agency, in the same way"),
    "person": (pa.string(), "key of the person; null where nobody knows whose charge it is"),
    "case": (pa.string(), "number of the case"),
    "sequence": (pa.string(), "number of the charge in its case"),
    "birth_date": (pa.date32(), "null where it is missing or cannot be read, as all dates"),
    "sex": (_TEXT, "F, M or X where the map has words for them, else as the record has it"),
    "race": (_TEXT, "null in all rows of a format without race"),
    "offense_date": (pa.date32(), ""),
    "arrest_date": (pa.date32(), ""),
    "filing_date": (pa.date32(), ""),
    "disposition_date": (pa.date32(), ""),
    "sentence_date": (pa.date32(), ""),
    "sentence_end_date": (pa.date32(), "when the sentence is served or paid; of what is still to come as planned"),
    "supervision_end_date": (pa.date32(), "when probation, parole or other supervision ends"),
    "doubtful_date": (
        pa.bool_(),
        "whether a date of the record could not be read, or cannot be right: before 1900, after 2099, before "
        "birth, or more than 110 years after it",
    ),
    "amended": (
        pa.bool_(),
        "whether the charge was amended; then statute, description, level and class are the amended ones",
    ),
    "statute": (_TEXT, "the statute's text, trimmed"),
    "code": (_TEXT, "the code that the statute is of; null where the text names nothing that is known"),
    "section": (_TEXT, "its section; null as the code"),
    "subsection": (
        _TEXT,
        "its subsection, each part in parentheses; empty where the text has none, null as the code",
    ),
    "inchoate": (_TEXT, "attempt, conspiracy or solicitation of that offense; empty for the offense itself"),
    "description": (_TEXT, "the charge in words"),
    "level": (_TEXT, "felony, misdemeanor and so on; null where the record does not say or nobody knows its word"),
    "class": (_TEXT, "the class of severity, as the state has it; null as the level"),
    "disposition": (
        _TEXT,
        "convicted, dismissed, acquitted, pending, set aside, vacated, diverted, other; none where there is no "
        "disposition, unknown where nobody knows its word",
    ),
    "revoked": (pa.bool_(), "whether probation was revoked; null where the record does not say, as the next two"),
    "registered": (pa.bool_(), "whether the person is on a register that excludes from relief"),
    "deceased": (pa.bool_(), "whether the person has died"),
    "grams_above": (
        pa.float64(),
        "the charge is about more than so many grams; null where neither subsection nor words say",
    ),
    "grams_to": (pa.float64(), "and about up to so many; infinite without a limit"),
    "grams_told_by": (_TEXT, "subsection, description, contradictory or not said"),
}
"""Columns: their type, and what they hold."""

CHARGES = pa.schema([pa.field(name, kind) for name, (kind, _) in FIELDS.items()])
"""A charge a row."""

ASIDE = pa.schema(
    [
        pa.field("file", pa.string()),
        pa.field("line", pa.int64()),
        pa.field("reason", pa.string()),
        pa.field("record", pa.binary()),
    ]
)
"""Records that were set aside: where they stand, why, and their bytes in UTF-8 (null for a Parquet row)."""

NONE, UNKNOWN = "none", "unknown"
"""Dispositions of a record that has none, and of one whose word nobody knows."""
