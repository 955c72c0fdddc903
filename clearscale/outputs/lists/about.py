"""The first sheet of a workbook: what it is, what it was made of, and what its words mean."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from clearscale.outputs.called import called, options_in
from clearscale.outputs.workbooks import Page
from clearscale.policy import DISMISS, REDUCE
from clearscale.relief import OUTCOMES
from clearscale.runs import Run
from clearscale.runs.charges import ChargeRun

from .flag_words import CHARGE_FLAGS, COPY_WORDS, FLAG_WORDS

CAVEATS = (
    "It holds personal data: keep it where only those may read it whom the law allows to.",
    "It says what the policy gives by the records that there were. Records are incomplete and can be wrong: look "
    "at the flags, and at the court's file, before an order rests on it.",
    "Texts are as the records have them. Numbers of cases and people are texts, so that no zero before them is "
    "lost. Dates before 1900-03-01, which spreadsheets cannot show as dates, are texts, too.",
)

_DECIDED = {
    DISMISS: "the policy dismisses it",
    REDUCE: "the policy reduces it to a misdemeanor",
    "": "no rule of the policy holds: nothing is decided",
}


def outcome_words(run: Run | ChargeRun, outcome: str) -> str:
    """An outcome in words."""
    if isinstance(run, ChargeRun):
        return OUTCOMES[outcome].text
    return _DECIDED.get(outcome, "as the rule that decides it says")


def flags_of(run: Run | ChargeRun) -> Mapping[str, str]:
    """The flags that decisions of a run may have, and what they say."""
    return dict(CHARGE_FLAGS.values()) if isinstance(run, ChargeRun) else FLAG_WORDS | COPY_WORDS


def _settings(stated: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what was chosen of a policy, (what, words): its parameters, or options; a map's for its counties."""
    places: Mapping[str, int] = stated["counties"] if "policies" in stated else {}
    for place, policy in enumerate(stated.get("policies") or [stated]):
        of = ""
        if "policies" in stated:
            counties = sorted(county for county, own in places.items() if own == place)
            rest = ["all other counties"] if place == stated["default"] else []
            of = f" in {', '.join([*counties, *rest])}"
            yield f"Policy{of}", f"{policy['id']}: {policy['title']}"
        chosen = dict(policy.get("parameters") or {})
        if chosen:
            yield f"Its settings{of}", ", ".join(f"{name} = {_setting(value)}" for name, value in chosen.items())
        elif (options := options_in(policy)) is not None:
            for table in options.values():
                for name, value in table.items():
                    yield f"Option {name}{of}", _setting(value)


def _setting(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(value) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def write_about(
    page: Page,
    run: Run | ChargeRun,
    title: str,
    what: Sequence[str],
    facts: Mapping[str, str | int],
    outcomes: Counter[str],
    columns: Iterable[tuple[str, str]],
    remarks: Sequence[str] = (),
) -> None:
    """Write the sheet.

    Parameters
    ----------
    page
        To be written.
    run
        Whose decisions they are.
    title, what
        What the workbook is, in a few words and in sentences.
    facts
        Of the workbook, beside those of the run.
    outcomes
        How many decisions have each.
    columns
        Names of columns, and what they hold.
    remarks
        What else is to be known of this workbook.
    """
    info = run.info
    page.title(title)
    for sentence in (*what, *CAVEATS, *remarks):
        page.words(sentence)
    page.title("Made of")
    policy = info["policy"]
    page.line("Run", run.folder.url)
    page.line("Policy", f"{called(info)}: {policy['title']}")
    for name, words in _settings(policy):
        page.line(name, words)
    page.line("As of", info["as_of"])
    page.line("Snapshot of the store", info["snapshot"])
    page.line("Digest of the run", info["key"])
    page.line("Digest of the policy", info["policy_digest"])
    page.line("Version of clearscale", info["version"])
    for name, fact in facts.items():
        page.line(name, fact)
    page.title("Outcomes")
    for outcome, count in sorted(outcomes.items()):
        page.line(outcome or "(none)", f"{count:,}: {outcome_words(run, outcome)}")
    page.line("Together", sum(outcomes.values()))
    page.title("Flags")
    for name, words in flags_of(run).items():
        page.line(name, words)
    page.title("Columns")
    for name, meaning in columns:
        page.line(name, meaning)
