"""What a front page shows: findings of files, and a run's figures as its report has them."""

from collections.abc import Iterable, Mapping
from typing import Any

from clearscale.law.findings import Finding, Kinds
from clearscale.outputs.report.model import Page
from clearscale.policy.parameters import Parameter
from clearscale.store.charge_ingest.report import ChargeReport
from clearscale.store.ingest.report import IngestReport

_TABLES = ("table", "chart")


def findings(found: Mapping[str, Iterable[Finding]], kinds: Kinds, together: str) -> list[dict[str, Any]]:
    """Return findings by files. together: what those are of that are of all files together."""
    return [
        {
            "file": file or together,
            "name": finding.name,
            "refuses": finding.refuses,
            "accepted": finding.accepted,
            "words": kinds.words(finding),
        }
        for file, of_file in found.items()
        for finding in of_file
    ]


def taken(store: str, report: IngestReport | ChargeReport) -> dict[str, Any]:
    """Return what every ingest says of itself. store: by its name in the folder."""
    return {
        "store": store,
        "snapshot": report.snapshot,
        "added": report.added,
        "unchanged": report.unchanged,
        "records": report.records,
        "stored": report.stored,
        "quarantined": report.quarantined,
    }


def figures(page: Page) -> dict[str, Any]:
    """Return the figures and tables of a page of a report."""
    document = page.document()
    blocks = [block for section in document["sections"] for block in section["blocks"]]
    tables = [block if block["kind"] == "table" else block["table"] for block in blocks if block["kind"] in _TABLES]
    return {
        "title": document["title"],
        "subtitle": document["subtitle"],
        "warning": document["warning"],
        "lead": document["lead"],
        "key": [item[:2] for block in blocks if block["kind"] == "figures" for item in block["items"]],
        "tables": [table for table in tables if table["numbers"]],
    }


def parameters(of: Mapping[str, Parameter]) -> list[dict[str, str]]:
    """Return the parameters of a policy."""
    return [
        {
            "name": parameter.name,
            "kind": parameter.kind,
            "default": str(parameter.default).lower(),
            "meaning": parameter.meaning,
            "range": parameter.range,
        }
        for parameter in of.values()
    ]
