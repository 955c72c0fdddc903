"""The keys of a summary, which are those of the counties' program (`gogen.json`), and where its people stand."""

from collections.abc import Mapping
from typing import Any

COUNTY = "county"
EARLIEST = "earliestConviction"
LINES = "lineCount"
SECONDS = "processingTimeInSeconds"

THIS_POLICY = "reliefWithCurrentEligibilityChoices"
ALL_DISMISSED = "reliefWithDismissAllProp64"
ALL_AND_RELATED_DISMISSED = "reliefWithDismissAllProp64AndRelated"
"""The last stands in the state's summary only."""

BY_SECTION = "prop64ConvictionsCountInCountyByCodeSection"
FELONIES = "prop64FelonyConvictionsCountInCounty"
NOT_FELONIES = "prop64NonFelonyConvictionsCountInCounty"
WITH_PROP64 = "subjectsWithProp64ConvictionCountInCounty"
SOME_RELIEF = "subjectsWithSomeReliefCount"
DISMISSED_BY_SECTION = "convictionDismissalCountByCodeSection"
REDUCED_BY_SECTION = "convictionReductionCountByCodeSection"
DISMISSED_BY_REASON = "convictionDismissalCountByAdditionalRelief"

PEOPLE_LEFT = {
    "no_conviction": "CountSubjectsNoConviction",
    "no_recent_conviction": "CountSubjectsNoConvictionLast7Years",
    "no_felony": "CountSubjectsNoFelony",
}
"""Measures of people that a summary has under several policies, each with its key there."""


def people(summary: Mapping[str, Any]) -> dict[str, int]:
    """People by measure under the run's own policy, and `with_prop64`, all who have a Prop 64 conviction."""
    left = summary[THIS_POLICY]
    return {
        "with_prop64": summary[WITH_PROP64],
        "some_relief": summary[SOME_RELIEF],
        **{measure: left[key] for measure, key in PEOPLE_LEFT.items()},
    }
