"""The bound of small counts: below it, a figure could point to a person."""

SUPPRESS_BELOW = 11
"""Counts of people from 1 up to this, exclusively, are not published unless another bound is given."""
