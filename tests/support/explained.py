"""Runs, and what is told of their decisions."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import clearscale
from clearscale.commands import main
from clearscale.policy import PACKS
from clearscale.runs import Run
from clearscale.whatif.explain import Explanation

from .samples import AS_OF, Row, ingest, put, rendered

COUNTIES = ("ALAMEDA", "LOS ANGELES", "SACRAMENTO")
OWN = """
id = "own"
title = "Rules of its own"
charges = "prop64-and-related"
[parameters]
years = { default = 8, min = 1, max = 20 }
[[rule]]
if = ["birth_date < 1960-01-01"]
then = "dismiss"
because = "Born before 1960"
[[rule]]
if = ["subsection == A", "days_since_sentence_end >= 100"]
then = "reduce"
because = "{code_section}, sentence ended"
[[rule]]
if = ["related", "not code_section contains '148'"]
then = "hand-review"
because = "{code_section} is related"
[[rule]]
if = ["julian_years_since_latest_conviction > {years}", "only_prop64"]
then = "dismiss"
because = "Nothing else for {years} years"
"""
MAP = """
id = "by-county"
title = "By county"
[default]
policy = "own.toml"
[counties."LOS ANGELES"]
policy = "ca-los-angeles-2019"
parameters = { age = 55 }
[counties.SACRAMENTO]
policy = "ca-sacramento-2019"
"""
BURGLARY = {"OFFENSE_DESCR": "459 PC-BURGLARY", "CNT_ORDER": "002001001000", "STP_EVENT_DATE": "20190101"}


def made(folder: Path, policy: str) -> Run:
    """A run of the store; the same one when it is asked for again."""
    reference = policy if policy in PACKS else str(folder / policy)
    return clearscale.run(str(folder / "store"), reference, AS_OF, str(folder / "runs" / policy))


def explained(run: Run) -> Iterator[tuple[dict[str, Any], Explanation]]:
    for row in run.decisions().to_pylist():
        yield row, clearscale.explain(run, row["extract"], row["row"])


def alone(folder: Path, rows: list[Row], policy: Any) -> Run:
    """A run over one county's extract with these rows."""
    ingest(put(folder, "yolo.csv", rendered(rows)), folder / "store", county="YOLO")
    return clearscale.run(str(folder / "store"), policy, AS_OF, str(folder / "run"))


def relief(**options: Any) -> dict[str, Any]:
    return {"baselineEligibility": {"dismiss": [], "reduce": ["11360"]}, "additionalRelief": options}


def command(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as leaving:
        main.main(["explain", *(str(argument) for argument in arguments)])
    printed = capsys.readouterr()
    assert isinstance(leaving.value.code, int)
    return leaving.value.code, printed.out, printed.err
