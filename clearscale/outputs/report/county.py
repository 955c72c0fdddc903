"""A county's page: all that the counties' own program summed up, and who the people are."""

from itertools import chain

from clearscale.outputs.county_files import ALL_RESULTS, CONDENSED_RESULTS, PROP64_RESULTS, SUMMARY, file_name
from clearscale.outputs.lists.flag_words import FLAG_WORDS
from clearscale.policy import DISMISS, REDUCE
from clearscale.runs import summary_keys as keys

from . import glossary, sections, sources
from .figures import PageFigures
from .lead import earliest, key_figures, place_words, sentences, subtitle
from .model import Block, Commands, Heading, Page, Points, Section, Table, Texts
from .policy_words import left_to_people, plain_reason, summary_reason
from .shell import RUN_LINES, RUN_WORDS, quoted
from .words import HIDDEN, SECTION_WORDS, number

_FILES = (
    (f"{ALL_RESULTS}.csv", "every record of the extract, with the decision and what it rests on"),
    (f"{CONDENSED_RESULTS}.csv", "the same with 20 of the 95 columns"),
    (f"{PROP64_RESULTS}.csv", "only the convictions that are decided"),
    (SUMMARY, "the figures of this summary, for programs"),
)


def page(view: PageFigures, *, made: str, footer: str, warning: str, note: str, command: str, version: str) -> Page:
    """Return a county's page."""
    policy = view.source.policy.of_county(view.county)
    start = (
        Section("headline", "At a glance", key_figures(view)),
        Section("summary", "Summary", _summary(view, made)),
    )
    divided = (
        sections.decisions(view),
        _relief(view),
        sections.people(view),
        Section("left", "Free of felonies, free of convictions", (_left_words(view), sections.left(view))),
        sections.years(view),
        sections.missing(view),
        *sections.found(view),
    )
    end = (
        _next(view),
        sources.policy(view),
        sources.reproduce(view, command, version),
        glossary.of_convictions(view.source.below),
    )
    # A page of hidden figures helps nobody.
    middle = divided if view.listable else (sections.withheld(view),)
    return Page(
        file=file_name(view.county),
        title=f"Clearing old marijuana convictions in {place_words(view)}",
        subtitle=subtitle(view, policy.title),
        lead=sentences(view),
        sections=(*start, *middle, *end),
        footer=footer,
        warning=warning,
        note=note,
    )


def _summary(view: PageFigures, made: str) -> tuple[Block, ...]:
    info, summary = view.source.run.info, view.summary
    listed = view.listable
    processing = (
        ("Version", f"clearscale {info['version']}"),
        ("Time of this report", made),
        ("Lines in the extract", f"{summary[keys.LINES]:,}" if listed else HIDDEN),
        ("Seconds to process all counties", f"{info['seconds']:,}"),
        ("Earliest conviction", earliest(view) if listed else HIDDEN),
        ("People with Prop 64 convictions", number(view.people("with_prop64"))),
    )
    blocks: list[Block] = [Table("Processing", ("What", "Value"), processing)]
    if listed:
        blocks.append(_convictions(view))
    return tuple(blocks)


def _convictions(view: PageFigures) -> Table:
    severities = ("felony", "not a felony")
    found = view.convictions("section")
    counts = {
        SECTION_WORDS[section]: [
            *(view.listed("severity", kind, section) for kind in severities),
            view.listed("section", section),
        ]
        for section in SECTION_WORDS
        if found[section]
    }
    counts["In total"] = [*(view.listed("severity", kind) for kind in severities), view.listed("total")]
    return Table(
        "Prop 64 convictions in this county",
        ("Section", "Felonies", "Others", "All"),
        tuple((name, *map(number, cells)) for name, cells in counts.items()),
        notes=sections.hidden_note(view, chain(*counts.values())),
        numbers=(1, 2, 3),
        total=True,
    )


def _relief(view: PageFigures) -> Section:
    """Return dismissals and reductions as the counties' program listed them."""
    title = "Dismissals and reductions"
    blocks: list[Block] = []
    for kind, key, caption, column, none in (
        (
            DISMISS,
            keys.DISMISSED_BY_SECTION,
            "Dismissals by section, where the policy dismisses a whole section",
            "Section",
            "The policy dismisses no section as a whole.",
        ),
        (
            REDUCE,
            keys.REDUCED_BY_SECTION,
            "Reductions by section, where the policy reduces a whole section",
            "Section",
            "The policy reduces no section as a whole.",
        ),
        (
            DISMISS,
            keys.DISMISSED_BY_REASON,
            "Dismissals by additional relief",
            "Reason",
            "No conviction is dismissed for an additional reason.",
        ),
    ):
        counts = {name: view.listed("reason", kind, _reason(view, key, name)) for name in view.summary[key]}
        rows = tuple((SECTION_WORDS.get(name, name), number(count)) for name, count in counts.items())
        notes = sections.hidden_note(view, counts.values())
        blocks.append(
            Table(caption, (column, "Convictions"), rows, notes, numbers=(1,)) if rows else Texts((none,))
        )
    return Section("relief", title, tuple(blocks))


def _reason(view: PageFigures, key: str, name: str) -> str:
    """Return the reason that an entry of the summary's lists counts: by its section, or as summaries write it."""
    policy = view.source.policy
    own = policy.of_county(view.county)
    sections = {keys.DISMISSED_BY_SECTION: own.dismiss_sections, keys.REDUCED_BY_SECTION: own.reduce_sections}
    if key not in sections:
        return summary_reason(policy, name)
    return plain_reason(policy, dict(sections[key])[name])


def _left_words(view: PageFigures) -> Texts:
    relief = number(view.people("some_relief"))
    return Texts(
        (
            f"People with some relief: {relief}. Of the people in this county's extract, the table counts those "
            "who are left without a felony or a conviction, by this county's relief alone; convictions in other "
            "counties stay as they are.",
        )
    )


def _next(view: PageFigures) -> Section:
    folder = f"for-{file_name(view.county)}"
    files = Table("The county's result files", ("File", "Holds"), _FILES)
    county, out = quoted(view.county), quoted(folder)
    flags = [flag for flag in FLAG_WORDS if view.listed("flag", flag) != 0] if view.listable else [*FLAG_WORDS]
    policy = view.source.policy.of_county(view.county)
    left = "".join(f" --outcome {quoted(outcome)}" for outcome in ("none", *left_to_people(policy)))
    blocks: list[Block] = [
        files,
        Heading("Next steps"),
        Texts((f"In a shell: the first line names the run, {RUN_WORDS}",)),
        Commands(RUN_LINES),
        Points(
            (
                "Write the result files. They hold criminal-history records: keep them where such records may be "
                "kept.",
            )
        ),
        Commands((f'clearscale export --run "$RUN" --county {county} --out {out}',)),
    ]
    if flags:
        blocks += [
            Points(("List the decisions with flags, and look at their records.",)),
            Commands(
                (
                    f'clearscale decisions --run "$RUN" --county {county} --flag any --out '
                    f"{quoted(f'{folder}-flagged.csv')}",
                )
            ),
        ]
    blocks += [
        Points(("List those that the policy leaves to a person.",)),
        Commands(
            (
                f'clearscale decisions --run "$RUN" --county {county}{left} --out '
                f"{quoted(f'{folder}-undecided.csv')}",
            )
        ),
        Points(
            (
                "Let the district attorney confirm the list of convictions to dismiss and to reduce.",
                "File the list with the court, as the county and its court have agreed.",
                "When the court has ordered relief, have the Department of Justice update the state's records.",
            )
        ),
    ]
    return Section("next", "Files and next steps", tuple(blocks))
