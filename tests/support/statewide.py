"""A fabricated state as its counties get it, and as its own database holds it: each person's records once."""

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from clearscale.synth import FabricatedExtract

from .damaged import as_csv
from .fabricate import COLUMNS

Row = dict[str, str]

_SUBJECT, _PERSON = "SUBJECT_ID", "CII_NUMBER"


@dataclass(frozen=True)
class State:
    """counties: file and name of each county's extract. whole: the state's own. split: the same in several files.

    truth: what was fabricated, by county.
    """

    counties: dict[str, str]
    whole: str
    split: list[str]
    truth: dict[str, dict[str, Any]]


def as_one_database(made: Sequence[FabricatedExtract], folder: Path, files: int = 3) -> State:
    """Write the extracts of a fabricated state anew, in `counties`, and as the state's own, in `state`.

    In a state's database a subject has one number, which fabricated extracts give anew in each county; here it is
    that of the person. files: that the state's own is split into, through the records of people.
    """
    for name in ("counties", "state"):
        (folder / name).mkdir(parents=True)
    seen: set[str] = set()
    counties, whole = {}, folder / "state" / "state.csv"
    split = [folder / "state" / f"part-{place}.csv" for place in range(files)]
    with whole.open("wb") as state:
        state.write(as_csv([]))
        for extract in made:
            own = folder / "counties" / Path(extract.path).name
            counties[str(own)] = extract.county
            with own.open("wb") as county:
                county.write(as_csv([]))
                people = set()
                for rows in _in_pieces(Path(extract.path)):
                    _append(county, rows)
                    fresh = [row for row in rows if row[_PERSON] not in seen]
                    people.update(row[_PERSON] for row in fresh)
                    _append(state, fresh)
                seen |= people
    size, header = whole.stat().st_size, as_csv([])
    with whole.open("rb") as state:
        state.seek(len(header))
        for number, part in enumerate(split, start=1):
            with part.open("wb") as file:
                file.write(header)
                while state.tell() < size * number // files and (line := state.readline()):
                    # A record may hold line feeds within quotes.
                    while line.count(b'"') % 2:
                        line += state.readline()
                    file.write(line)
    truth = json.loads((Path(made[0].path).parent / "truth.json").read_text("utf-8"))
    return State(
        counties,
        str(whole),
        list(map(str, split)),
        {of_county["county"]: of_county for of_county in truth["counties"]},
    )


def _in_pieces(path: Path, size: int = 10_000) -> Iterator[list[Row]]:
    """The records of an extract, some at a time."""
    with path.open(newline="", encoding="latin-1") as file:
        piece: list[Row] = []
        for row in csv.DictReader(file):
            piece.append(row | {_SUBJECT: row[_PERSON]})
            if len(piece) == size:
                yield piece
                piece = []
        yield piece


def _append(file: BinaryIO, rows: Sequence[Row]) -> None:
    file.write(as_csv(rows, COLUMNS).partition(b"\n")[2])
