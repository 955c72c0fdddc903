"""Policy files as tests write them."""

import textwrap
from pathlib import Path

from clearscale.policy.check import check_policy as findings_of

HEAD = 'id = "county"\ntitle = "A county"\n'
RULE = '[[rule]]\nif = ["not felony"]\nthen = "dismiss"\nbecause = "Lesser"\n'


def file(folder: Path, *rules: str, head: str = HEAD) -> str:
    path = folder / "county.toml"
    path.write_text(head + "\n".join(textwrap.dedent(rule) for rule in rules), "utf-8")
    return str(path)


def rule(*conditions: str, then: str = "dismiss", because: str = "Why", more: str = "") -> str:
    asked = ", ".join(f'"{text}"' for text in conditions)
    return f'[[rule]]\nif = [{asked}]\nthen = "{then}"\nbecause = "{because}"\n{more}\n'


def check_policy(reference: str) -> list[str]:
    """What `clearscale policies check` says, without the names of findings."""
    return [finding.line for finding in findings_of(reference)]
