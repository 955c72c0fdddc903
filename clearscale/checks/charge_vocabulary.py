"""The findings in stores of charges by name, and what each counts."""

from clearscale.formats.checking import kinds

_COUNTED = {
    "records-read": "records read",
    "records-stored": "records stored as charges",
    "records-quarantined": "records set aside",
    "records-purged": "records purged",
    "quarantine-reason": "records set aside because of",
    "charges": "charges",
    "cases": "cases",
    "people": "people",
    "unknown-people": "people without a key: nobody knows who they are",
    "several-counties": "people with charges in several counties",
    "no-county": "charges without a county, or of one that is none of the state's",
    "no-court": "charges without a court",
    "unknown-court": "charges of a court that is on no list:",
    "unknown-agency": "charges of an agency that is on no list:",
    "no-statute": "charges without a statute",
    "unknown-statute": "charges with a statute that no pattern knows:",
    "attempt-of-nothing": "attempts, conspiracies and solicitations that do not say of what",
    "no-level": "charges without a level, or with a word for it that nobody knows",
    "no-class": "charges without a class, or with a word for it that nobody knows",
    "no-disposition": "charges without a disposition",
    "unknown-disposition": "charges with a disposition that nobody has a word for",
    "no-disposition-date": "charges that ended on no day that is known",
    "no-date": "charges without any date",
    "doubtful-date": "charges with a date that could not be read, or cannot be right",
    "ended-before-it-began": "charges that ended before the offense, the arrest or the filing",
    "sentence-without-conviction": "charges with a sentence that were dismissed or ended in an acquittal",
    "repeated-charge": "charges with the case, number and person of another",
    "repeated-otherwise": "such charges that ended otherwise than the other",
    "no-birth-date": "people without a birth date",
    "charged-before-birth": "people with a charge of before they were born",
    "no-sex": "people without a sex",
    "no-race": "people without a race",
}

NOTICED = {name: f"{kind.among} that {kind.says}" for name, kind in kinds().listed.items()}
"""Findings of ingests, which manifests keep, with their titles."""

ROW_FOR_EACH = ("quarantine-reason", "unknown-court", "unknown-agency", "unknown-statute")
"""Findings with one row for each detail that occurs, so perhaps none; the others always have one row."""

UNKNOWN_TEXTS = ("unknown-court", "unknown-agency", "unknown-statute")
"""Findings whose details are texts of records. In a shifted record a name or a number stands there."""

OF_RECORDS = ("records-read", "records-stored", "records-quarantined", "records-purged", "quarantine-reason")
"""Findings that files have; all others but those of the ingest are of counties."""

OF_COUNTIES = tuple(name for name in _COUNTED if name not in OF_RECORDS)

TOLD = {
    **{"no-county": "county", "no-court": "court", "no-level": "level", "no-class": "class"},
    **{"no-disposition-date": "disposition_date", "sentence-without-conviction": "sentence_date"},
    **{"no-birth-date": "birth_date", "no-sex": "sex", "no-race": "race", "repeated-charge": "sequence"},
    **{"repeated-otherwise": "sequence", "charged-before-birth": "birth_date", "no-date": "disposition_date"},
}
"""Findings that say nothing where some file lacks a column: they are left out."""

CHARGE_FINDINGS = _COUNTED | NOTICED
"""Each finding by name, in the report's order, with its title. docs/concepts/charges.md explains them."""
