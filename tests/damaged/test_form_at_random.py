"""Forms damaged at random: the same figures as undamaged, or refused, or a finding that names the damage."""

import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from clearscale.outputs.export.gogen import Options, run
from clearscale.store import open_store
from clearscale.synth import fabricate
from tests.support.damaged import stored
from tests.support.damages_form import Damage, Damaged, form_damages
from tests.support.examples import at_length, is_long, some
from tests.support.samples import AS_OF, contents, decide, policy_file

KINDS = dict(form_damages())
A_KIND, A_KIND_SAMPLED = 40, 1
"""Examples of each kind of damage, in `make test-long` and in `make test`."""

Figures = Mapping[str, Any]


@dataclass(frozen=True)
class Good:
    """An undamaged extract, what a store counts of it, what is decided, and the files of `gogen run`."""

    content: bytes
    figures: Figures
    files: dict[str, bytes]


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Good:
    folder = tmp_path_factory.mktemp("good")
    fabricate(str(folder / "in"), counties=1, people=5, seed=3)
    content = (folder / "in" / "los-angeles.csv").read_bytes()
    outcome = stored(folder, content, county="LOS ANGELES", buckets=1)
    assert outcome.refused is None
    return Good(content, figures(folder), gogen(folder / "x.csv", folder / "gogen")[1])


def figures(folder: Path) -> Figures:
    """What a store counts, and what is decided of it."""
    decided = decide(folder / "store", folder / "run")
    counts = open_store(str(folder / "store")).manifest.counts
    return {**counts, "summary": {name: value for name, value in decided.summary.items() if name != "lineCount"}}


def gogen(path: Path, out: Path) -> tuple[int, dict[str, bytes]]:
    """(exit code, figures and condensed results, without the seconds that it took)."""
    options = policy_file(path.parent)
    code = run(Options(str(path), str(out), "LOS ANGELES", options, AS_OF))
    if code:
        return code, {}
    summary = json.loads((out / "gogen.json").read_text())
    condensed = (out / "All_Results_Condensed.csv").read_bytes()
    return code, {"condensed": condensed, "summary": json.dumps({**summary, "processingTimeInSeconds": 0}).encode()}


def damages(kind: str, good: Good) -> Iterator[tuple[int, random.Random, Damaged]]:
    damage: Damage = KINDS[kind]
    for seed in at_length(range(A_KIND)) if is_long() else range(A_KIND_SAMPLED):
        chance = random.Random(f"{kind} {seed}")
        yield seed, chance, damage(good.content, chance)


@pytest.mark.sampled
@pytest.mark.parametrize("kind", [*KINDS][:: 1 if is_long() else 8])
def test_figures_are_the_same_or_refused_or_told(kind: str, good: Good, in_memory: Path) -> None:
    for seed, chance, damaged in damages(kind, good):
        folder = in_memory / str(seed)
        folder.mkdir()
        outcome = stored(
            folder,
            damaged.content,
            name=damaged.name,
            county="LOS ANGELES",
            quarantine=chance.random() < 0.6,
            buckets=1,
            block_bytes=chance.choice([3000, 50_000, 2**24]),
        )
        if outcome.refused is not None:
            assert not contents(folder / "store"), f"{kind}, {seed}: something of it was stored"
            continue
        (entry,) = open_store(str(folder / "store")).manifest.extracts
        assert entry.records == entry.stored + entry.quarantined
        told = damaged.findings & outcome.findings.keys()
        assert told or figures(folder) == good.figures, f"{kind}, {seed}: other figures, and no word"


@pytest.mark.sampled
@pytest.mark.parametrize("kind", [*reversed(KINDS)] if is_long() else some([*reversed(KINDS)]))
def test_gogen_run_gives_the_same_or_fails_or_doubts(
    kind: str, good: Good, in_memory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for seed, _, damaged in damages(kind, good):
        path = in_memory / str(seed) / damaged.name
        path.parent.mkdir()
        path.write_bytes(damaged.content)
        capsys.readouterr()
        code, files = gogen(path, path.parent / "out")
        words = capsys.readouterr().err
        assert words or not code, f"{kind}, {seed}: failed without a word"
        assert code or files == good.files or str(path) in words, f"{kind}, {seed}: other figures, and no word"
