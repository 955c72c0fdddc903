"""Bits and codes that kernels and their callers share. A bit says one thing about a row, a charge or a person."""

# A row of a history.
CONVICTED = 1
FELONY = 2
DECEASED = 4
REGISTERED = 8
"""Registered for an earlier offense."""
NO_EVENT_DATE = 16
NO_BIRTH_DATE = 32
FROM_COMMENT = 64
"""The charge is named in the comment, not in the offense description."""
SET_ASIDE = 128
"""Set aside and dismissed."""
REDUCED = 256
"""Reduced to a misdemeanor."""
COURT_ACTION = 512

# What the fold adds to a conviction.
PROP64_IN_CYCLE = 1024
"""Some row of the conviction's cycle, convicted or not, is a Prop 64 charge."""

# A person's history.
ANY_NO_EVENT_DATE = 2048
"""Some conviction on the record has no date."""

# A conviction that a policy may decide, beside the bits above.
OWN_COUNTY = 1 << 12
"""It is of the county whose extract it stands in."""
CANONICAL = 1 << 13
"""It stands in the history that stands for its person."""
SUPERSTRIKE_EARLIER = 1 << 14
"""A superstrike on the record has an earlier date."""
SUPERSTRIKE_SAME_CASE = 1 << 15
SUPERSTRIKE_PRIOR = 1 << 16
"""A superstrike with an earlier date is of another case."""
REGISTRABLE_EARLIER = 1 << 17
REGISTRABLE_SAME_CASE = 1 << 18
REGISTRABLE_PRIOR = 1 << 19

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
