"""Names of a county's files, which are those of the counties' program."""

ALL_RESULTS = "All_Results"
CONDENSED_RESULTS = "All_Results_Condensed"
PROP64_RESULTS = "Prop64_Results"
SUMMARY = "gogen.json"
RESULTS = (ALL_RESULTS, CONDENSED_RESULTS, PROP64_RESULTS)

WORKBOOK = "Results.xlsx"
"""The same as a workbook, which the counties' program did not write."""

OF_COUNTY, OF_ALL = "county.json", "all-counties.json"
"""Of which run the files beside it are, where an export of all counties has finished a county; and of which run the
folders of counties beside it are, finished or not."""


def file_name(county: str) -> str:
    """Return the name of a county's files or folder, without an ending: letters, digits and hyphens."""
    return "-".join("".join(c if c.isalnum() and c.isascii() else " " for c in county.lower()).split()) or "county"
