"""The explanation of a decision as a person reads it on a terminal."""

from typing import TYPE_CHECKING

from .drawn import Table

if TYPE_CHECKING:
    from clearscale.whatif.explain import ConditionAnswer, Explanation, PossibleOutcome, RuleAnswer

_LACKS = {"birth": "birth date", "conviction": "conviction date", "record": "date on record"}


def explain(found: "Explanation") -> None:
    """Show the decision, every rule with what it looked at, and what missing dates leave open."""
    _decision(found).draw()
    _rules(found).draw()
    if found.missing:
        _missing(found).draw()


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
    table = Table("Decision", show_header=False)
    table.add_column()
    table.add_column(overflow="fold")
    for name, value in rows:
        table.add_row(name, value)
    return table


def _rules(found: "Explanation") -> Table:
    table = Table("Rules, in order")
    table.add_column("rule", right=True)
    table.add_column("asks", overflow="fold")
    table.add_column("the fact is", overflow="fold")
    table.add_column("holds")
    for rule in found.rules:
        table.add_row(str(rule.number), _head(rule), "", rule.state, end_section=not rule.conditions)
        for place, condition in enumerate(rule.conditions, start=1):
            last = place == len(rule.conditions)
            table.add_row(
                "",
                f"  {condition.text}",
                _value(condition),
                "yes" if condition.holds else "no",
                end_section=last,
            )
    return table


def _head(rule: "RuleAnswer") -> str:
    law = f" ({rule.law})" if rule.law else ""
    return f"{rule.determination}: {rule.reason}{law}"


def _value(condition: "ConditionAnswer") -> str:
    lacks = " and ".join(_LACKS[name] for name in condition.missing)
    return condition.shown + (f" (no {lacks})" if lacks else "")


def _missing(found: "Explanation") -> Table:
    table = Table("What missing dates leave open")
    table.add_column("if known", overflow="fold")
    table.add_column("asked by rules")
    table.add_column("possible decisions", overflow="fold")
    for date in found.missing:
        asked = ", ".join(map(str, date.rules)) or "none"
        open_ = _outcomes(date.outcomes) if date.changes else "as decided"
        table.add_row(date.meaning, asked, open_, end_section=True)
    if len(found.missing) > 1:
        asked = ", ".join(str(rule.number) for rule in found.rules if rule.missing) or "none"
        table.add_row("all of them", asked, _outcomes(found.possible))
    table.remark("Each date may be any that the rest of the record allows.")
    return table


def _outcomes(possible: "tuple[PossibleOutcome, ...]") -> list[str]:
    """A line each."""
    return [
        "(undecided)" if outcome.rule is None else f"rule {outcome.rule}, {outcome.determination}: {outcome.reason}"
        for outcome in possible
    ]


def _setting(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
