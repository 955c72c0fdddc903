"""Names of a county's files, which are those of the counties' program."""

ALL_RESULTS = "All_Results"
CONDENSED_RESULTS = "All_Results_Condensed"
PROP64_RESULTS = "Prop64_Results"
SUMMARY = "gogen.json"
RESULTS = (ALL_RESULTS, CONDENSED_RESULTS, PROP64_RESULTS)
