"""Bits and codes that kernels and their callers share. A bit says one thing about a row, a charge or a person."""

# A row of a history.
CONVICTED = 1
FELONY = 2
DECEASED = 4
REGISTERED = 8
"""A registration under Penal Code 290."""
NO_EVENT_DATE = 16
NO_BIRTH_DATE = 32
FROM_COMMENT = 64
"""The charge is named in the comment, not in the offense description."""
SET_ASIDE = 128
"""Set aside and dismissed under Penal Code 1203.4."""
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
PC290_EARLIER = 1 << 17
PC290_SAME_CASE = 1 << 18
PC290_PRIOR = 1 << 19

# A charge, by its code section.
SECTIONS = ("11357", "11358", "11359", "11360")
"""The Health & Safety Code sections of Proposition 64; a section's code is its place here, -1 is none."""
NAMES_11357 = 1
NAMES_11358 = 2
NAMES_11359 = 4
NAMES_11360 = 8
RELATED = 16
SUPERSTRIKE = 32
PC290 = 64
SYNTHETIC = 128
"""11357.5, a synthetic drug that the four sections' numbers also match."""

CYCLE_BYTES = 3
CASE_BYTES = 6
"""CNT_ORDER's first 3 characters name the cycle, its first 6 the case."""

LAST_DAY = 2932896
"""Day number of 9999-12-31; sentences that end later are cut to it."""
