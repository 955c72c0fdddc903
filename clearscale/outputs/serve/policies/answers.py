"""What a page of policies shows of one setting, with the report's words and order."""

import json
import re

from clearscale.io.urls import file_name
from clearscale.law import state
from clearscale.outputs.report.words import SECTION_WORDS, listed, outcome
from clearscale.outputs.serve.answers import (
    Answer,
    Listing,
    SavedPolicy,
    counties_listing,
    key_figures,
    key_of,
    nothing,
    people_listings,
    place_words,
    races_words,
    saved_options,
    sections_listing,
    strip_of,
)
from clearscale.outputs.serve.choosing import command
from clearscale.policy import Policy
from clearscale.policy.parameters import DATE, Parameter, Value, shown
from clearscale.whatif.sweep.option_family import family_of

from .choices import PolicySetting
from .deciding import RELATED
from .figures import PlaceFigures
from .session import PolicySession

_SECTIONS = state().charges.sections


def answer(session: PolicySession, setting: PolicySetting, county: str | None) -> Answer:
    """Count what a policy does in a county, or in the state."""
    found, own = session.figures(setting, county), session.figures(session.own, county)
    listings = [_sections(found), _reasons(found)]
    listings += people_listings(found.people, found.by_sex, found.by_age, session.sexes)
    if county is None:
        listings.append(counties_listing(session.counties, session.by_county(setting)))
    place = place_words(county)
    return Answer(
        place,
        setting.address,
        saved(setting),
        _lead(found, place),
        key_of(found, own),
        tuple(listings),
        strip_of(found),
    )


def _lead(figures: PlaceFigures, place: str) -> tuple[str, ...]:
    convictions, dismissed, reduced, rest, people, relief, *_ = key_figures(figures)
    if not convictions or not people:
        return nothing(place)
    kinds = sorted(figures.neither.items(), key=lambda pair: (-pair[1], pair[0]))
    neither = "; ".join(f"{count:,} {outcome(kind).lower()}" for kind, count in kinds)
    found = [
        f"Of {convictions:,} Prop 64 convictions in {place}, {dismissed:,} would be dismissed, {reduced:,} "
        f"reduced to misdemeanors, and {rest:,} would get neither{f' ({neither})' if neither else ''}.",
        f"{relief:,} of {people:,} people would receive some relief{races_words(figures)}.",
    ]
    if figures.related:
        decided = [f"{count:,} {outcome(kind).lower()}" for kind, count in figures.related.items()]
        found.append(
            "The policy also decides convictions of related charges, which are not in these figures: "
            f"{listed(decided)}."
        )
    return tuple(found)


def _sections(figures: PlaceFigures) -> Listing:
    kinds = figures.by_determination
    table = [[int(counts[place]) for counts in kinds.values()] for place in range(len(_SECTIONS))]
    rows: list[tuple[str | int, ...]] = [
        (SECTION_WORDS[section], *counts, sum(counts)) for section, counts in zip(_SECTIONS, table, strict=True)
    ]
    total = [sum(column) for column in zip(*table, strict=True)]
    rows.append(("All sections", *total, sum(total)))
    return sections_listing([*map(outcome, kinds)], rows)


def _reasons(figures: PlaceFigures) -> Listing:
    order = {kind: place for place, kind in enumerate(figures.by_determination)}
    counts = {pair: int(of.sum()) for pair, many in figures.by_reason.items() if (of := many[:RELATED]).any()}
    ordered = sorted(counts, key=lambda pair: (order[pair[0]], -counts[pair], pair[1]))
    rows = tuple(
        (f"{outcome(kind)}: {reason or 'no rule holds'}", counts[kind, reason]) for kind, reason in ordered
    )
    columns = ("Decision: reason", "Convictions")
    return Listing("reasons", "Prop 64 convictions by decision and reason", columns, rows)


def saved(setting: PolicySetting) -> SavedPolicy:
    """Return a setting as a file by which `clearscale run` decides."""
    policy, choice = setting.policy, setting.choice
    options = family_of(policy) if isinstance(policy, Policy) else None
    if options is not None and not choice.reference.endswith(".toml"):
        return saved_options(options)
    if choice.document is None:
        if not choice.reference:
            return SavedPolicy("", "", "The run's own policy; run.json in its folder has it in full.")
        return SavedPolicy("", "", f"It has no parameters: clearscale run {command(setting)}")
    name = re.sub(r"[^a-z0-9]+", "-", f"{policy.id}-as-set".lower()).strip("-")
    extended = file_name(choice.reference)
    lines = [
        f"id = {_text(name)}",
        f"title = {_text(_title(setting))}",
        f"extends = {_text(extended)}",
    ]
    changed = setting.changed
    if changed:
        lines += ["", "[parameters]"]
        lines += [f"{key} = {_table(choice.parameters[key], value)}" for key, value in changed.items()]
    beside = f", beside {extended}" if extended.endswith(".toml") else ""
    words = f"Saved as policy.toml{beside}, this is a policy: clearscale run --policy policy.toml"
    return SavedPolicy(
        "policy.toml", "\n".join([*lines, ""]), f"{words}. Without a file: clearscale run {command(setting)}"
    )


def _title(setting: PolicySetting) -> str:
    values = [f"{name} {shown(value)}" for name, value in setting.changed.items()]
    return f"{setting.policy.title}{f', with {listed(values)}' if values else ''}"


def _table(parameter: Parameter, value: Value) -> str:
    """Write a parameter with another default."""
    entries = {
        "default": shown(value),
        "min": None if parameter.least is None else shown(parameter.least),
        "max": None if parameter.most is None else shown(parameter.most),
        "off": None if parameter.off is None else shown(parameter.off),
        "meaning": _text(parameter.meaning) if parameter.meaning else None,
    }
    assert parameter.kind != DATE or len(shown(value)) == 10
    return f"{{ {', '.join(f'{name} = {text}' for name, text in entries.items() if text is not None)} }}"


def _text(text: str) -> str:
    """Write a text as TOML does."""
    return json.dumps(text, ensure_ascii=False)
