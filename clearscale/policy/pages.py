"""Pages that are made from the policies themselves: references, a page a pack, what a terminal shows.

`python -m clearscale.policy.pages docs` writes those of the documentation.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from clearscale.law import state
from clearscale.law.catalog import RELIEF
from clearscale.law.offense_texts import BEGINS_WITH, CONTAINS, IS

from .facts import FACTS, Fact
from .findings import KINDS
from .language import CONFIDENCES, Document, RuleText
from .locating import PACKS
from .model import NONE, Policy
from .packs import pack
from .parameters import Parameter, shown, values_of
from .wording import FORMS, SUBJECTS, rests_on

_RELIEF, _RELATED = (state().charges.marked(mark) for mark in (RELIEF, "related"))
_SECTIONS = _RELIEF.patterns

NO_ADVICE = "None of this is legal advice."


def facts_page() -> str:
    """Return the text of docs/reference/facts.md."""
    lines = [
        "# Facts",
        "",
        "What a rule of a [policy file](policy-language.md) can ask. This page is made from the code.",
        "",
        "A date that is missing is 1 January of year 1 in every comparison, so ages and years come out very large.",
        "The last column says which missing dates a fact rests on; a decision whose rule looked at such a fact has",
        "the flag `rests-on-missing-date`. Numbers are compared by `==`, `!=`, `<`, `<=`, `>`, `>=` with whole",
        "numbers or `{parameters}`.",
    ]
    for about, title in SUBJECTS.items():
        lines += ["", f"## {title}", "", "| Fact | Meaning | Written | Rests on |", "|---|---|---|---|"]
        lines += [_fact_row(name, fact) for name, fact in FACTS.items() if fact.about == about]
    lines += [
        "",
        "## The text of the code section",
        "",
        "The code section as the record has it, case and spaces included. Each question may stand behind `not`.",
        "",
        "| Question | Holds if the code section |",
        "|---|---|",
        f"| `code_section {BEGINS_WITH} '{_SECTIONS[0]}(A)'` | begins with the text |",
        f"| `code_section {IS} '{_RELATED.example}'` | is the text |",
        f"| `code_section {CONTAINS} '{_SECTIONS[2]}'` | holds the text anywhere |",
    ]
    return "\n".join(lines) + "\n"


def _fact_row(name: str, fact: Fact) -> str:
    return f"| `{name}` | {fact.meaning} | {FORMS[fact.kind].format(name=name)} | {rests_on(fact)} |"


def pack_page(document: Document) -> str:
    """Return the text of docs/policies/<pack>.md."""
    scope = "Prop 64 convictions" + ("" if document.charges == "prop64" else " and those of related charges")
    lines = [f"# {document.title}", "", f"`{document.id}`. {NO_ADVICE} Made from the policy's own file.", ""]
    lines += [" ".join(document.about.split()), "", f"Decides: {scope}."]
    if document.extends:
        lines += ["", f"Extends {_linked(document.extends)}: what its own file does not state is from there."]
    if document.counties:
        lines += ["", f"Written for: {', '.join(document.counties)}."]
    lines += ["", "## Sources", "", "| Source | Where | Confidence |", "|---|---|---|"]
    lines += [f"| {source.title} | {source.where} | {source.confidence} |" for source in document.sources]
    lines += ["", ". ".join(f"{letter}: {meaning}" for letter, meaning in CONFIDENCES.items()) + "."]
    if document.parameters:
        lines += ["", "## Parameters", "", "| Parameter | Default | Values | Meaning |", "|---|---|---|---|"]
        lines += [
            f"| `{name}` | {shown(parameter.default)} | {parameter.range} | {parameter.meaning} |"
            for name, parameter in document.parameters.items()
        ]
    lines += [
        "",
        "## Rules",
        "",
        "The first rule whose conditions all hold decides.",
        "",
        "| | If | Then | Because | Law or source |",
        "|---|---|---|---|---|",
        *(_rule_row(document, rule) for rule in document.rules),
    ]
    return "\n".join(lines) + "\n"


def _rule_row(document: Document, rule: RuleText) -> str:
    determination, worth = document.determinations[rule.then]
    given = (
        determination if worth == NONE or determination.startswith("Eligible for") else f"{determination} ({worth})"
    )
    conditions = ", ".join(f"`{text}`" for text in rule.conditions) or "always"
    if rule.when:
        conditions += f"; only with {_switches(rule)}"
    return f"| {rule.number} | {conditions} | {given} | {rule.because} | {rule.law} |"


def _linked(name: str) -> str:
    return f"[`{name}`]({name}.md)" if name in PACKS else f"`{name}`"


def _switches(rule: RuleText) -> str:
    return " and ".join(f"`{name}`" if wanted else f"`{name}` off" for name, wanted in rule.when)


def shown_policy(document: Document, policy: Policy) -> str:
    """Write a policy with its parameters' values in place, as a terminal shows it."""
    return "\n".join(_shown(document, policy))


def _shown(document: Document, policy: Policy) -> Iterator[str]:
    yield f"{document.id}: {document.title}"
    if document.about:
        yield " ".join(document.about.split())
    yield NO_ADVICE
    yield ""
    for source in document.sources:
        yield f"source: {source.title}, {source.where} ({source.confidence})"
    values = dict(policy.parameters)
    for name, parameter in document.parameters.items():
        yield f"parameter: {_parameter(parameter, values[name])}"
    texts = document.chosen(values_of(document.parameters, values, document.where))
    for place, (text, rule) in enumerate(zip(texts, policy.rules, strict=True), start=1):
        yield ""
        yield f"{place}. {rule.determination}: {rule.reason}"
        asked = " and ".join(_filled(condition, values) for condition in text.conditions)
        yield f"   if {asked or 'nothing before it did'}"
        if rule.law:
            yield f"   {rule.law}"


def _parameter(parameter: Parameter, value: int | str) -> str:
    meaning = f": {parameter.meaning}" if parameter.meaning else ""
    return f"{parameter.name} = {shown(value)} ({parameter.range}){meaning}"


def _filled(condition: str, values: dict[str, int | str]) -> str:
    for name, value in values.items():
        condition = condition.replace(f"{{{name}}}", shown(value))
    return condition


def packs_page() -> str:
    """Return the text of docs/policies/README.md."""
    lines = [
        "# Packs",
        "",
        f"Policies that need no file: `clearscale run --policy NAME`. {NO_ADVICE}",
        "",
        "| Pack | What it is | Written for |",
        "|---|---|---|",
    ]
    for name in PACKS:
        document = pack(name)
        lines.append(
            f"| [`{name}`]({name}.md) | {document.title} | {', '.join(document.counties) or 'any county'} |"
        )
    lines += [
        "",
        "Policies over charges are [packs of their own](charges.md), of several [states](../states/README.md).",
    ]
    return "\n".join(lines) + "\n"


def findings_page() -> str:
    """Return the text of docs/reference/policy-findings.md."""
    lines = [
        "# Findings of policies",
        "",
        "What `clearscale policies check` finds in a [policy, policy map](policy-language.md) or in",
        "[eligibility options](commands.md#eligibility-options), and what `run` and `sweep` therefore refuse.",
        "This page is made from the code.",
        "",
        "## What can be allowed",
        "",
        "`--allow NAME`, or `allow=[NAME]` in Python, lets a finding pass that somebody has looked at.",
        "The run records it.",
        "",
        "| Name | Found where | If it is allowed |",
        "|---|---|---|",
        *(f"| `{name}` | {kind.meaning} | {kind.then} |" for name, kind in KINDS.items() if kind.then),
        "",
        "## What cannot",
        "",
        "Nobody can tell what is meant, so nothing is decided.",
        "",
        "| Name | Found where |",
        "|---|---|",
        *(f"| `{name}` | {kind.meaning} |" for name, kind in KINDS.items() if not kind.then),
        "",
        "[gogen's command](../parity.md) takes eligibility options as gogen did, and says on standard error",
        "what is found in them.",
    ]
    return "\n".join(lines) + "\n"


def pages() -> dict[str, str]:
    """Return the text of every page by its path below the documentation's folder."""
    packs = {f"policies/{name}.md": pack_page(pack(name)) for name in PACKS}
    reference = {"reference/facts.md": facts_page(), "reference/policy-findings.md": findings_page()}
    return {**reference, "policies/README.md": packs_page(), **packs}


if __name__ == "__main__":
    for path, page in pages().items():
        target = Path(sys.argv[1]) / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(page, "utf-8")
