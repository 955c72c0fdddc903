"""An office's file: what it may hold, and what is said of what it may not."""

import os
from pathlib import Path

import pytest

from clearscale.errors import ClearscaleError
from clearscale.outputs.packet.office import Office


def refused(folder: Path, text: str) -> str:
    (folder / "office.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ClearscaleError) as error:
        Office.read(folder / "office.toml")
    return str(error.value)


def test_what_is_wrong_is_said_with_its_key_and_what_is_near(tmp_path: Path) -> None:
    said = refused(
        tmp_path,
        '[office]\nnam = "A"\naddress = "no list"\n[cuort]\njudge = "B"\n'
        '[notice]\nask = ["a", 1]\n[court]\njudge = 3\n',
    )
    assert said.count(f"{tmp_path}/office.toml: ") == 5
    for words in (
        "[office] has no key nam; did you mean name?",
        "[office] address must be a list of texts",
        "no table [cuort]; did you mean court?",
        "[notice] ask must be a list of texts",
        "[court] judge must be a text",
    ):
        assert words in said
    assert "name is empty" in refused(tmp_path, "[office]\n")
    assert "is no TOML" in refused(tmp_path, "office")
    assert "there is no such file" in str(_error(tmp_path / "none.toml"))
    assert "must be a text" in refused(tmp_path, '[office]\nname = "A\\u202eB"\n')


def test_a_seal_is_an_image_beside_the_file(tmp_path: Path) -> None:
    begin = '[office]\nname = "A"\n[seal]\nimage = '
    assert "must end in one of" in refused(tmp_path, f'{begin}"/etc/passwd"\n')
    assert "there is no such image" in refused(tmp_path, f'{begin}"a.png"\n')
    (tmp_path / "big.png").write_bytes(b"")
    os.truncate(tmp_path / "big.png", 9_000_000)
    assert "is larger than 8 MB" in refused(tmp_path, f'{begin}"big.png"\n')
    (tmp_path / "own.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (tmp_path / "office.toml").write_text(f'{begin}"own.svg"\n')
    office = Office.read(tmp_path / "office.toml")
    assert office.seal == ("seal.svg", (tmp_path / "own.svg").read_bytes())
    assert office.document("YOLO")["judge"] == ""


def _error(path: Path) -> ClearscaleError:
    with pytest.raises(ClearscaleError) as error:
        Office.read(path)
    return error.value
