"""Bits and codes that kernels and their callers share. A bit says one thing about a row, a charge or a person."""

# A row of a history.
CONVICTED = 1
FELONY = 2
DECEASED = 4
REGISTERED = 8
"""Registered for an earlier offense."""
NO_EVENT_DATE = 16
NEAR_PROP64 = 32
"""Convicted of what nearly names a section that relief is for, and does not count as one."""
FROM_COMMENT = 64
"""The charge is named in the comment, not in the offense description."""
SET_ASIDE = 128
"""Set aside and dismissed."""
REDUCED = 256
"""Reduced to a misdemeanor."""
COURT_ACTION = 512
NO_DISPOSITION = 1 << 12
"""A court action on a Prop 64 charge that says not what became of it."""
CLEARED = 1 << 13
"""Vacated, dismissed, or cleared by an earlier proceeding."""
OTHER_OFFENSE = 1 << 14
"""Convicted of another offense than charged, one of the two a Prop 64 charge."""
UNREADABLE_EVENT_DATE = 1 << 11
"""The date is no date that can be read, and not blank: it counts as missing."""

# What the fold adds to a conviction.
PROP64_IN_CYCLE = 1024
"""Some row of the conviction's cycle, convicted or not, is a Prop 64 charge."""

# A person's history, beside DECEASED, REGISTERED, NEAR_PROP64 and NO_DISPOSITION, which some row says.
ANY_NO_EVENT_DATE = 2048
"""Some conviction on the record has no date."""
NO_BIRTH_DATE = 1 << 13
UNREADABLE_BIRTH_DATE = 1 << 6
SUBJECT_CONTRADICTS = 1 << 7
"""Its rows tell several numbers, names, birth dates or sexes."""
PERSON_CONTRADICTS = 1 << 8
"""The histories of its person tell several names or birth dates."""

# A conviction that a policy may decide, beside the bits above.
OWN_COUNTY = 1 << 16
"""It is of the county whose extract it stands in."""
CANONICAL = 1 << 17
"""It stands in the history that stands for its person."""
SUPERSTRIKE_EARLIER = 1 << 18
"""A superstrike on the record has an earlier date."""
SUPERSTRIKE_SAME_CASE = 1 << 19
SUPERSTRIKE_PRIOR = 1 << 20
"""A superstrike with an earlier date is of another case."""
REGISTRABLE_EARLIER = 1 << 21
REGISTRABLE_SAME_CASE = 1 << 22
REGISTRABLE_PRIOR = 1 << 23
IMPLAUSIBLE_DATE = 1 << 24
"""Its date, or that of birth, cannot be right."""
UNCLEAR_RECORD = 1 << 25
"""The record holds a Prop 64 court action without a disposition, or what nearly names a Prop 64 section."""
UNREADABLE_DATE = 1 << 26
"""Its date, or that of birth, cannot be read."""
CONTRADICTORY_SUBJECT = 1 << 27
CONTRADICTORY_PERSON = 1 << 28

# A charge, by its code section.
FIRST_SECTION = 1
SECOND_SECTION = 2
THIRD_SECTION = 4
FOURTH_SECTION = 8
"""The sections that relief is for, in the order of the law's list: which of them the charge names."""
RELATED = 16
SUPERSTRIKE = 32
REGISTRABLE = 64
"""It calls for a registration."""
SYNTHETIC = 128
"""A synthetic drug, which the sections' numbers also match."""

LAST_DAY = 2932896
"""Day number of 9999-12-31; sentences that end later are cut to it."""
