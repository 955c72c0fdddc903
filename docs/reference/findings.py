"""Writes `findings.md` from the kinds of findings that the state's extracts are looked at for."""

from pathlib import Path

from clearscale.law import state
from clearscale.law.findings import Kind

PAGE = Path(__file__).with_name("findings.md")

_INTRODUCTION = """# Findings

Before anything of an extract is put in force, what was read is compared with what the format says. What is
doubtful is a **finding**: it has a name, a count, a few lines of the file that show it (never what they hold),
and a grade. *Warn*: the extract is stored, and the finding printed, kept in the
[manifest](../concepts/store.md#manifest) and shown by `clearscale check`. *Refuse*: nothing of the extract is
stored; who has looked at it and finds it right all the same passes it by its name, `--accept NAME`, and the
manifest keeps that, too.

Names, words and limits are data of the state's format, in `clearscale/law/<state>/findings.toml`, from which
this page is written. Limits are shares of what is counted.

"""


def _limits(kind: Kind) -> str:
    warns = "warns" if not kind.warn_above else f"warns above {kind.warn_above:.2%}"
    if kind.refuse_above is None:
        return warns
    return "refuses" if not kind.refuse_above else f"{warns}, refuses above {kind.refuse_above:.2%}{_from(kind)}"


def _from(kind: Kind) -> str:
    return f" of {kind.refuse_from:,} or more" if kind.refuse_from else ""


def page() -> str:
    """The page."""
    rows = [
        f"| `{kind.name}` | {kind.among} that {kind.says} | {_limits(kind)} | {kind.do} |"
        for kind in state().findings.listed.values()
    ]
    return (
        _INTRODUCTION
        + "\n".join(["| Finding | What is counted | Grade | What to do |", "|---|---|---|---|", *rows])
        + "\n"
    )


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
