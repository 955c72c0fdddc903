"""A fabricated file of charges of several counties and courts, in a store and decided, to try figures by place on.

Courts are spelled in several ways, some are on no list, some records name none; people have charges in several
counties. `plain` says of each record, by its line, what tables must say of it, and knows nothing of how they do.
"""

import csv
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import clearscale
from clearscale.formats.catalog import maps

AS_OF = date(2026, 1, 1)
SPELLINGS = {
    "Will": {
        "12th Judicial Circuit Court": [
            "12TH JUDICIAL CIRCUIT COURT",
            "12th Judicial Circuit",
            "Will County Circuit Court",
        ],
        "Joliet Branch": ["Joliet Branch"],
        None: [""],
    },
    "Cook": {
        "Circuit Court of Cook County": [
            "Circuit Court of Cook County",
            "CIRCUIT COURT OF COOK",
            "Cook County Circuit Court",
        ],
        "District 3": ["District 3"],
        "District 5": ["District 5"],
        "Night Court": ["Night Court"],
    },
    "Lake": {
        "19th Judicial Circuit Court": ["19th Judicial Circuit Court"],
        "Branch A": ["Branch A"],
        "Branch B": ["Branch B"],
        "Doe, Ann": ["Doe, Ann"],
    },
    None: {None: [""], "Night Court": ["Night Court"]},
}
"""Courts by county, each with its spellings; null is what records do not say."""

COUNTIES = {"Will": ["Will", "WILL COUNTY"], "Cook": ["Cook", "17031"], "Lake": ["LAKE"], None: ["", "Nowhere"]}
WEIGHTS = {"Will": 30, "Cook": 50, "Lake": 12, None: 4}
RACES = {"Black": ["B", "BLACK"], "Hispanic": ["H"], "White": ["W", "WHITE"], None: ["", "Z"]}
SEXES = {"F": ["F"], "M": ["M", "MALE"], None: [""]}
LEVELS = {"felony": ["F"], "misdemeanor": ["M", "MISDEMEANOR"], "violation": ["V"], None: ["", "Q"]}
CLASSES = {"A": ["A"], "B": ["CLASS B"], None: [""]}
ENDS = {
    "convicted": ["GUILTY", "CONVICTED AT TRIAL"],
    "dismissed": ["DISMISSED"],
    "pending": ["PENDING"],
    "diverted": ["DIVERSION"],
    "none": [""],
    "unknown": ["SO IT GOES"],
}
STATUTES = {
    ("PL", "221.05"): "PL 221.05",
    ("PL", "221.10"): "PL 221.10(1)",
    ("PL", "155.25"): "PL 155.25",
    (None, None): "?!",
}
POLICY = """
id = "test-courts"
title = "What courts are to do"
state = "example"
scope = ["level is misdemeanor or violation or felony"]

[lists.small]
title = "Small things"
statutes = [{ code = "PL", sections = ["221.*"] }]

[[rule]]
if = ["disposition is pending"]
then = "not-eligible"
because = "Pending"

[[rule]]
if = ["disposition is dismissed", "statute in small"]
then = "seal"
because = "Dismissed"

[[rule]]
if = ["convicted", "level is misdemeanor"]
wait = "3 years since disposition_date"
then = "expunge"
because = "Three years since the conviction"

[[rule]]
if = ["convicted", "statute in small"]
then = "vacate"
because = "No offense any more"

[[rule]]
if = []
then = "not-eligible"
because = "Nothing helps"
"""


@dataclass(frozen=True)
class Plain:
    """A record in the words of tables; what it does not say is None."""

    line: int
    person: str
    county: str | None
    court: str | None
    code: str | None
    section: str | None
    level: str | None
    severity: str | None
    disposition: str
    race: str | None
    sex: str | None
    born: date | None
    ended: date | None


def drawn(people: int, seed: int) -> Iterator[tuple[Plain, dict[str, str]]]:
    """Records and what is written of them."""
    chance = random.Random(seed)
    line = 1
    for number in range(people):
        race, sex = chance.choice(list(RACES)), chance.choice(list(SEXES))
        born = None if chance.random() < 0.05 else date(1930 + chance.randrange(78), 1 + chance.randrange(12), 5)
        home = _weighted(chance)
        for case in range(1 + (chance.random() < 0.3) + (chance.random() < 0.1)):
            county = home if chance.random() < 0.8 else _weighted(chance)
            courts = SPELLINGS[county]
            court = list(courts)[min(int(chance.expovariate(1.4)), len(courts) - 1)]
            ended = date(2008, 1, 1) + timedelta(days=chance.randrange(6500))
            for count in range(1 + (chance.random() < 0.4)):
                line += 1
                (code, section), statute = chance.choice(list(STATUTES.items()))
                level, severity = chance.choice(list(LEVELS)), chance.choice(list(CLASSES))
                end = chance.choices(list(ENDS), [50, 25, 3, 4, 10, 2])[0]
                over = end in ("convicted", "dismissed", "diverted") and chance.random() < 0.97
                plain = Plain(
                    line, f"P{number}", county, court, code, section, level, severity, end, race, sex, born,
                    ended if over else None,
                )  # fmt: skip
                yield (
                    plain,
                    {
                        "person_id": f"P{number}",
                        "case_number": f"{number}-{case}",
                        "charge_number": str(count + 1),
                        "birth_date": born.isoformat() if born else "",
                        "sex": chance.choice(SEXES[sex]),
                        "race": chance.choice(RACES[race]),
                        "county": chance.choice(COUNTIES[county]),
                        "court": chance.choice(courts[court]),
                        "disposition_date": ended.isoformat() if over else "",
                        "statute": statute,
                        "level": chance.choice(LEVELS[level]),
                        "class": chance.choice(CLASSES[severity]),
                        "disposition": chance.choice(ENDS[end]),
                    },
                )


def _weighted(chance: random.Random) -> str | None:
    return chance.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]


def write(folder: Path, people: int, seed: int, without: tuple[str, ...] = ()) -> list[Plain]:
    """Write `charges.csv`, `map.toml` and `policy.toml`. without: columns that the file does not have."""
    folder.mkdir(parents=True, exist_ok=True)
    found = list(drawn(people, seed))
    names = [name for name in found[0][1] if name not in without]
    with (folder / "charges.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.DictWriter(file, names, extrasaction="ignore")
        rows.writeheader()
        rows.writerows(written for _, written in found)
    (folder / "map.toml").write_text('state = "illinois"\n' + maps()["generic-charges"].read_text("utf-8"), "utf-8")
    (folder / "policy.toml").write_text(POLICY, "utf-8")
    return [plain for plain, _ in found]


def build(folder: Path, people: int, seed: int, **how: object) -> None:
    """Write the files, and with them `store` and `run`."""
    write(folder, people, seed)
    clearscale.ingest_charges(
        folder / "charges.csv", folder / "store", folder / "map.toml", cluster="threads:1", **how
    )
    clearscale.run_charges(
        folder / "store", folder / "policy.toml", AS_OF.isoformat(), folder / "run", cluster="threads:1"
    )
