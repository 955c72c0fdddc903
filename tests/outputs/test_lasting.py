"""Whatever is published is on disk, under its name, when the command ends."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

import clearscale
from clearscale.commands.main import main
from clearscale.synth import fabricate
from tests.support.damaged import BASE, POLICY
from tests.support.power import ForgetfulDisk
from tests.support.samples import AS_OF


class EverythingLost(random.Random):
    """A power cut that takes all that it may."""

    def random(self) -> float:
        return 0.0


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[clearscale.Run]:
    folder = tmp_path_factory.mktemp("lasting")
    clearscale.ingest(BASE, folder / "store")
    return [clearscale.run(folder / "store", POLICY, as_of, folder / as_of) for as_of in (AS_OF, "2021-01-01")]


def gogen(out: Path) -> None:
    options = {"input-doj": BASE, "outputs": out, "county": "ALAMEDA", "eligibility-options": POLICY}
    with pytest.raises(SystemExit) as leaving:
        main(["gogen", "run", *(f"--{name}={value}" for name, value in options.items()), f"--compute-at={AS_OF}"])
    assert not leaving.value.code


PUBLISHED: dict[str, Callable[[list[clearscale.Run], Path], object]] = {
    "export": lambda runs, out: clearscale.export(runs[0], "ALAMEDA", out),
    "report": lambda runs, out: clearscale.report(runs[0], out, suppress_below=None),
    "tables": lambda runs, out: clearscale.tables(runs[0], out),
    "diff": lambda runs, out: clearscale.diff(*runs, out=out),
    "check": lambda runs, out: clearscale.check(runs[0].info["store"], out=out),
    "gogen run": lambda runs, out: gogen(out),
    "synth": lambda runs, out: fabricate(str(out), counties=2, people=4, seed=1),
}


@pytest.mark.parametrize("what", PUBLISHED)
def test_nothing_is_lost(what: str, runs: list[clearscale.Run], tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.MonkeyPatch.context() as patch:
        disk = ForgetfulDisk(out, patch)
        PUBLISHED[what](runs, out)
    assert [path for path in out.rglob("*") if path.is_file()]
    assert disk.lose(EverythingLost()) == []
