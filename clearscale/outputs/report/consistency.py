"""Check a page's figures against the run's summaries and each other, whenever a report is made."""

from collections.abc import Iterator
from itertools import chain

from clearscale.errors import RunError
from clearscale.outputs.disclosure import DIMENSIONS, GROUPED, Block
from clearscale.policy import DISMISS, REDUCE, Policy
from clearscale.policy.model import CODE_SECTION
from clearscale.policy.outcomes import filled_in, reasons_with_code_section
from clearscale.runs import summary_keys as keys

from .figures import STATE, PageFigures
from .policy_words import CODE_SECTION_WORDS
from .words import MEASURE_WORDS


def check(view: PageFigures) -> None:
    """Raise RunError if the run's tables, summaries and decisions disagree, or the page shows other figures."""
    where = view.county or "the state"
    for name, shown, counted in _pairs(view):
        if shown != counted:
            raise RunError(
                f"{view.source.run.folder.url}: {name} of {where} are {counted:,} in the tables and {shown:,} "
                "elsewhere in the run; its files were changed or are of several runs: make the run again in a new "
                "folder"
            )


def _pairs(view: PageFigures) -> Iterator[tuple[str, int, int]]:
    """Yield (name, figure elsewhere in the run or on the page, figure of the tables)."""
    summary = view.summary
    sections, severities = view.convictions("section"), view.convictions("severity")
    listed = summary[keys.BY_SECTION]
    for section in sorted({*sections, *listed}):
        yield f"convictions under {section}", listed.get(section, 0), sections[section]
    yield "felonies", summary[keys.FELONIES], severities["felony"]
    yield "other convictions", summary[keys.NOT_FELONIES], severities["not a felony"]
    for key in ("determination", "reason", "year"):
        yield f"convictions by {key}", sum(view.convictions(key).values()), view.total
    yield "decisions", view.flags[""], sum(view.convictions("section", related=True).values())
    expected = keys.people(summary)
    for measure, words in MEASURE_WORDS.items():
        yield words, expected[measure], view.exact_people(measure)
        yield from _shown(view, measure)
    yield from _listed(view)
    if view.scope == STATE:
        yield "counties", summary["counties"], len(view.source.counties)


def _listed(view: PageFigures) -> Iterator[tuple[str, int, int]]:
    """Yield dismissals and reductions by section and additional relief, as summaries list them."""
    counted, summary = view.convictions("determination", "reason"), view.summary
    policy = view.source.policy
    own = policy.of_county(view.county) if view.county else policy
    # Several policies may give one section, each for another reason.
    by_section = (own.dismiss_sections, own.reduce_sections) if isinstance(own, Policy) else ((), ())
    for determination, key, listed in (
        (DISMISS, keys.DISMISSED_BY_SECTION, by_section[0]),
        (REDUCE, keys.REDUCED_BY_SECTION, by_section[1]),
    ):
        for section, reason in listed:
            if CODE_SECTION in reason:
                continue
            yield f"decisions for {section}: {reason}", summary[key].get(section, 0), counted[determination, reason]
    # Summaries name a rule's reason once, tables with each code section that it is given for.
    several = {filled_in(reason, CODE_SECTION_WORDS) for reason in reasons_with_code_section(policy)}
    for reason, count in summary[keys.DISMISSED_BY_REASON].items():
        if reason not in several:
            yield f"dismissals for {reason}", count, counted[DISMISS, reason]


def _shown(view: PageFigures, measure: str) -> Iterator[tuple[str, int, int]]:
    """Yield the counts of people that the page shows, beside those of the table."""
    groups: list[dict[str, Block]] = [{}]
    if measure in GROUPED:
        groups += [{key: value} for key in DIMENSIONS for value in view.groups(key)]
    for by in groups:
        shown = view.people(measure, **by)
        if shown is not None:
            yield (
                f"{MEASURE_WORDS[measure]} {' '.join(chain(*by.values()))}".strip(),
                shown,
                view.exact_people(measure, **by),
            )
