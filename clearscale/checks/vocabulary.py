"""The findings by name, what each counts, and the texts that are known."""

from clearscale.law import state
from clearscale.runs.decisions import SYNTHETIC

_ROLES, _SET_ASIDE = state().format.roles, state().format.says.set_aside
_SYNTHETIC = state().charges.marked("synthetic")

_COUNTED = {
    "records-read": "records read",
    "records-stored": "records stored",
    "records-quarantined": "records quarantined",
    "records-purged": "records purged",
    "quarantine-reason": "records quarantined because of",
    "histories": "histories",
    "no-cii-number": f"histories without a {_ROLES.person}",
    "several-subjects": f"people with several {_ROLES.subject}s in one extract",
    "several-extracts": "people with histories in several extracts",
    "superseded-histories": "histories that another copy supersedes",
    "copies-differ": "people whose convictions differ between extracts",
    "not-in-canonical-copy": "Prop 64 convictions that only superseded copies have",
    "prop64-convictions": "Prop 64 convictions",
    "no-conviction-date": "Prop 64 convictions without a date",
    "no-birth-date": "people with Prop 64 convictions without a birth date",
    "set-aside": f"Prop 64 convictions set aside under {_SET_ASIDE.law[-1]}",
    "reduced": "Prop 64 convictions reduced to misdemeanors",
    "charge-in-comment": "Prop 64 convictions with the charge in the comment",
    "cleared-earlier": "Prop 64 convictions that were vacated, dismissed or cleared before",
    "another-offense-charged": "Prop 64 convictions of another offense than charged",
    SYNTHETIC: f"Prop 64 convictions that name {_SYNTHETIC.label}, a synthetic drug",
    "inside-longer-number": "Prop 64 convictions by a longer number that holds",
    "blank-county": "convictions without a county",
    "unknown-county": "convictions of the unknown county",
    "blank-race": "people without a race",
    "unknown-race": "people of the unknown race",
    "blank-sex": "people without a sex",
    "unknown-sex": "people of the unknown sex",
}

NOTICED = {
    name: f"{kind.among} that {kind.says}" for name, kind in state().findings.listed.items() if name not in _COUNTED
}
"""Findings of ingests, which manifests keep, with their titles."""

FINDINGS = _COUNTED | NOTICED
"""Each finding by name, in the report's order, with its title. docs/concepts/data.md explains them."""

DETAILED = ("quarantine-reason", "inside-longer-number", "unknown-county", "unknown-race", "unknown-sex", *NOTICED)
"""Findings with one row for each detail that occurs, so perhaps none; the others always have one row."""

UNKNOWN_TEXTS = ("unknown-county", "unknown-race", "unknown-sex")
"""Findings whose details are texts of records. In a shifted record a name or a number stands there."""

KNOWN = {
    "county": frozenset(name.encode() for name in state().counties.names),
    "race": frozenset(race.text.encode() for race in state().people.races),
    "sex": frozenset(text.encode() for text in state().people.sexes),
}
"""Texts that are no finding, by dictionary of the store."""
