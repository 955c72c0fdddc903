"""The page on writing a policy over charges, followed word by word."""

import re
import shlex
from pathlib import Path

import pytest

import clearscale
from tests.commands.test_policy_commands import call

PAGE = Path(clearscale.__file__).parent.parent / "docs" / "how-to" / "write-a-charge-policy.md"


def test_the_page_does_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    page = PAGE.read_text("utf-8")
    name, text = re.findall(r"```toml (\S+)\n(.*?)```", page, re.DOTALL)[0]
    Path(name).write_text(text, "utf-8")
    said = {}
    for block in re.findall(r"```sh\n(.*?)```", page, re.DOTALL):
        for line in block.splitlines():
            words = shlex.split(line)
            code, out, err = call(capsys, *words[1:])
            assert code == 0, err
            said[words[1], words[2]] = out
    assert said["policies", "check"] == "sealing.toml: nothing is wrong\n"
    assert "after 5 years since latest disposition_date of convictions" in said["policies", "show"]
    summary = clearscale.open_charge_run("runs/sealing").summary["outcomes"]
    assert summary["seal"]["charges"] > 0
    assert Path("forecast/forecast.csv").is_file()
