"""A page of a run over charges: what becomes of them, what is missing, and when more is due."""

from clearscale.outputs.called import file_of as policy_file
from clearscale.outputs.county_files import file_name
from clearscale.outputs.disclosure.charges import DUE, LACKING
from clearscale.outputs.report import glossary
from clearscale.outputs.report.lead import spoken_date
from clearscale.outputs.report.model import Block, Commands, Page, Points, Section, Texts
from clearscale.outputs.report.shell import RUN_LINES, RUN_WORDS, quoted
from clearscale.outputs.report.sources import settings, what_it_was
from clearscale.outputs.report.words import listed, number
from clearscale.relief import OUTCOMES

from . import sections
from .counting import NO_COURT, OTHER_COURTS
from .policy import policy_section
from .view import View
from .words import WOULD

_TO_LOOK_AT = ("hand-review", "undecided")
"""Outcomes that leave a charge to a person."""


def page(view: View, *, footer: str, warning: str, note: str, command: str, version: str) -> Page:
    """Return the page of the state, of a county, or of a court."""
    run = view.source.finished
    summary = run.summary
    found = [sections.headline(view), sections.outcomes(view)]
    if view.is_state and len(view.source.counties) > 1:
        found.append(sections.counties(view))
    if view.courts and not view.is_court:
        found.append(sections.courts(view))
    if view.is_state and (who := sections.people(view)) is not None:
        found.append(who)
    if view.names(LACKING):
        found.append(sections.missing(view))
    if view.names(DUE):
        found.append(sections.due(view))
    if (steps := _next(view)) is not None:
        found.append(steps)
    as_of = spoken_date(summary["asOf"])
    return Page(
        file=file_of(view),
        title=summary["policyTitle"],
        subtitle=f"{view.name}, as of {as_of}" if view.name else f"As of {as_of}",
        lead=lead(view),
        sections=(
            *found,
            policy_section(run),
            _reading(view),
            _reproduce(view, command, version),
            glossary.of_charges(view.outcomes, view.below),
        ),
        footer=footer,
        warning=warning,
        note=note,
    )


def file_of(view: View) -> str:
    """Return the name of a page's files, without an ending."""
    if view.is_state:
        return "charges"
    of = [view.place] if isinstance(view.place, str) else view.place
    return "-".join(["charges", *map(file_name, of)])


def lead(view: View) -> tuple[str, ...]:
    """Return what becomes of the charges in some sentences."""
    total = view.charges()
    if total is None:
        return ("Figures are so small that most of them are hidden.",)
    charges = f"{total:,} charge{'s' if total != 1 else ''}"
    found = [f"The policy decides {charges}."]
    if not view.is_court:
        found = [f"The policy decides {charges} of {number(view.people())} people."]
    for gives in (True, False):
        parts = [
            f"{count:,} {WOULD[name]}"
            for name in view.outcomes
            if OUTCOMES[name].relief is gives and (count := view.charges(name))
        ]
        if parts:
            found.append(f"{listed(parts).capitalize()}.")
    return tuple(found)


def _next(view: View) -> Section | None:
    """Return what to do with the charges, as commands; nothing for a place that no command can name."""
    if isinstance(view.place, tuple) and view.place[1] in (NO_COURT, OTHER_COURTS):
        return None
    steps: list[Block] = []
    for kind, text, file in (
        (True, "List the charges that have relief, with names, case numbers and courts.", "relief"),
        (False, "List those that a person has to look at, or whose records lack something.", "to-look-at"),
    ):
        names = [name for name in view.outcomes if (OUTCOMES[name].relief if kind else name in _TO_LOOK_AT)]
        if names:
            wanted = "".join(f" --outcome {name}" for name in names)
            out = quoted(f"{file_of(view)}-{file}.csv")
            command = f'clearscale decisions --run "$RUN"{view.option}{wanted} --out {out}'
            steps += [Points((text,)), Commands((command,))]
    if not steps:
        return None
    words = f"In a shell: the first line names the run, {RUN_WORDS} The files hold records of people: keep them so."
    return Section("next", "Next steps", (Texts((words,)), Commands(RUN_LINES), *steps))


def _reading(view: View) -> Section:
    items = [
        "A charge is one line of the files, with the disposition that it has. Where a charge was amended, the "
        "amended one counts.",
        "Expunged, vacated and so on are what the policy says; a court, a board or an agency still has to act.",
        "A person is known by the key that the files have. Charges without one are nobody's, and each case of them "
        "stands for itself.",
    ]
    if view.is_court:
        items[-1] = "Reasons, people, and what is missing stand on the page of the county."
    elif not view.source.courts:
        items.append("No record names a court, so nothing is counted by court.")
    if view.below is not None:
        items.append(
            f"Small numbers could point to a person. Counts from 1 to {view.below - 1} are hidden, and further "
            "ones wherever a hidden count could be computed from the rest of this page, or of the pages of the "
            "state, of counties and of courts, all of which were judged together."
        )
    return Section("reading", "How to read these figures", (Points(tuple(items)),))


def _reproduce(view: View, command: str, version: str) -> Section:
    info = view.source.finished.info
    text = (
        "The same files, format, policy and date give the same figures on any machine. In a shell, the first lines "
        "name the files, their column map, the folder of the store, the policy by its name or file, and new "
        "folders for the run and the report: put yours there. The others run as they stand."
    )
    lines = (
        'FILES="charges.csv"',
        'FORMAT="format.toml"',
        'STORE="store"',
        f"POLICY={quoted(policy_file(info), always=True)}",
        'RUN="run-again"',
        'REPORT="report-again"',
        'clearscale ingest --format "$FORMAT" --store "$STORE" "$FILES"',
        f'clearscale run --store "$STORE" --policy "$POLICY"{settings(info)} --as-of {info["as_of"]} --out "$RUN"',
        command,
    )
    return Section(
        "reproduce",
        "How to get these figures again",
        (Texts((text,)), Commands(lines), what_it_was(info, version)),
    )
