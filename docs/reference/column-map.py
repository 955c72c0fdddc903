"""Writes `column-map.md` from the JSON schema of column maps, the form of charges, and the kinds of findings."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from clearscale.formats.checking import kinds
from clearscale.formats.schema import FIELDS
from clearscale.formats.validating import schema
from clearscale.law.findings import Kind

PAGE = Path(__file__).with_name("column-map.md")

_INTRODUCTION = """# Column maps

A column map says what a file of one row a charge calls its columns, and what its texts mean: a TOML file that fits
the [JSON schema](../../clearscale/formats/column-map.schema.json). `clearscale formats list` names those that there
are, `clearscale formats show NAME` shows one, and `--format my-map.toml` takes one of your own. Every file that
fits a map is read as [the same charges](#charges).

A file is CSV in its widest sense, plain or compressed, or Parquet. A record that cannot be used is set aside with
its line and the reason: records read are charges given and records set aside. Columns that nothing is read from are
passed over. Where a map has no words for a level, class, sex or race, the texts stand as they are.

## Keys

"""

_CHARGES = """
## Charges

What is read is a stream of Arrow record batches of one schema, `clearscale.formats.schema.CHARGES`, a row a charge:

"""

_FINDINGS = """
## Findings

`clearscale formats check` tells what is doubtful as an ingest does of [extracts](findings.md); limits are shares of
what is counted.

"""


def _types(stated: dict[str, Any]) -> str:
    if "$ref" in stated:
        return {
            "columns": "a column, or several",
            "texts": "texts",
            "formats": "texts",
            "pivot": "number",
            "yes_no": "table of `yes` and `no`, texts each",
        }[stated["$ref"].rpartition("/")[2]]
    if "enum" in stated:
        return ", ".join(f"`{word}`" for word in stated["enum"])
    if "const" in stated:
        return f"`{str(stated['const']).lower()}`"
    words = {
        "string": "text",
        "array": "list",
        "object": "table",
        "boolean": "`true`, `false`",
        "integer": "number",
    }
    return words[stated["type"]]


def _keys(stated: dict[str, Any], above: str = "") -> Iterator[str]:
    """A row for each key, and for those in its tables."""
    needed = stated.get("required", ())
    for key, inner in stated.get("properties", {}).items():
        name = f"{above}{key}"
        reference = schema()["$defs"].get(inner.get("$ref", "").rpartition("/")[2], {})
        meaning = inner.get(
            "description", "" if above.startswith(("charge.", "values.")) else reference.get("description", "")
        )
        told = "; ".join(filter(None, (meaning, "must be there" if key in needed else ""))).replace("|", "\\|")
        yield f"| `{name}` | {_types(inner)} | {told} |"
        listed = inner.get("items", {})
        yield from _keys(inner, f"{name}.")
        yield from _keys(listed, f"{name}.") if listed.get("type") == "object" else ()


def page() -> str:
    """The page."""
    charges = [f"| `{name}` | {kind} | {meaning} |" for name, (kind, meaning) in FIELDS.items()]
    findings = [
        f"| `{kind.name}` | {kind.among} that {kind.says} | {_limits(kind)} | {kind.do} |"
        for kind in kinds().listed.values()
    ]
    return "".join(
        [
            _INTRODUCTION,
            "\n".join(["| Key | What it holds | Meaning |", "|---|---|---|", *_keys(schema())]),
            "\n",
            _CHARGES,
            "\n".join(["| Column | Type | Meaning |", "|---|---|---|", *charges]),
            "\n",
            _FINDINGS,
            "\n".join(["| Finding | What is counted | Grade | What to do |", "|---|---|---|---|", *findings]),
            "\n",
        ]
    )


def _limits(kind: Kind) -> str:
    warns = f"warns above {kind.warn_above:.0%}" if kind.warn_above else "warns"
    if kind.refuse_above is None:
        return warns
    return f"{warns}, refuses above {kind.refuse_above:.0%}" if kind.refuse_above else "refuses"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
