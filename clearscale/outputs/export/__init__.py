"""The files that a county gets, as the counties' own program, gogen, wrote them."""

GOGEN_VERSION = "0.2.13"
"""The version of the program whose answers these are."""
