"""A county's page: all that the counties' own program summed up, and who the people are."""

from . import given, parts
from .figures import View
from .lead import earliest, key_figures, place_words, sentences, subtitle
from .model import Block, Heading, Page, Points, Section, Table, Texts
from .policy_words import of_county
from .words import HIDDEN, SECTION_WORDS, file_name, number

_FILES = (
    ("All_Results.csv", "every record of the extract, with the decision and what it rests on"),
    ("All_Results_Condensed.csv", "the same with 20 of the 95 columns"),
    ("Prop64_Results.csv", "only the convictions that are decided"),
    ("gogen.json", "the figures of this summary, for programs"),
)


def page(view: View, *, made: str, footer: str, warning: str, note: str, command: str, version: str) -> Page:
    """A county's page."""
    policy = of_county(view.source.run.info["policy"], view.county)
    start = (
        Section("headline", "At a glance", key_figures(view)),
        Section("summary", "Summary", _summary(view, made)),
    )
    divided = (
        parts.decisions(view),
        _relief(view),
        parts.people(view),
        Section("left", "Free of felonies, free of convictions", (_left_words(view), parts.left(view))),
        parts.years(view),
        parts.missing(view),
    )
    end = (_next(view), given.policy(view), given.reproduce(view, command, version))
    # A page of hidden figures helps nobody.
    sections = (*start, *divided, *end) if parts.listable(view) else (*start, parts.withheld(view), *end)
    return Page(
        file=file_name(view.county),
        title=f"Clearing old marijuana convictions in {place_words(view)}",
        subtitle=subtitle(view, policy["title"]),
        lead=sentences(view),
        sections=sections,
        footer=footer,
        warning=warning,
        note=note,
    )


def _summary(view: View, made: str) -> tuple[Block, ...]:
    info, summary = view.source.run.info, view.summary
    listed = parts.listable(view)
    processing = (
        ("Version", f"clearscale {info['version']}"),
        ("Time of this report", made),
        ("Lines in the extract", f"{summary['lineCount']:,}" if listed else HIDDEN),
        ("Seconds to process all counties", f"{info['seconds']:,}"),
        ("Earliest conviction", earliest(view) if listed else HIDDEN),
        ("People with Prop 64 convictions", number(view.people("with_prop64"))),
    )
    blocks: list[Block] = [Table("Processing", ("What", "Value"), processing)]
    if listed:
        blocks.append(_convictions(view))
    return tuple(blocks)


def _convictions(view: View) -> Table:
    sections, by = view.convictions("section"), view.convictions("section", "severity")
    rows = [
        (SECTION_WORDS[each], f"{by[each, 'felony']:,}", f"{by[each, 'not a felony']:,}", f"{sections[each]:,}")
        for each in SECTION_WORDS
        if sections[each]
    ]
    severities = view.convictions("severity")
    total = ("In total", f"{severities['felony']:,}", f"{severities['not a felony']:,}", f"{view.total:,}")
    return Table(
        "Prop 64 convictions in this county",
        ("Section", "Felonies", "Others", "All"),
        (*rows, total),
        numbers=(1, 2, 3),
        total=True,
    )


def _relief(view: View) -> Section:
    """Dismissals and reductions as the counties' program listed them."""
    title = "Dismissals and reductions"
    blocks: list[Block] = []
    for key, caption, column, none in (
        (
            "convictionDismissalCountByCodeSection",
            "Dismissals by section, where the policy dismisses a whole section",
            "Section",
            "The policy dismisses no section as a whole.",
        ),
        (
            "convictionReductionCountByCodeSection",
            "Reductions by section, where the policy reduces a whole section",
            "Section",
            "The policy reduces no section as a whole.",
        ),
        (
            "convictionDismissalCountByAdditionalRelief",
            "Dismissals by additional relief",
            "Reason",
            "No conviction is dismissed for an additional reason.",
        ),
    ):
        rows = tuple((SECTION_WORDS.get(name, name), f"{count:,}") for name, count in view.summary[key].items())
        blocks.append(Table(caption, (column, "Convictions"), rows, numbers=(1,)) if rows else Texts((none,)))
    return Section("relief", title, tuple(blocks))


def _left_words(view: View) -> Texts:
    relief = number(view.people("some_relief"))
    return Texts(
        (
            f"People with some relief: {relief}. Of the people in this county's extract, the table counts those "
            "who are left without a felony or a conviction, by this county's relief alone; convictions in other "
            "counties stay as they are.",
        )
    )


def _next(view: View) -> Section:
    folder = f"for-{file_name(view.county)}"
    files = Table("The county's result files", ("File", "Holds"), _FILES)
    steps = (
        f"Write the files: clearscale export --run RUN --county “{view.county}” --out {folder}. They hold "
        "criminal-history records: keep them where such records may be kept.",
        "Look through the decisions with flags, and through those that the policy leaves to a person.",
        "Let the district attorney confirm the list of convictions to dismiss and to reduce.",
        "File the list with the court, as the county and its court have agreed.",
        "When the court has ordered relief, have the Department of Justice update the state's records.",
    )
    return Section("next", "Files and next steps", (files, Heading("Next steps"), Points(steps, numbered=True)))
