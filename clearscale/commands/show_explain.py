"""The explanation of a decision as a person reads it on a terminal."""

from typing import TYPE_CHECKING

from rich.table import Table

from .show import _console, _plain

if TYPE_CHECKING:
    from clearscale.whatif.explain import ConditionAnswer, Explanation, PossibleOutcome, RuleAnswer

_LACKS = {"birth": "birth date", "conviction": "conviction date", "record": "date on record"}


def explain(found: "Explanation") -> None:
    """The decision, every rule with what it looked at, and what missing dates leave open."""
    console = _console()
    console.print(_decision(found))
    console.print(_rules(found))
    if found.missing:
        console.print(_missing(found))


def _decision(found: "Explanation") -> Table:
    policy = found.policy
    settings = ", ".join(f"{name} = {_setting(value)}" for name, value in policy["parameters"].items())
    figures = [
        name for name, counted in (("county", found.county_figure), ("state", found.state_figure)) if counted
    ]
    rows = [
        ("extract", f"{found.extract} ({found.file}), row {found.row}"),
        ("county", found.county),
        ("code section", found.offense),
        ("policy", f"{policy['id']}: {policy['title']}"),
        *([("chosen by policy map", policy["map"])] if policy["map"] is not None else []),
        *([("parameters", settings)] if settings else []),
        ("as of", found.as_of),
        ("decided by", "no rule" if found.rule is None else f"rule {found.rule}"),
        ("determination", found.determination or "(undecided)"),
        ("reason", found.reason or "(no rule holds)"),
        ("flags", ", ".join(found.flags) or "none"),
        ("counted in figures of", " and ".join(figures)),
    ]
    table = Table(title="Decision", show_header=False, title_justify="left")
    table.add_column()
    table.add_column(overflow="fold")
    for name, value in rows:
        table.add_row(name, _plain(value))
    return table


def _rules(found: "Explanation") -> Table:
    table = Table(title="Rules, in order", title_justify="left")
    table.add_column("rule", justify="right")
    table.add_column("asks", overflow="fold")
    table.add_column("the fact is", overflow="fold")
    table.add_column("holds")
    for rule in found.rules:
        table.add_row(str(rule.number), _head(rule), "", rule.state, end_section=not rule.conditions)
        for place, each in enumerate(rule.conditions, start=1):
            last = place == len(rule.conditions)
            table.add_row(
                "", f"  {_plain(each.text)}", _value(each), "yes" if each.holds else "no", end_section=last
            )
    return table


def _head(rule: "RuleAnswer") -> str:
    law = f" ({rule.law})" if rule.law else ""
    return _plain(f"{rule.determination}: {rule.reason}{law}")


def _value(each: "ConditionAnswer") -> str:
    lacks = " and ".join(_LACKS[name] for name in each.missing)
    return _plain(each.shown + (f" (no {lacks})" if lacks else ""))


def _missing(found: "Explanation") -> Table:
    table = Table(title="What missing dates leave open", title_justify="left")
    table.add_column("if known", overflow="fold")
    table.add_column("asked by rules")
    table.add_column("possible decisions", overflow="fold")
    for each in found.missing:
        asked = ", ".join(map(str, each.rules)) or "none"
        open_ = _outcomes(each.outcomes) if each.changes else "as decided"
        table.add_row(each.meaning, asked, open_, end_section=True)
    if len(found.missing) > 1:
        asked = ", ".join(str(rule.number) for rule in found.rules if rule.missing) or "none"
        table.add_row("all of them", asked, _outcomes(found.possible))
    table.caption = "Each date may be any that the rest of the record allows."
    return table


def _outcomes(possible: "tuple[PossibleOutcome, ...]") -> str:
    return "\n".join(
        _plain("(undecided)" if each.rule is None else f"rule {each.rule}, {each.determination}: {each.reason}")
        for each in possible
    )


def _setting(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
