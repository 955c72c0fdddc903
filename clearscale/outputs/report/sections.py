"""Sections that the state's page and a county's have in common."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from clearscale.drawing import told
from clearscale.law import state
from clearscale.outputs.disclosure import Block as Groups
from clearscale.outputs.lists.flag_words import FLAG_WORDS
from clearscale.policy import DISMISS, REDUCE
from clearscale.runs import summary_keys as keys

from . import charts
from .figures import PageFigures
from .model import Block, Chart, Heading, Section, Table, Texts
from .words import (
    HIDDEN,
    MEASURE_WORDS,
    SECTION_WORDS,
    SHORT_MEASURES,
    block,
    listed,
    number,
    outcome,
    share,
    year_words,
)

DIMENSIONS = {"race": "race", "sex": "sex", "age": "age on the as-of date"}
_OTHER_POLICIES = {
    keys.THIS_POLICY: "this policy",
    keys.ALL_DISMISSED: "all Prop 64 dismissed",
    keys.ALL_AND_RELATED_DISMISSED: "all Prop 64 and related charges dismissed",
}
_LEFT = ("no_felony", "no_conviction", "no_recent_conviction")


def determinations(view: PageFigures) -> list[str]:
    """Return the determinations that occur: dismissal, reduction, others, and none last."""
    found = view.convictions("determination")
    others = sorted(set(found) - {DISMISS, REDUCE, ""})
    return [determination for determination in (DISMISS, REDUCE, *others, "") if found[determination]]


def withheld(view: PageFigures) -> Section:
    """Explain why figures that divide a few people are missing."""
    texts = (
        "So few people stand behind these figures that how they divide is hidden as well: by section, decision, "
        "reason, race, sex, age and year.",
        hidden_words(view),
    )
    return Section("hidden", "Why most figures are hidden", (Texts(texts),))


def decisions(view: PageFigures) -> Section:
    """Return the section of convictions by section, outcome and reason."""
    kinds = determinations(view)
    found = view.convictions("section")
    sections = [section for section in SECTION_WORDS if found[section]]
    by = {(section, kind): view.listed("decision", kind, section) for section in sections for kind in kinds}
    rows = [
        {"name": SECTION_WORDS[section], "part": outcome(kind), "count": by[section, kind], "place": place}
        for section in sections
        for place, kind in enumerate(kinds)
    ]
    counts = [[*(by[section, kind] for kind in kinds), view.listed("section", section)] for section in sections]
    counts.append([*(view.listed("decision", kind) for kind in kinds), view.listed("total")])
    names = [*(SECTION_WORDS[section] for section in sections), "All sections"]
    table = Table(
        "Prop 64 convictions by section and decision",
        ("Section", *(outcome(kind) for kind in kinds), "All"),
        tuple((name, *map(number, cells)) for name, cells in zip(names, counts, strict=True)),
        notes=hidden_note(view, chain(*counts)),
        numbers=tuple(range(1, len(kinds) + 2)),
        total=True,
    )
    parts = [outcome(kind) for kind in kinds]
    chart = Chart(
        "sections",
        "Convictions by section, and what is decided",
        f"Bars for {listed([SECTION_WORDS[section] for section in sections])}, divided by decision. "
        + "; ".join(
            f"{SECTION_WORDS[section]}: "
            + listed(
                [f"{number(by[section, kind])} {outcome(kind).lower()}" for kind in kinds if by[section, kind] != 0]
            )
            for section in sections
        )
        + ".",
        charts.stacked(
            rows,
            [SECTION_WORDS[section] for section in sections],
            parts,
            "Prop 64 convictions",
            {SECTION_WORDS[section]: view.listed("section", section) for section in sections},
        ),
        table,
    )
    blocks: list[Block] = [chart, _reasons(view, sections), *_related(view)]
    return Section("decisions", "Decisions by section and reason", tuple(blocks))


def _related(view: PageFigures) -> list[Block]:
    kinds = sorted(kind for name, kind in (key for key in view.counts.by if len(key) == 2) if name == "related")
    if not kinds:
        return []
    decided = [f"{number(view.listed('related', kind))} {outcome(kind).lower()}" for kind in kinds]
    return [
        Texts(
            (
                "The policy also decides convictions of related charges, which are not in these figures: "
                f"{listed(decided)}.",
            )
        )
    ]


def _reasons(view: PageFigures, sections: Sequence[str]) -> Table:
    order = {kind: place for place, kind in enumerate(determinations(view))}
    pairs = [key[1:] for key in view.counts.by if key[0] == "reason" and len(key) == 3]
    counts = {
        pair: [*(view.listed("reason", *pair, section) for section in sections), view.listed("reason", *pair)]
        for pair in pairs
    }
    rows = [
        (outcome(pair[0]), pair[1] or "no rule holds", *map(number, counts[pair]))
        # Hidden counts come last, so that their place does not disclose them.
        for pair in sorted(pairs, key=lambda pair: (order[pair[0]], -(counts[pair][-1] or 0), pair[1]))
    ]
    return Table(
        "Prop 64 convictions by decision and reason",
        ("Decision", "Reason", *sections, "All"),
        tuple(rows),
        notes=(
            "A conviction has the reason of the first rule that holds for it, so the order of the rules decides "
            "which reason is counted. The rules stand below.",
            *hidden_note(view, chain(*counts.values())),
        ),
        numbers=tuple(range(2, len(sections) + 3)),
    )


def people(view: PageFigures) -> Section:
    """Return the section of people by race, sex and age, each group's share beside its share before relief."""
    blocks: list[Block] = [
        Texts(
            (
                "Each group's share among people with relief stands beside its share before relief, that is among "
                "all people with Prop 64 convictions. Where a group's share after is larger, more of the relief "
                "goes to it than its part in these convictions.",
            )
        )
    ]
    for dimension, title in DIMENSIONS.items():
        blocks += [Heading(f"By {title}"), _groups(view, dimension, title)]
    return Section("people", "People by race, sex and age", tuple(blocks))


def _groups(view: PageFigures, dimension: str, title: str) -> Block:
    groups = [name for name in view.groups(dimension) if view.people("with_prop64", **{dimension: name}) != 0]
    words = {name: block(dimension, name) for name in groups}
    measures = list(SHORT_MEASURES)
    totals = {measure: view.people(measure) for measure in measures}
    figures = {
        (name, measure): view.people(measure, **{dimension: name}) for name in groups for measure in measures
    }
    rows = []
    for name in groups:
        cells = [words[name]]
        for measure in measures:
            cells += [number(figures[name, measure]), share(figures[name, measure], totals[measure])]
        rows.append(tuple(cells))
    all_people = ["All"]
    for measure in measures:
        all_people += [number(totals[measure]), share(totals[measure], totals[measure])]
    columns = [dimension.capitalize()]
    for measure in measures:
        columns += [
            MEASURE_WORDS[measure].removeprefix("people ").capitalize(),
            f"Share, {SHORT_MEASURES[measure]}",
        ]
    columns[1] = "With Prop 64 convictions"
    table = Table(
        f"People by {title}",
        tuple(columns),
        (*rows, tuple(all_people)),
        notes=(
            *_merge_note(view, words),
            *_left_out(figures, groups, totals),
            *hidden_note(view, figures.values()),
        ),
        numbers=tuple(range(1, len(columns))),
        total=True,
    )
    if all(figures[name, "with_prop64"] is None for name in groups):
        return table
    bars = []
    for (name, measure), count in figures.items():
        total = totals[measure]
        bars.append(
            {
                "name": words[name],
                "part": SHORT_MEASURES[measure],
                "share": _share(count, total),
                "label": share(count, total),
                "tip": told(words[name], SHORT_MEASURES[measure], _of(count, total)),
            }
        )
    return Chart(
        f"people-{dimension}",
        f"Shares of people by {title}, before relief and after",
        f"Bars for each group of {title}. "
        + "; ".join(
            f"{words[name]}: {share(figures[name, 'with_prop64'], totals['with_prop64'])} of people "
            f"with Prop 64 convictions, {share(figures[name, 'some_relief'], totals['some_relief'])} of people "
            "with some relief"
            for name in groups
        )
        + ".",
        charts.groups(
            bars,
            list(words.values()),
            list(SHORT_MEASURES.values()),
            "share of the people counted",
        ),
        table,
    )


def _left_out(
    figures: Mapping[tuple[Groups, str], int | None], groups: Sequence[Groups], totals: Mapping[str, int | None]
) -> tuple[str, ...]:
    """Say below a table what part of each whole is in groups whose counts are hidden."""
    parts = []
    for measure, total in totals.items():
        counts = [figures[name, measure] for name in groups]
        if total and None in counts and any(count is not None for count in counts):
            rest = total - sum(count for count in counts if count is not None)
            parts.append(f"{share(rest, total)} ({SHORT_MEASURES[measure]})")
    return (f"Shares that are shown do not add up to 100%; in hidden groups are {listed(parts)}.",) if parts else ()


def _of(count: int | None, total: int | None) -> str:
    """Write a count with its share, or that it is hidden."""
    return number(count) if count is None or not total else f"{number(count)} ({share(count, total)})"


def _merge_note(view: PageFigures, words: Mapping[Groups, str]) -> tuple[str, ...]:
    """Say below a table which groups are counted together."""
    together = [words[name] for name in words if len(name) > 1]
    if not together:
        return ()
    return (
        f"Counted together: {'; '.join(together)}. At least one of these groups is of fewer than "
        f"{view.source.below} people with Prop 64 convictions.",
    )


def _share(count: int | None, total: int | None) -> float | None:
    return count / total if count is not None and total else None


def hidden_note(view: PageFigures, figures: Iterable[int | None]) -> tuple[str, ...]:
    """Explain `hidden` below a table that has such figures."""
    return (hidden_words(view),) if any(figure is None for figure in figures) else ()


def hidden_words(view: PageFigures) -> str:
    """Explain `hidden` on a page."""
    least = view.source.below
    return (
        f"“{HIDDEN}”: fewer than {least}, or a figure from which such a small number could be computed."
        if least is not None
        else ""
    )


def left(view: PageFigures) -> Table:
    """Return who is left without felonies or convictions, under this policy and broader ones."""
    policies = {key: words for key, words in _OTHER_POLICIES.items() if key in view.summary}
    rows = []
    every: list[int | None] = []
    for measure in _LEFT:
        shown = [view.people(measure)] + [view.beside(key, measure) for key in list(policies)[1:]]
        every += shown
        rows.append((MEASURE_WORDS[measure].capitalize(), *map(number, shown)))
    return Table(
        "People who no longer have a felony or a conviction, under this policy and under broader ones",
        ("People", *(f"With {words}" for words in policies.values())),
        tuple(rows),
        notes=hidden_note(view, every),
        numbers=tuple(range(1, len(policies) + 1)),
    )


def years(view: PageFigures) -> Section:
    """Return the section of convictions by year."""
    title = "When the convictions were"
    counts = {years: view.listed("year", *years) for years in view.years}
    lines = [(year_words(years), number(count)) for years, count in counts.items()]
    together = any(len(years) > 1 for years in counts)
    table = Table(
        "Prop 64 convictions by year",
        ("Year", "Convictions"),
        (*lines, ("All years", number(view.listed("total")))),
        notes=(
            *(
                [f"Years of fewer than {view.source.below} convictions are counted with those beside them."]
                if together
                else []
            ),
            *hidden_note(view, counts.values()),
        ),
        numbers=(1,),
        total=True,
    )
    dated = {tuple(year for year in years if year): count for years, count in counts.items() if any(years)}
    seen = {years: count for years, count in dated.items() if count is not None}
    if not seen:
        return Section("years", title, (table,))
    rows = [
        {
            "first": int(years[0]),
            "last": int(years[-1]) + 1,
            "rate": count and count / _span(years),
            "tip": told(words, number(count)),
        }
        for (years, count), words in zip(dated.items(), map(year_words, filter(any, counts)), strict=True)
    ]
    most = max(seen, key=lambda years: (seen[years] / _span(years), -int(years[0])))
    alt = f"Bars by year from {min(dated)[0]} to {max(dated)[-1]}. "
    if together:
        alt += "Years that are counted together have one bar, as high as their mean. "
    if len(seen) < len(dated):
        alt += f"{len(dated) - len(seen)} of {len(dated)} bars are outlines, as their counts are hidden. "
    alt += f"Most are of {year_words(most)}: {seen[most]:,}."
    chart = Chart("years", "Prop 64 convictions by year", alt, charts.years(rows), table, long=True)
    return Section("years", title, (chart,))


def _span(years: Sequence[str]) -> int:
    return int(years[-1]) - int(years[0]) + 1


def found(view: PageFigures) -> tuple[Section, ...]:
    """Return what was found in the extracts when they were taken in; nothing where nothing was.

    A county's page has counts only where nothing is hidden: they may be those of decisions whose counts are.
    The state's has none: they would be sums of the counties'.
    """
    kinds, counted = state().findings, bool(view.county) and view.source.below is None
    rows: list[tuple[str, ...]] = []
    findings = view.source.findings(view.county)
    for name, kind in kinds.listed.items():
        of_kind = [finding for finding in findings if finding["name"] == name]
        if of_kind:
            count = sum(finding["count"] for finding in of_kind)
            shown = number(count) if counted else f"{len(of_kind):,}"
            rows.append((f"{kind.among[0].upper()}{kind.among[1:]} that {kind.says}", shown, name))
    if not rows:
        return ()
    text = (
        "What was read was compared with what the format of an extract says. What is doubtful was told when the "
        "extract was taken in, and counts as it stands. Look at it before relying on these figures."
    )
    columns = ("What was found", "How many" if counted else "Extracts", "Finding")
    table = Table("Findings in the extracts", columns, tuple(rows), numbers=(1,))
    return (Section("findings", "What was found in the extracts", (Texts((text,)), table)),)


def missing(view: PageFigures) -> Section:
    """Return what a person should know before relying on decisions: the flags."""
    title = "What rests on missing or unusual data"
    every = view.listed("decisions")
    counts = {flag: view.listed("flag", flag) for flag in FLAG_WORDS}
    rows = tuple(
        (words[0].upper() + words[1:], number(counts[flag]), share(counts[flag], every), flag)
        for flag, words in FLAG_WORDS.items()
    )
    table = Table(
        "Decisions that carry a flag" + ("" if every is None else f", of {every:,}"),
        ("What the flag says", "Decisions", "Share", "Flag"),
        rows,
        notes=(
            "A decision may carry several flags or none, so the shares do not add up to 100%.",
            *hidden_note(view, counts.values()),
        ),
        numbers=(1, 2),
    )
    text = (
        "A flag does not change a decision. It says that a person should look at the record before acting on it. "
        "The result files and the run's table of decisions carry the flags record by record."
    )
    return Section("data", title, (Texts((text,)), table))
