# ruff: noqa: E501 - cells are written as they stand
"""Write `research.ipynb`, cells and what they print: `python docs/research.py`. A test holds the page to what it prints.

It works in an empty folder of its own, on fabricated data.
"""

import os
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

PAGE = Path(__file__).with_suffix(".ipynb")

TEXT, CODE = "markdown", "code"

CELLS = [
    (
        TEXT,
        "# Research with clearscale\n\nFrom fabricated extracts to tables, a policy of your own, and what it changes. "
        "Everything here is nobody's data. With real records, this notebook and all that it makes are criminal-history "
        "records: keep them where such records may be kept, and publish only what has small counts hidden "
        "([publish safely](how-to/publish-safely.md)).",
    ),
    (
        CODE,
        "import pyarrow.compute as pc\n\nimport clearscale\nfrom clearscale.synth import fabricate\n\n"
        'made = fabricate("extracts", counties=3, people=300, seed=1)\n'
        'clearscale.ingest("extracts", "store", cluster="threads:2")',
    ),
    (
        TEXT,
        "A store says what it holds. `table` gives the rows of all people: as the files have them, numbers that stand "
        "for texts, or with `decoded=True` as people read them, with dates as dates and flags as lists.",
    ),
    (CODE, 'store = clearscale.open_store("store")\nstore'),
    (
        CODE,
        'convictions = store.table("convictions", ["event_date", "county", "offense", "flags"], decoded=True)\n'
        'print(convictions.num_rows, convictions.schema, sep="\\n")',
    ),
    (
        TEXT,
        "Arrow tables are what Polars, DuckDB and pandas read, without a copy: `polars.from_arrow(convictions)`, "
        '`duckdb.sql("FROM convictions")`, `convictions.to_pandas()`. Arrow counts by itself, too:',
    ),
    (
        CODE,
        'decade = pc.multiply(pc.divide(pc.year(convictions["event_date"]), 10), 10)\n'
        'by_decade = convictions.append_column("decade", decade).group_by("decade").aggregate([([], "count_all")])\n'
        'for row in sorted(by_decade.to_pylist(), key=lambda row: row["decade"] or 0):\n'
        '    print(row["decade"] or "no date", row["count_all"])',
    ),
    (
        TEXT,
        "A run decides every conviction. The folder that it writes says what it was given, and is never changed.",
    ),
    (
        CODE,
        'pilot = clearscale.run("store", "ca-los-angeles-2019", "2020-07-01", "runs/pilot", cluster="threads:2")\npilot',
    ),
    (
        CODE,
        'reasons = pilot.decisions().group_by(["determination", "reason"]).aggregate([([], "count_all")])\n'
        'for row in sorted(reasons.to_pylist(), key=lambda row: -row["count_all"])[:5]:\n'
        "    print(f\"{row['count_all']:5} {row['determination']}: {row['reason']}\")",
    ),
    (
        TEXT,
        "A policy can be made here. `clearscale.facts()` lists what its conditions can ask; what is wrong with it is "
        "said at once, with the nearest word.",
    ),
    (
        CODE,
        "policy = clearscale.make_policy(\n"
        "    {\n"
        '        "id": "older-or-clear",\n'
        '        "title": "Dismiss for people of 40 and more, and after five years without a conviction",\n'
        '        "rule": [\n'
        '            {"if": ["superstrike_prior"], "then": "not-eligible", "because": "Prior superstrike"},\n'
        '            {"if": ["age >= 40"], "then": "dismiss", "because": "40 or older"},\n'
        '            {"if": ["years_crime_free >= 5"], "then": "dismiss", "because": "Five years without one"},\n'
        '            {"if": [], "then": "hand-review", "because": "Neither"},\n'
        "        ],\n"
        "    }\n"
        ")\n"
        'own = clearscale.run("store", policy, "2020-07-01", "runs/own", cluster="threads:2")\n'
        "own",
    ),
    (
        CODE,
        'wrong = {"id": "wrong", "title": "Misspelt", "rule": [{"if": ["agee >= 40"], "then": "dismis", "because": "40"}]}\ntry:\n    clearscale.make_policy(wrong)\nexcept clearscale.PolicyError as error:\n    print(error)',
    ),
    (TEXT, "What it changes, and what each of many policies would do:"),
    (
        CODE,
        'difference = clearscale.diff(pilot, own, cluster="threads:2")\n'
        'for name, count in difference.info["convictions_once"].items():\n'
        "    print(name, count)",
    ),
    (
        CODE,
        'ages = clearscale.sweep("store", "ca-los-angeles-2019", "2020-07-01", ["age=40,45,50,55"], "sweeps/ages", cluster="threads:2")\n'
        'ages.table().select(["age", "convictions_dismissed", "people_no_felony"]).to_pydict()',
    ),
    (
        TEXT,
        'What a library would log is logged: `logging.getLogger("clearscale")` tells of each pass of work, and of workers '
        "in trouble, without a path or anybody's data. Stores in S3 take `storage_options`, as "
        '`clearscale.open_store("s3://state/store", storage_options={"profile": "research"})`.',
    ),
]


def notebook() -> nbformat.NotebookNode:
    """The notebook without what it prints."""
    made = new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    )
    for number, (kind, text) in enumerate(CELLS):
        cell = new_markdown_cell(text) if kind == TEXT else new_code_cell(text)
        cell["id"] = f"cell-{number}"
        made.cells.append(cell)
    return made


def run(folder: Path) -> nbformat.NotebookNode:
    """The notebook with what it prints in an empty folder."""
    found = notebook()
    os.environ["JUPYTER_PLATFORM_DIRS"] = "1"
    NotebookClient(
        found, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    ).execute()
    for cell in found.cells:
        cell.metadata.pop("execution", None)
    found.metadata.pop("language_info", None)
    return found


def main() -> None:
    """Write the page."""
    with tempfile.TemporaryDirectory() as folder:
        PAGE.write_text(f"{nbformat.writes(run(Path(folder)))}\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
