"""A power cut leaves a store that a purge ends in, whatever the disk forgot of what was not flushed."""

import random
import shutil
from pathlib import Path

import pytest

import clearscale
from clearscale.store.manifest import UnderWayError
from tests.support.canary import NUMBER, found_below
from tests.support.examples import at_length, is_long
from tests.support.power import ForgetfulDisk, PowerCut

CUTS = at_length(range(60)) if is_long() else range(4)


def known(disk: ForgetfulDisk, store: Path) -> None:
    """What was there before lies on the disk for good."""
    for path in store.rglob("*"):
        if path.is_file():
            disk.known(path)


@pytest.mark.long
@pytest.mark.sampled
def test_a_power_cut_at_any_moment(everywhere: Path, tmp_path: Path) -> None:
    spare = tmp_path / "spare"
    shutil.copytree(everywhere, spare)
    with pytest.MonkeyPatch.context() as patch:
        disk = ForgetfulDisk(spare, patch)
        clearscale.purge(spare, cii=NUMBER)
    for number in CUTS:
        chance = random.Random(number)
        store = tmp_path / str(number)
        shutil.copytree(everywhere, store)
        with pytest.MonkeyPatch.context() as patch:
            cut = ForgetfulDisk(store, patch, after=chance.randrange(disk.events))
            known(cut, store)
            with pytest.raises(PowerCut):
                clearscale.purge(store, cii=NUMBER)
        lost = cut.lose(chance)
        try:
            damaged = clearscale.verify(store).damaged
        except UnderWayError:
            damaged = ()
        assert not damaged, f"cut {number}, lost {lost}"
        clearscale.purge(store, cii=NUMBER)
        assert found_below(store) == {}, f"cut {number}, lost {lost}"
        assert clearscale.verify(store).damaged == (), f"cut {number}, lost {lost}"
        shutil.rmtree(store)
