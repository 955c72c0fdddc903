"""Claims on folders of this machine: held by one, told to others, and let go of however their process ends."""

import subprocess
import sys
from pathlib import Path

import pytest

from clearscale.errors import RunError
from clearscale.io.claims import Claims, claim, claimed
from clearscale.io.files import Folder
from clearscale.io.leases import TakenError
from tests.support.waiting import PATIENCE, wait_until

HOLDER = """
import sys, time
from clearscale.io.claims import claim
from clearscale.io.files import Folder
held = claim(Folder(sys.argv[1]), "lock")
print("held", flush=True)
time.sleep(3600)
"""


def test_a_claim_is_held_by_one(tmp_path: Path) -> None:
    folder = Folder(str(tmp_path / "new"))
    first = claim(folder, "lock")
    with pytest.raises(TakenError, match=r"process \d+ on "):
        claim(folder, "lock")
    claim(folder, "other").release()
    first.release()
    assert not list((tmp_path / "new").iterdir())
    claim(folder, "lock").release(keep=True)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["lock"]
    claim(folder, "lock").release()


def test_a_dead_process_blocks_nobody(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    with pytest.raises(TakenError, match=f"process {process.pid} on "):
        claim(Folder(str(tmp_path)), "lock")
    process.kill()
    process.wait(PATIENCE)
    assert (tmp_path / "lock").exists()
    wait_until(lambda: _can_be_had(tmp_path))


def _can_be_had(folder: Path) -> bool:
    try:
        claim(Folder(str(folder)), "lock").release()
    except TakenError:
        return False
    return True


def test_work_that_fails_lets_go(tmp_path: Path) -> None:
    folder = Folder(str(tmp_path))

    def fail(kept: bool) -> None:
        with claimed(folder, "lock", RunError, kept_on_failure=kept):
            with pytest.raises(RunError, match="another command is writing there"):
                claimed(folder, "lock", RunError).__enter__()
            raise ZeroDivisionError

    for kept in (False, True):
        with pytest.raises(ZeroDivisionError):
            fail(kept)
        assert (tmp_path / "lock").exists() == kept


def test_claims_leave_no_empty_folder(tmp_path: Path) -> None:
    folder = Folder(str(tmp_path / "staging"))
    with Claims(folder) as claims:
        claims.take("a")
        claims.take("a")
        claims.take("b")
        assert "a" in claims
        with pytest.raises(TakenError), Claims(folder) as others:
            others.take("b")
    assert not (tmp_path / "staging").exists()
