"""Every command, called on a store that holds a marked person, and what may then hold the person's words."""

import contextlib
import fnmatch
import gzip
import json
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pypdfium2
from typer.main import get_command

from clearscale.commands.main import app
from tests.linking import made
from tests.support.canary import BIRTH, NUMBER, SUBJECT, bad_records, canary, found_in, others
from tests.support.fabricate import COLUMNS
from tests.support.samples import ACCEPTING, AS_OF, OPTIONS, Row, conviction, put, rendered

Call = tuple[list[str], int]
"""A command's words, and the code that it exits with."""

POLICY = """
id = "sections"
title = "Sections"
charges = "prop64-and-related"
[[rule]]
if = ["felony"]
then = "dismiss"
because = "Dismiss {code_section}"
[[rule]]
if = []
then = "maybe"
because = "Look at {code_section}"
"""

LINKS = int(find_spec("splink") is None)
"""What linking people exits with: it is told how to get what it needs."""

BY_PURPOSE = (
    *("charges/records/*.arrow", "charges/quarantine/*.parquet"),
    *(f"charges/snapshots/*/{table}/*" for table in ("charges", "cases", "people", "dictionaries")),
    "in/*",
    "*store/records/*",
    "*store/quarantine/*",
    "*store/staging/*.arrow",
    "*store/snapshots/*/plan.arrow",
    *(f"*store/snapshots/*/{table}/*" for table in ("dictionaries", "histories", "convictions", "people")),
    *(f"*store/snapshots/*/{table}/*" for table in ("candidates", "subjects")),
    "*run*/decisions/*",
    "*diff/records.*",
    "export/*_Results*.csv",
    "export/Results.xlsx",
    "all-counties/*/*_Results*.csv",
    "list.*",
    "papers/*.pdf",
    "charge-papers/*.pdf",
    "gogen/*_Results*.csv",
)
"""Files of a place that hold records, or what was decided on each: for that stores and result files are there."""


def word(column: str) -> str:
    """The person's word in a column."""
    return f"QZ{COLUMNS.index(column):02d}WORD"


PERSON = {
    "first": word("PRI_IDN"),
    "middle": "",
    "last": word("COMMENT_TEXT"),
    "license": NUMBER,
    "birth_date": f"{BIRTH:%Y-%m-%d}",
}
"""The person as files without a key have them."""


def odd_records(county: str) -> list[Row]:
    """Records of the person that are shifted, or name the charge in a comment, or nearly."""
    comment = f"{word('COMMENT_TEXT')} SOLD 11359 HS-TO {word('PRI_IDN')}"
    odd: list[dict[str, str]] = [
        {"OFFENSE_DESCR": "SEE COMMENT FOR CHARGE", "COMMENT_TEXT": comment},
        {"OFFENSE_DESCR": f"{word('OFFENSE_DESCR')}-11359 HS"},
        {"STP_ORI_CNTY_NAME": word("STP_ORI_DESCR"), "GENDER": word("GENDER"), "PRI_DOB": word("OFN")},
        {"STP_EVENT_DATE": word("CYC_DATE"), "CONV_STAT_DESCR": word("OFN")},
    ]
    return [
        conviction(SUBJECT, county, number, **{"CII_NUMBER": NUMBER, **values})
        for number, values in enumerate(odd, start=3)
    ]


class Place:
    """A folder with extracts, policies, and what commands make of them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._looked_at: dict[str, tuple[int, int]] = {}
        for number, county in enumerate(("ALAMEDA", "YOLO")):
            rows = rendered([*others(county, 6), *canary(county), *odd_records(county)])
            put(root, f"in/{county.lower()}.csv", rows + bad_records() if number else rows)
        put(root, "in/cut.csv.gz", gzip.compress(rendered(canary("ALAMEDA")))[:-9])
        put(root, "in/shifted.csv", rendered(canary("ALAMEDA"), header=False).replace(b"QZ", b",QZ", 3))
        put(root, "in/named.csv", made.rows(PERSON, PERSON | {"first": word("STP_ORI_DESCR"), "license": ""}))
        put(root, "named.toml", made.NAMED.encode())
        put(root, "policy.toml", POLICY.encode())
        put(root, "options.json", json.dumps(OPTIONS).encode())

    def __truediv__(self, name: str) -> str:
        return str(self.root / name)

    def calls(self) -> dict[str, list[Call]]:
        """The calls of every command, by its name, each on what those before it made."""
        store, run, other = ("--store", self / "store"), ("--run", self / "run"), self / "other-run"
        made = [*store, "--as-of", AS_OF]
        gogen = ["gogen", "run", f"--outputs={self / 'gogen'}", "--county=ALAMEDA", f"--compute-at={AS_OF}"]
        options = f"--eligibility-options={self / 'options.json'}"
        unreported = ["run", *made, "--policy", self / "policy.toml", "--out", self / "no-run"]
        sweep, key = ["sweep", *made, "--policy", self / "options.json"], f"file:{self / 'key'}"
        county = ("--county", "alameda.csv=ALAMEDA", "--county", "yolo.csv=YOLO")
        aside = ("--on-bad-record", "quarantine")
        link = ["formats", "link", self / "in/named.csv", "--format"]
        extracts = [self / "in/alameda.csv", self / "in/yolo.csv"]
        charges = ("--store", self / "charges", "--policy", "ca-1203-425", "--as-of", AS_OF)
        of_charges = ("--run", self / "charge-run")
        of_charge = ["explain", *of_charges, "--file", "yolo"]
        return {
            "ingest": [
                (["ingest", *extracts, *store, *county], 1),
                (["ingest", self / "in/cut.csv.gz", *store, "--county", "ALAMEDA"], 1),
                (["ingest", self / "in/shifted.csv", *store, "--county", "ALAMEDA"], 1),
                (["ingest", *extracts, *store, *aside], 0),
                (["ingest", *extracts, *store, *county, *aside, "--dry-run"], 0),
                (["ingest", *extracts, *store, *county, *aside, *ACCEPTING, "--json"], 0),
                (["ingest", *extracts, *store], 0),
                (["ingest", self / "store", "--format", "ca-doj", "--store", self / "charges"], 0),
                (["ingest", self / "in/shifted.csv", "--format", "il-cook-clerk", "--store", self / "charges"], 1),
            ],
            "store info": [
                (["store", "info", self / "store"], 0),
                (["store", "info", self / "store", "--json"], 0),
            ],
            "store snapshots": [(["store", "snapshots", self / "store"], 0)],
            "check": [
                (["check", *store, "--out", self / "checks"], 0),
                (["check", *store, "--json"], 0),
            ],
            "verify": [(["verify", *store], 0)],
            "run": [
                ([*unreported, "--performance-report", self / "report.html"], 1),
                (["run", *made, "--policy", self / "policy.toml", "--out", self / "run"], 0),
                (["run", *made, "--policy", self / "options.json", "--out", other, "--json"], 0),
                (["ingest", self / "store", "--format", "ca-doj", "--store", self / "no-charges", "--dry-run"], 0),
                (["check", "--store", self / "charges", "--out", self / "charge-checks"], 0),
                (["run", *charges, "--out", self / "charge-run"], 0),
                (["run", *charges[:4], "--as-of", "2009-01-01", "--out", self / "early-run"], 0),
                (["tables", *of_charges, "--out", self / "charge-tables"], 0),
                (["run", *made, "--policy", self / "none.toml", "--out", self / "no-run"], 1),
            ],
            "forecast": [
                (["forecast", *charges, "--out", self / "forecast"], 0),
                (["forecast", *charges, "--json"], 0),
            ],
            "work": [(["work", *store], 0), (["work", *run], 0), (["work", *run, "--json"], 0)],
            "export": [
                (["export", *run, "--county", "ALAMEDA", "--out", self / "export", "--xlsx"], 0),
                (["export", *run, "--all-counties", "--out", self / "all-counties"], 0),
            ],
            "decisions": [
                (["decisions", *run, "--out", self / "list.csv"], 0),
                (["decisions", *run, "--out", self / "list.xlsx"], 0),
                (["decisions", *of_charges, "--out", self / "list.parquet", "--flag", "deceased"], 0),
                (["decisions", *run, "--case", word("OFN")[:-1]], 1),
                (["decisions", *run, "--court", "NONE"], 1),
            ],
            "packet": [
                (["packet", *run, "--county", "ALAMEDA", "--out", self / "papers"], 0),
                (["packet", *run, "--county", "ALAMEDA", "--court", "NOWHERE", "--out", self / "no-papers"], 1),
                (["packet", *of_charges, "--county", "YOLO", "--out", self / "charge-papers"], 0),
                (["packet", *run, "--county", "YOLO", "--accept", "no-name", "--out", self / "papers"], 1),
                (["packet", "--templates", self / "templates"], 0),
            ],
            "tables": [(["tables", *run, "--out", self / "tables"], 0)],
            "sweep": [
                (["sweep", *charges, "--vary", f"as_of=2009-01-01,{AS_OF}", "--out", self / "charge-sweep"], 0),
                ([*sweep, "--vary", "age=0,50", "--by-county", "--out", self / "sweep"], 0),
            ],
            "diff": [
                (["diff", self / "early-run", self / "charge-run", "--out", self / "charge-diff"], 0),
                (["diff", self / "early-run", other], 1),
                (["diff", self / "run", other, "--out", self / "diff"], 0),
            ],
            "explain": [
                ([*of_charge, "--line", "2"], 0),
                ([*of_charge, "--line", "9999999"], 1),
                (["explain", *run, "--extract", "alameda.csv", "--row", "0"], 0),
                (["explain", *run, "--extract", "alameda.csv", "--row", "99"], 1),
                (["explain", *run, "--case", "NONE"], 1),
                (["explain", *run, "--record", "NONE"], 1),
            ],
            "report": [
                (["report", *of_charges, "--out", self / "charge-report", "--no-suppress", "--all-counties"], 0),
                (["report", *run, "--out", self / "report", "--all-counties", "--no-suppress"], 0),
            ],
            "serve": [
                (["serve", "--folder", self.root], 0),
                (["serve", "--run", other, "--published"], 0),
                (["serve", "--run", other], 0),
                (["serve", *of_charges], 0),
            ],
            "warm-up": [(["warm-up"], 0)],
            "bench": [(["bench", "--against", self / "in/yolo.csv", "--data", self / "bench"], 1)],
            "policies list": [(["policies", "list"], 0)],
            "policies show": [(["policies", "show", self / "policy.toml"], 0)],
            "policies check": [(["policies", "check", self / "policy.toml"], 0)],
            "policies schema": [(["policies", "schema"], 0)],
            "formats list": [(["formats", "list"], 0)],
            "formats show": [(["formats", "show", "ca-doj"], 0)],
            "formats check": [
                (["formats", "check", self / "in/alameda.csv", "--format", "ca-doj"], 0),
                (["formats", "check", self / "in/shifted.csv", "--format", "ca-doj", "--json"], 1),
                (["formats", "check", self / "in/alameda.csv", "--format", "il-cook-clerk"], 1),
            ],
            "formats link": [
                ([*link, self / "named.toml", "--out", self / "people", "--json"], LINKS),
                ([*link, "ca-doj", "--out", self / "no-people"], 1),
                ([*link, self / "named.toml", "--out", self / "people", "--reviewed", self / "in/named.csv"], 1),
            ],
            "formats draft": [(["formats", "draft", self / "in/alameda.csv"], 0)],
            "formats sample": [(["formats", "sample", "il-cook-clerk", "--out", self / "sample"], 0)],
            "gogen run": [
                ([*gogen, options, f"--input-doj={self / 'in/yolo.csv'}"], 1),
                ([*gogen, options, f"--input-doj={self / 'in/cut.csv.gz'}"], 1),
                ([*gogen, options, f"--input-doj={self / 'in/alameda.csv'}"], 0),
            ],
            "gogen version": [(["gogen", "version"], 0)],
            "cluster certificates": [(["cluster", "certificates", "--out", self / "certificates"], 0)],
            "encryption key": [(["encryption", "key", self / "key"], 0)],
            "encryption start": [(["encryption", "start", self / "locked-store", "--key", key], 0)],
            "encryption copy": [(["encryption", "copy", self / "store", self / "copy", "--key", key], 0)],
            "encryption change-key": [
                (["encryption", "key", self / "key-2"], 0),
                (["encryption", "change-key", self / "copy", "--key", f"file:{self / 'key-2'}"], 0),
            ],
            "synth": [(["synth", "--out", self / "synth", "--counties", "1", "--people", "5"], 0)],
            "demo": [(["demo", "--out", self / "demo", "--counties", "1", "--people", "20"], 0)],
            "log": [(["log", *store, "--json"], 0), (["log", *store], 0)],
            "prune": [(["prune", *store, "--keep", "1", "--dry-run"], 0)],
            "purge": [
                (["purge", *store, "--cii", NUMBER, "--dry-run", "--json"], 0),
                (["purge", *store, "--subject", SUBJECT], 0),
                (["purge", "--store", self / "charges", "--person", NUMBER], 0),
            ],
        }

    def leaks(self) -> dict[str, set[str]]:
        """Where the person's words stand below this folder in files that are new, or changed since the last look.

        Files that are there to hold them are left out.
        """
        files = {}
        for path in self.root.rglob("*"):
            name = str(path.relative_to(self.root))
            if path.is_file() and not any(fnmatch.fnmatch(name, pattern) for pattern in BY_PURPOSE):
                stamp = (path.stat().st_mtime_ns, path.stat().st_size)
                if self._looked_at.get(name) != stamp:
                    files[name] = _text_of(path) if path.suffix == ".pdf" else path.read_bytes()
                self._looked_at[name] = stamp
        return found_in(files)

    def copied(self, root: Path) -> "Place":
        """The same elsewhere, for what is to be damaged."""
        shutil.copytree(self.root, root)
        place = object.__new__(Place)
        place.root = root
        place._looked_at = {}
        return place


def _text_of(path: Path) -> bytes:
    """What a report's pages say."""
    with contextlib.closing(pypdfium2.PdfDocument(path)) as document:
        return "".join(page.get_textpage().get_text_bounded() for page in document).encode()


def names() -> Iterator[str]:
    """The names of all commands, from the command line itself."""
    left = [("", get_command(app))]
    while left:
        name, found = left.pop()
        beneath = getattr(found, "commands", None)
        if beneath is None:
            yield name
        else:
            left += [(f"{name} {word}".strip(), command) for word, command in beneath.items()]
