"""A run's inputs on a page: the policy in plain words, and how to get the figures again."""

from collections.abc import Mapping
from typing import Any

from clearscale.outputs.called import called, file_of
from clearscale.policy import Policy
from clearscale.policy.language import CONFIDENCES

from . import policy_words
from .figures import PageFigures
from .model import Block, Commands, Heading, Points, Section, Table, Texts
from .shell import quoted
from .words import listed


def policy(view: PageFigures) -> Section:
    """Return the section of the policy in plain words, with its sources."""
    chosen = view.source.policy
    blocks: list[Block] = []
    found = [(chosen.of_county(view.county), "")] if view.county else policy_words.policies(chosen)
    for own, counties in found:
        if counties:
            blocks += [Heading(f"In {counties}: {own.title}")]
        blocks += _policy(own)
    return Section("policy", "The policy in plain words", tuple(blocks))


def _policy(policy: Policy) -> list[Block]:
    scope = "Prop 64 convictions and related charges" if policy.related else "Prop 64 convictions"
    about = [
        f"{policy.title} ({policy.id}). It decides {scope} by a list of rules. For each conviction the "
        "rules are asked in order, and the first whose conditions all hold decides."
    ]
    if policy.jurisdiction:
        about.append(f"Jurisdiction: {policy.jurisdiction}.")
    if policy.parameters:
        about.append(
            "Set for this run: "
            + listed([f"{name} = {_setting(value)}" for name, value in policy.parameters])
            + "."
        )
    blocks: list[Block] = [
        Texts(tuple(about)),
        Table(
            f"Rules of “{policy.title}”, in the order in which they are asked",
            ("Rule", "If", "Then", "Reason given", "Law"),
            policy_words.rules(policy),
            notes=("A conviction for which no rule holds gets no determination.",),
            numbers=(0,),
        ),
    ]
    if policy.sources:
        cited = [f"{source.title}: {source.where} ({confidence(source.confidence)})" for source in policy.sources]
        blocks += [Heading("Sources of the policy"), Points(tuple(cited))]
    else:
        blocks.append(
            Texts(
                ("The policy names no sources besides the law of its rules: what it chooses is the county's own.",)
            )
        )
    return blocks


def _setting(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def confidence(letters: str) -> str:
    """Return how sure a source is, in words."""
    return "; ".join(CONFIDENCES.get(letter.strip(), letter.strip()) for letter in letters.split(","))


def reproduce(view: PageFigures, command: str, version: str) -> Section:
    """Return the section on how to get the same figures again."""
    info = view.source.run.info
    return Section(
        "reproduce",
        "How to get these figures again",
        (
            Texts(
                (
                    "The same extracts, policy and date give the same figures on any machine. In a shell, the "
                    "first lines name the folder of the extracts, that of the store, the policy by its name or "
                    "file, and new folders for the run and the report: put yours there. The others run as they "
                    "stand. The policy's digest must be the one below.",
                )
            ),
            Commands(
                (
                    'EXTRACTS="extracts"',
                    'STORE="store"',
                    f"POLICY={quoted(file_of(info), always=True)}",
                    'RUN="run-again"',
                    'REPORT="report-again"',
                    'clearscale ingest "$EXTRACTS" --store "$STORE"',
                    f'clearscale run --store "$STORE" --policy "$POLICY"{settings(info)} --as-of {info["as_of"]} '
                    '--out "$RUN"',
                    command,
                )
            ),
            what_it_was(info, version),
        ),
    )


def settings(info: Mapping[str, Any]) -> str:
    """Return the options of a run that set its policy's parameters."""
    return "".join(
        f" --set {quoted(f'{name}={_written(value)}')}" for name, value in info["policy"].get("parameters") or ()
    )


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def what_it_was(info: Mapping[str, Any], version: str) -> Table:
    """Return the table of what a run was made from. info: the content of its `run.json`."""
    rows = (
        ("As-of date", info["as_of"]),
        ("Policy", called(info)),
        ("Policy digest (SHA-256)", info["policy_digest"]),
        ("Snapshot of the store", info["snapshot"]),
        ("Run key (SHA-256 of all that decides the answers)", info["key"]),
        ("clearscale that made the run", info["version"]),
        ("clearscale that made this report", version),
    )
    return Table("What the run was", ("What", "Value"), rows)
