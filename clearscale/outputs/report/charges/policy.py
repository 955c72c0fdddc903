"""A policy over charges in plain words."""

from typing import Any

from clearscale.errors import PolicyError, RunError
from clearscale.outputs.report.model import Block, Heading, Points, Section, Table, Texts
from clearscale.outputs.report.sources import confidence
from clearscale.relief.language import ChargePolicy, Document
from clearscale.relief.packs import names, pack
from clearscale.relief.wording import wait_words
from clearscale.runs.charges import ChargeRun
from clearscale.runs.charges.recorded import recorded_policy


def document_of(run: ChargeRun) -> Document | None:
    """Return the pack that a run was decided by, if it was one and is still the same."""
    stated = run.info["policy"]
    if stated["id"] not in names():
        return None
    document = pack(stated["id"])
    try:
        policy = document.policy(dict(stated["parameters"]))
    except PolicyError:
        return None
    return document if policy.digest() == run.info["policy_digest"] else None


def _policy_of(run: ChargeRun) -> ChargePolicy | None:
    """Return the policy that a run recorded; None of one that another version recorded otherwise."""
    try:
        return recorded_policy(run)
    except RunError:
        return None


def policy_section(run: ChargeRun) -> Section:
    """Return the section with the rules, what no record can tell, and the sources."""
    stated, document, policy = run.info["policy"], document_of(run), _policy_of(run)
    blocks: list[Block] = [Texts(tuple(_about(stated, document)))]
    blocks.append(
        Table(
            "Rules, in the order in which they are asked",
            ("Rule", "If", "After", "Then", "Reason given", "Law"),
            tuple(_rule(place, rule, policy) for place, rule in enumerate(stated["rules"])),
            notes=(
                "The first rule that holds decides. Where a rule could hold, but the record does not tell, the "
                "charge is undecided. Where only time has to pass, it is not due yet, unless a later rule gives "
                "relief now.",
            ),
            numbers=(0,),
        )
    )
    if stated["lists"]:
        listed = tuple((statutes["name"], statutes["title"]) for statutes in stated["lists"])
        blocks.append(Table("Lists of statutes that rules name", ("List", "What is on it"), listed))
    if document is not None and document.groups:
        rows = tuple((name, "; ".join(conditions)) for name, conditions in document.groups.items())
        blocks.append(Table("Groups of charges that rules name", ("Group", "Charges of which"), rows))
    if document is not None and document.cannot_know:
        blocks += [Heading("What these records cannot tell"), Points(document.cannot_know)]
    if stated["sources"]:
        cited = [
            f"{source['title']}: {source['where']} ({confidence(source['confidence'])})"
            for source in stated["sources"]
        ]
        blocks += [Heading("Sources of the policy"), Points(tuple(cited))]
    return Section("policy", "The policy in plain words", tuple(blocks))


def _about(stated: dict[str, Any], document: Document | None) -> list[str]:
    found = [f"{stated['title']} ({stated['id']})."]
    if document is not None and document.about:
        found.append(" ".join(document.about.split()))
    scope = " and ".join(condition["text"] for condition in stated["scope"])
    found.append(f"It decides charges of which: {scope}.")
    if stated["parameters"]:
        found.append(
            "Set for this run: " + ", ".join(f"{name} = {value}" for name, value in stated["parameters"]) + "."
        )
    return found


def _rule(place: int, rule: dict[str, Any], policy: ChargePolicy | None) -> tuple[str, ...]:
    conditions = "; ".join(condition["text"] for condition in rule["conditions"]) or "always"
    waits = "-"
    if rule["waits"]:
        waits = "time has passed" if policy is None else "; ".join(map(wait_words, policy.rules[place].waits))
    return str(place + 1), conditions, waits, rule["outcome"]["text"], rule["reason"], rule["law"] or "-"
