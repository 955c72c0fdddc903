"""Pages that are made from the language and the packs themselves.

`python -m clearscale.relief.pages docs` writes those of the documentation.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from clearscale.law.published import published
from clearscale.policy.language import CONFIDENCES
from clearscale.policy.pages import NO_ADVICE
from clearscale.policy.parameters import shown

from . import beside_published
from .facts import FACTS, FORMS, UNTOLD
from .language import (
    CAP_KEYS,
    GROUP_KEYS,
    GROUPS,
    KEYS,
    LIST_KEYS,
    RULE_KEYS,
    CapText,
    ChargePolicy,
    Document,
    RuleText,
)
from .missing import WORDS, missing_words
from .outcomes import OUTCOMES
from .packs import packs
from .writing import placed

_ABOUT = {"charge": "The charge", "person": "The person"}
_TOGETHER = {
    "statute in LIST": "the statute is on a list of the policy; an attempt or conspiracy, if what it is of is",
    "X is known": "the record tells a fact of the tables above, whichever it is",
    "case some GROUP": "some charge of the case is in a group",
    "case only GROUP": "every charge of the case is in a group",
    "person some GROUP": "some charge of the person, in any case, is in a group",
    "person only GROUP": "every charge of the person is in a group",
    "case count GROUP >= 2": "how many charges of the case are in a group",
    "person count GROUP >= 2": "how many charges of the person are in a group",
    "place in GROUP <= 2": (
        "the charge's place by `disposition_date` among the person's charges in a group, from 1; 0 if it is in none"
    ),
    "latest DATE of GROUP < 2020-01-01": (
        "the latest such date of the person's charges in a group; earlier than every day if there is none"
    ),
}
_WAITS = {
    "7 years since DATE": (
        "so many days, months or years from a date of the charge, `birth_date`, or `latest DATE of GROUP`"
    ),
    "7 years since latest disposition_date of felonies": "starts again with each charge of a group",
    "4 years clear of felonies since DATE": (
        "starts again with each charge of a group (by `disposition_date`) until it has once run out"
    ),
    "since sentence_end": "until the date itself",
    "1 year since sentence_end if known": "the same; a date that is missing makes nobody wait",
    "until 2023-01-01": "until a day, whoever it is",
}


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    return ["| " + " | ".join(row) + " |" for row in (head, ("---",) * len(head), *rows)]


def facts_page() -> str:
    """Return the text of docs/reference/charge-facts.md."""
    lines = [
        "# Facts of charges",
        "",
        "What a [policy over charges](charge-policies.md) can ask. This page is made from the code.",
        "",
        "A fact that the record does not tell is *unknown*, never a guess: a condition on it then neither",
        "holds nor fails, unless every value that it may have gives the same answer. The last column says what is",
        "missing then.",
    ]
    for about, title in _ABOUT.items():
        rows = [
            (f"`{name}`", fact.meaning, FORMS[fact.kind].format(name=name), ", ".join(missing_words(fact.lacks)))
            for name, fact in FACTS.items()
            if fact.about == about
        ]
        lines += ["", f"## {title}", "", *_table(("Fact", "Meaning", "Written", "Missing"), rows)]
    lines += [
        "",
        f"{', '.join(f'`{name}`' for name in UNTOLD)} are marks: a record without one says no. Where charges",
        "have no such column, only who bears one is known: of all others nobody knows.",
        "",
        "## Statutes, cases and people",
        "",
        "Each question may stand behind `not`, but for comparisons. A charge of nobody who is known is asked",
        "as if its case and its person may have other charges.",
        "",
        *_table(("Question", "Holds if, or is"), [(f"`{form}`", meaning) for form, meaning in _TOGETHER.items()]),
        "",
        "## Groups that every policy has",
        "",
        *_table(
            ("Group", "Its charges"),
            [(f"`{name}`", " and ".join(f"`{text}`" for text in texts) or "all") for name, texts in GROUPS.items()],
        ),
        "",
        "## Waits",
        "",
        "What a month lacks at its end is the first day of the next: a year from 29 February is 1 March.",
        "",
        *_table(("Wait", "Passes"), [(f"`{form}`", meaning) for form, meaning in _WAITS.items()]),
        "",
        "## Outcomes",
        "",
        *_table(
            ("Outcome", "Text", "Relief", "Given"),
            [
                (
                    f"`{outcome.name}`",
                    outcome.text,
                    "yes" if outcome.relief else "",
                    "a rule" if outcome.rules else "what rules ask",
                )
                for outcome in OUTCOMES.values()
            ],
        ),
        "",
        "## Keys",
    ]
    for title, keys in {
        "Of a policy": KEYS,
        "Of a rule, `[[rule]]`": RULE_KEYS,
        "Of a list of statutes, `[lists.NAME]`": LIST_KEYS,
        "Of a group, `[groups.NAME]`": GROUP_KEYS,
        "Of a cap, `[caps.NAME]`": CAP_KEYS,
    }.items():
        meanings = [(f"`{key}`", meaning) for key, meaning in keys.items()]
        lines += ["", f"### {title}", "", *_table(("Key", "Meaning"), meanings)]
    lines += ["", "## What can be missing", "", f"{'; '.join(WORDS.values())}."]
    return "\n".join(lines) + "\n"


def pack_page(document: Document, figures: Mapping[str, Any]) -> str:
    """Return the text of docs/policies/<pack>.md. figures: of docs/policies/figures.json."""
    lines = [f"# {document.title}", "", f"`{document.id}`. {NO_ADVICE} Made from the policy's own file.", ""]
    lines += [" ".join(document.about.split()), ""]
    lines += [f"Decides the charges for which holds: {_joined(document.scope)}."]
    if document.cannot_know:
        lines += ["", "## What no record tells", "", *(f"- {text}" for text in document.cannot_know)]
    sources = [(source.title, source.where, source.confidence) for source in document.sources]
    lines += ["", "## Sources", "", *_table(("Source", "Where", "Confidence"), sources)]
    lines += ["", ". ".join(f"{letter}: {meaning}" for letter, meaning in CONFIDENCES.items()) + "."]
    if document.id in published() and document.id in figures["packs"]:
        before, rows = beside_published.section(
            published()[document.id], figures["packs"][document.id], figures["seed"]
        )
        lines += ["", "## What was published, and what the pack finds", "", *before, ""]
        lines += _table(beside_published.HEAD, rows)
    if document.parameters:
        parameters = [
            (f"`{name}`", shown(parameter.default), parameter.range, parameter.meaning)
            for name, parameter in document.parameters.items()
        ]
        lines += ["", "## Parameters", "", *_table(("Parameter", "Default", "Values", "Meaning"), parameters)]
    lines += ["", "## Statutes, groups and caps", "", *_table(("Name", "Holds"), _named(document))]
    lines += [
        "",
        "## Rules",
        "",
        "In order; [how they are asked](../reference/charge-policies.md#how-a-charge-is-decided).",
        "",
    ]
    head = ("", "If", "Wait", "Then", "Because", "Law or source")
    return "\n".join([*lines, *_table(head, [_rule(rule) for rule in document.rules])]) + "\n"


def _joined(texts: tuple[str, ...]) -> str:
    return " and ".join(f"`{text}`" for text in texts) or "always"


def _named(document: Document) -> Sequence[tuple[str, str]]:
    rows = [(f"`{name}`", listed.title) for name, listed in document.lists.items()]
    rows += [(f"`{name}`", _joined(texts)) for name, texts in document.groups.items()]
    return rows + [(f"`{name}`", _cap(cap)) for name, cap in document.caps.items()]


def _cap(cap: CapText) -> str:
    before = f", less those in `{cap.already}`" if cap.already else ""
    return f"at most {cap.most} of a person, the {'oldest' if cap.oldest else 'newest'} by `{cap.by}` first{before}"


def _rule(rule: RuleText) -> tuple[str, ...]:
    conditions = _joined(rule.conditions) + ("; unknown counts as no" if rule.unknown_is_no else "")
    if rule.when:
        conditions += "; only with " + " and ".join(
            f"`{name}`" if on else f"`{name}` off" for name, on in rule.when
        )
    then = OUTCOMES[rule.then].text + (f", under the cap `{rule.cap}`" if rule.cap else "")
    waits = ", ".join(f"`{text}`" for text in rule.waits)
    return str(rule.number), conditions, waits, then, rule.because, rule.law


def shown_policy(document: Document, policy: ChargePolicy) -> str:
    """Write a policy with its parameters' values in place, as a terminal shows it."""
    values = document.values(dict(policy.parameters))
    lines = [f"{document.id}: {document.title}", *([" ".join(document.about.split())] if document.about else [])]
    lines += [NO_ADVICE, ""]
    lines += [f"source: {source.title}, {source.where} ({source.confidence})" for source in document.sources]
    lines += [f"not on record: {text}" for text in document.cannot_know]
    for name, parameter in document.parameters.items():
        meaning = f": {parameter.meaning}" if parameter.meaning else ""
        lines.append(f"parameter: {name} = {shown(values[name])} ({parameter.range}){meaning}")
    lines.append(f"decides charges: {' and '.join(condition.text for condition in policy.scope)}")
    for number, (text, rule) in enumerate(zip(document.chosen(values), policy.rules, strict=True), start=1):
        asked = " and ".join(condition.text for condition in rule.conditions) or "nothing before it did"
        waits = [placed(wait, values, shown) for wait in text.waits]
        lines += ["", f"{number}. {rule.outcome.text}: {rule.reason}", f"   if {asked}"]
        lines += [f"   after {' and '.join(waits)}"] if waits else []
        if rule.cap is not None:
            order = "oldest" if rule.cap.oldest else "newest"
            lines.append(f"   at most {rule.cap.most} of a person, the {order} first")
        lines += ["   unknown counts as no"] if rule.unknown_is_no else []
        lines += [f"   {rule.law}"] if rule.law else []
    return "\n".join(lines)


def packs_page() -> str:
    """Return the text of docs/policies/charges.md."""
    rows = [
        (
            f"[`{name}`]({name}.md)",
            document.title,
            f"[{_titled(document.state)}](../states/{document.state.replace('_', '-')}.md)",
        )
        for name, document in packs().items()
    ]
    head = f"Policies over [charges](../reference/charge-policies.md) that need no file. {NO_ADVICE}"
    return "\n".join(["# Packs over charges", "", head, "", *_table(("Pack", "What it is", "State"), rows)]) + "\n"


def _titled(state: str) -> str:
    return state.replace("_", " ").title()


def pages(docs: Path) -> dict[str, str]:
    """Return the text of every page by its path below the documentation's folder, whose figures they show."""
    figures = json.loads((docs / "policies/figures.json").read_text("utf-8"))
    made = {f"policies/{name}.md": pack_page(document, figures) for name, document in packs().items()}
    return {"reference/charge-facts.md": facts_page(), "policies/charges.md": packs_page(), **made}


if __name__ == "__main__":
    for path, page in pages(Path(sys.argv[1])).items():
        target = Path(sys.argv[1]) / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(page, "utf-8")
