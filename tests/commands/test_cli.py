"""The commands as a shell sees them: output, messages, exit codes."""

import errno
import gzip
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from clearscale.commands.main import main
from clearscale.law import state
from tests.support import reference
from tests.support.examples import long
from tests.support.samples import (
    ACCEPTING,
    AS_OF,
    AS_OF_DATE,
    HEADER,
    OPTIONS,
    conviction,
    extract,
    policy_file,
    put,
    rendered,
)

ALAMEDA = ("--county", "alameda")
COMMANDS = (["ingest"], ["run"], ["check"], ["export"], ["synth"], ["demo"], ["warm-up"], ["gogen", "run"])


def without_progress(errors: str) -> str:
    """Standard error without the lines about work that took long, as it may on a busy machine."""
    return re.sub(
        r"^[a-z ]+: [\d,.]+(/[\d,.]+)?( [A-Za-z]+)?(, .* left| done in [\d.]+ s)?\n", "", errors, flags=re.MULTILINE
    )


class Shell:
    """Runs commands in this process and keeps what they print."""

    def __init__(self, capture: pytest.CaptureFixture[str]) -> None:
        self._capture = capture

    def __call__(self, *arguments: str | Path) -> tuple[int, str, str]:
        """(exit code, standard output, standard error)."""
        self._capture.readouterr()
        with pytest.raises(SystemExit) as leaving:
            main([str(argument) for argument in arguments])
        output, errors = self._capture.readouterr()
        errors = without_progress(errors)
        assert "Traceback" not in errors
        code = leaving.value.code
        assert isinstance(code, int)
        return code, output, errors

    def fails(self, *arguments: str | Path) -> str:
        """The message of a command that fails with an explained error."""
        code, output, errors = self(*arguments)
        assert (code, output) == (1, "")
        assert errors.startswith("clearscale: ")
        return errors.removeprefix("clearscale: ").removesuffix("\n")


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(capsys)


@pytest.fixture
def store(shell: Shell, tmp_path: Path) -> Path:
    put(tmp_path, "in/alameda.csv", extract())
    put(tmp_path, "in/yolo.csv", extract("YOLO", seed=2))
    counties = ["--county", "alameda.csv=ALAMEDA", "--county", "yolo.csv=yolo"]
    into = ("--store", tmp_path / "store", "--quiet")
    assert shell("ingest", f"{tmp_path}/in/*.csv", *into, *counties, *ACCEPTING)[0] == 0
    return tmp_path / "store"


@pytest.mark.parametrize("command", COMMANDS)
def test_help_gives_an_example(command: list[str], shell: Shell) -> None:
    code, output, errors = shell(*command, "--help")
    text = " ".join(output.split())
    assert (code, errors) == (0, "")
    assert f"Example: clearscale {' '.join(command)} " in text.replace("`", "")


def test_help_and_versions(shell: Shell) -> None:
    code, output, _ = shell("--help")
    assert code == 0
    assert all(command[0] in output for command in COMMANDS)
    assert re.fullmatch(r"\d+\.\d+\.\d+\n", shell("--version")[1])
    assert shell("gogen", "version")[1] == "0.2.13\n"


def test_as_a_program_without_traces_of_python(tmp_path: Path) -> None:
    def program(*arguments: str) -> tuple[int, str, str]:
        code = "from clearscale.commands.main import main; main()"
        command = [sys.executable, "-c", code, *arguments, "--store", str(tmp_path / "store")]
        done = subprocess.run(command, capture_output=True, text=True)
        return done.returncode, done.stdout, without_progress(done.stderr)

    code, output, errors = program("ingest", put(tmp_path, "a.csv", extract()), *ALAMEDA, "--json", *ACCEPTING)
    assert (code, errors) == (0, "")
    assert json.loads(output)["added"] == ["a.csv"]
    assert program("ingest", "none.csv") == (1, "", "clearscale: none.csv: there is no such file\n")


def test_as_a_module_it_is_the_same_program(shell: Shell) -> None:
    done = subprocess.run([sys.executable, "-m", "clearscale", "run"], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == shell("run")
    assert done.returncode == 2
    assert "Usage: clearscale run" in done.stderr


def test_warm_up_compiles_what_a_first_command_would_wait_for(shell: Shell) -> None:
    code, output, errors = shell("warm-up", "--json")
    assert (code, errors) == (0, "")
    told = json.loads(output)
    assert set(told) == {"compiled", "folder", "seconds"}
    assert any(Path(told["folder"]).iterdir())
    assert json.loads(shell("warm-up", "--json")[1])["compiled"] == 0
    assert shell("warm-up", "--quiet") == (0, "", "")
    assert "compiled" in shell("warm-up")[1]


def test_json_of_every_command(store: Path, shell: Shell, tmp_path: Path) -> None:
    policy = policy_file(tmp_path)

    def answer(*arguments: str | Path) -> Any:
        code, output, errors = shell(*arguments, "--json")
        assert (code, errors) == (0, "")
        return json.loads(output)

    again = answer("ingest", tmp_path / "in/yolo.csv", "--store", store)
    assert again["unchanged"] == ["yolo.csv"]
    assert again["records"] == 0
    run = ("run", "--store", store, "--policy", policy, "--as-of", AS_OF, "--out", tmp_path / "run")
    summary = answer(*run)
    assert summary["asOf"] == AS_OF
    assert summary["counties"] == 2
    assert summary["seconds"] >= 0
    assert answer(*run) == summary
    files = answer("export", "--run", tmp_path / "run", "--county", "YOLO", "--out", tmp_path / "out")
    assert [Path(path).name for path in files] == [
        "All_Results.csv",
        "All_Results_Condensed.csv",
        "Prop64_Results.csv",
        "gogen.json",
    ]
    made = answer("synth", "--out", tmp_path / "made", "--counties", "2", "--people", "20")
    assert [Path(extract["path"]).exists() for extract in made] == [True, True]


def test_results_for_people(store: Path, shell: Shell, tmp_path: Path) -> None:
    code, output, errors = shell("ingest", tmp_path / "in/yolo.csv", "--store", store)
    assert (code, errors) == (0, "")
    assert "extracts the store had already" in output
    run = ("run", "--store", store, "--policy", "ca-dismiss-all", "--as-of", AS_OF, "--out", tmp_path / "run")
    _, output, _ = shell(*run)
    assert "people with Prop 64 convictions" in output
    assert "ALAMEDA" in output
    _, output, _ = shell("export", "--run", tmp_path / "run", "--county", "YOLO", "--out", tmp_path / "out")
    assert output.splitlines()[-1] == str(tmp_path / "out/gogen.json")


def test_quiet_prints_nothing(store: Path, shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{__name__}.without_progress", str)
    for command in (
        ["ingest", tmp_path / "in/yolo.csv", "--store", store],
        ["run", "--store", store, "--policy", "ca-dismiss-all", "--as-of", AS_OF, "--out", tmp_path / "run"],
        ["export", "--run", tmp_path / "run", "--county", "YOLO", "--out", tmp_path / "out"],
        ["check", "--store", store],
        ["synth", "--out", tmp_path / "made", "--counties", "1", "--people", "5"],
    ):
        assert shell(*command, "--quiet") == (0, "", "")


def test_explained_errors(store: Path, shell: Shell, tmp_path: Path) -> None:
    run = ("run", "--store", store, "--out", tmp_path / "run", "--policy")
    assert "there is no policy 'mine'" in shell.fails(*run, "mine", "--as-of", AS_OF)
    for date in ("2020-7-1", "20200701", "2020-W27-3", "2020-02-30", "today", ""):
        assert "is no date; write it as YYYY-MM-DD" in shell.fails(*run, "ca-dismiss-all", "--as-of", date)
    broken = put(tmp_path, "broken.json", b"{")
    assert "eligibility options are not valid JSON" in shell.fails(*run, broken, "--as-of", AS_OF)
    assert "there is no store" in shell.fails(
        "run", "--store", tmp_path / "none", "--policy", "ca-dismiss-all", "--as-of", AS_OF, "--out", tmp_path / "x"
    )
    assert "there is no finished run" in shell.fails("export", "--run", tmp_path, "--county", "YOLO", "--out", "x")
    assert "cluster 'moon' is not understood" in shell.fails(
        "ingest", tmp_path / "in/yolo.csv", "--store", store, "--cluster", "moon"
    )
    bad = put(tmp_path, "bad.csv", HEADER + b"1,2\n")
    assert "bad.csv, line 2: 2 fields, not 95. " in shell.fails("ingest", bad, "--store", store)
    assert not (tmp_path / "run").exists()
    (tmp_path / "file").touch()
    assert "file" in shell.fails("ingest", tmp_path / "in/yolo.csv", "--store", tmp_path / "file")
    assert shell(*run, "ca-dismiss-all", "--as-of", AS_OF)[0] == 0
    message = shell.fails("export", "--run", tmp_path / "run", "--county", "yolo", "--out", tmp_path / "x")
    assert message == "the store has no extract of county 'yolo'; did you mean 'YOLO'?"
    message = shell.fails("export", "--run", tmp_path / "run", "--county", "YOLO", "--out", tmp_path / "file")
    assert message == f"{tmp_path}/file: is a file, not a folder; name a folder"


@pytest.mark.parametrize(
    ("number", "remedy"), [(errno.EACCES, "ask whoever owns"), (errno.ENOSPC, "make room there")]
)
def test_errors_of_the_system_say_what_to_do(
    number: int, remedy: str, monkeypatch: pytest.MonkeyPatch, shell: Shell, tmp_path: Path
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number), "a/folder")

    monkeypatch.setattr("clearscale.export", fails)
    said = shell.fails("export", "--run", tmp_path, "--county", "YOLO", "--out", "x")
    assert said.startswith(f"a/folder: {os.strerror(number)}; ")
    assert remedy in said


def test_wrong_usage(shell: Shell, tmp_path: Path) -> None:
    for command in (
        ["ingest"],
        ["ingest", "a.csv"],
        ["ingest", "a.csv", "--store", "s", "--on-bad-record", "ignore"],
        ["ingest", "a.csv", "--store", "s", "--buckets", "0"],
        ["run", "--store", "s"],
        ["nothing"],
        ["synth", "--out", str(tmp_path), "--counties", "59"],
    ):
        code, output, errors = shell(*command)
        assert (code, output) == (2, "")
        assert "Usage: clearscale" in errors
    for command in (["gogen", "nothing"], ["gogen", "run", "--nothing=1"], ["gogen"]):
        assert shell(*command)[0] == 1


def test_quarantine_is_told(shell: Shell, tmp_path: Path) -> None:
    path = put(tmp_path, "a.csv", extract() + b"1,2\n")
    code, output, _ = shell(
        "ingest",
        path,
        "--store",
        tmp_path / "s",
        "--on-bad-record",
        "quarantine",
        "--buckets",
        "1",
        "--json",
        *ALAMEDA,
        *ACCEPTING,
    )
    report = json.loads(output)
    assert code == 0
    assert report["quarantined"] == 1
    assert report["records"] == report["stored"] + 1
    assert len(list((tmp_path / "s").glob("snapshots/*/people/*"))) == 1


@pytest.mark.long
@pytest.mark.slow
def test_demo(shell: Shell, tmp_path: Path) -> None:
    demo = ("demo", "--out", tmp_path / "demo", "--counties", "2", "--people", "30")
    code, output, errors = shell(*demo)
    assert (code, errors) == (0, "")
    assert "files for LOS ANGELES" in output
    assert (tmp_path / "demo/los-angeles/Prop64_Results.csv").exists()
    assert output.splitlines()[-1].strip() == str(tmp_path / "demo/report/los-angeles.pdf")
    assert all(Path(line.strip()).exists() for line in output.splitlines()[-4:])
    assert shell(*demo, "--quiet") == (0, "", "")


def test_demo_of_another_state(shell: Shell, tmp_path: Path) -> None:
    demo = ("demo", "--state", "illinois", "--out", tmp_path / "demo", "--people", "60")
    code, output, errors = shell(*demo)
    assert (code, errors) == (0, "")
    assert "Undecided: data missing" in output
    assert output.splitlines()[-1].strip() == str(tmp_path / "demo/report/charges.pdf")
    assert all(Path(line.strip()).exists() for line in output.splitlines()[-2:])
    assert shell(*demo, "--quiet") == (0, "", "")
    code, _, errors = shell("demo", "--state", "atlantis", "--out", tmp_path / "other")
    assert code == 2
    assert "there are california, illinois, michigan" in " ".join(errors.replace("│", " ").split())


@pytest.mark.parametrize(
    ("state", "labels"),
    [
        ("michigan", {"expunge": "set aside", "not-yet": "not yet"}),
        long("new-jersey", {"expunge": "expunged", "hand-review": "hand review"}),
        long("New York", {"expunge": "expunged"}),
    ],
)
def test_the_demo_of_a_state_finds_what_its_file_was_made_of(
    shell: Shell, tmp_path: Path, state: str, labels: dict[str, str]
) -> None:
    demo = (
        "demo",
        "--state",
        state,
        "--out",
        tmp_path / "demo",
        "--people",
        "150" if state == "michigan" else "2000",
    )
    code, output, errors = shell(*demo)
    assert (code, errors) == (0, "")
    truth = json.loads((tmp_path / "demo/extracts/truth.json").read_text("utf-8"))
    (summary,) = (tmp_path / "demo/runs").glob("*/summary.json")
    found = json.loads(summary.read_text("utf-8"))["outcomes"]
    labels = {"not-eligible": "not eligible", "undecided": "undecided", **labels}
    counted = {labels[name]: counts["charges"] for name, counts in found.items() if counts["charges"]}
    assert counted == {name: count for name, count in truth["outcome"].items() if name}
    assert "Expunge" in output


def gogen(shell: Shell, folder: Path, inputs: str, **flags: str) -> tuple[int, str]:
    """(exit code, standard error) of `gogen run`; a flag given as an empty string is left out.

    Without what is odd in extracts that are made to be odd.
    """
    given = {
        "input-doj": inputs,
        "outputs": str(folder / "out"),
        "county": "ALAMEDA",
        "compute-at": AS_OF,
        "eligibility-options": policy_file(folder),
    }
    given |= {name.replace("_", "-"): value for name, value in flags.items()}
    code, output, errors = shell("gogen", "run", *(f"--{name}={value}" for name, value in given.items() if value))
    assert output == ""
    odd = tuple(f"[{name}]\n" for name in state().findings.listed)
    cleared = "cleared by an earlier proceeding, as a record says; they are decided like the others\n"
    return code, "".join(line for line in errors.splitlines(keepends=True) if not line.endswith((*odd, cleared)))


def failures(folder: Path, name: str = "gogen.err") -> dict[str, dict[str, str]]:
    document: dict[str, dict[str, str]] = json.loads((folder / "out" / name).read_bytes())
    return document


def test_gogen_run_writes_what_the_counties_program_wrote(shell: Shell, tmp_path: Path) -> None:
    content = extract()
    for number, name in enumerate(("a.csv", "a.csv.gz")):
        folder = tmp_path / str(number)
        path = put(folder, name, gzip.compress(content) if name.endswith("gz") else content)
        assert gogen(shell, folder, path) == (0, "")
        wanted = reference.run(content, "ALAMEDA", OPTIONS, AS_OF_DATE)
        out = folder / "out"
        assert (out / "All_Results.csv").read_bytes() == wanted.all_results
        assert (out / "All_Results_Condensed.csv").read_bytes() == wanted.condensed
        assert (out / "Prop64_Results.csv").read_bytes() == wanted.prop64
        summary = json.loads((out / "gogen.json").read_bytes())
        assert summary.pop("processingTimeInSeconds") > 0
        assert summary == wanted.summary
        assert len(list(out.iterdir())) == 4


def test_gogen_run_of_two_files_with_a_suffix(shell: Shell, tmp_path: Path) -> None:
    paths = [put(tmp_path, f"{n}.csv", extract(seed=n)) for n in (1, 2)]
    assert gogen(shell, tmp_path, ",".join(paths), file_name_suffix="july") == (0, "")
    names = {path.name for path in (tmp_path / "out").iterdir()}
    results = ("All_Results", "All_Results_Condensed", "Prop64_Results")
    assert names == {f"{name}_{n}_july.csv" for name in results for n in (1, 2)} | {"gogen_july.json"}
    wanted = [reference.run(extract(seed=n), "ALAMEDA", OPTIONS, AS_OF_DATE) for n in (1, 2)]
    for n in (1, 2):
        assert (tmp_path / f"out/Prop64_Results_{n}_july.csv").read_bytes() == wanted[n - 1].prop64
    summary = json.loads((tmp_path / "out/gogen_july.json").read_bytes())
    assert summary["lineCount"] == sum(result.summary["lineCount"] for result in wanted)
    assert summary["subjectsWithSomeReliefCount"] == sum(
        result.summary["subjectsWithSomeReliefCount"] for result in wanted
    )


@pytest.mark.parametrize("missing", ["input-doj", "county", "eligibility-options"])
def test_gogen_run_without_an_option(missing: str, shell: Shell, tmp_path: Path) -> None:
    message = "missing required field: Run gogen --help for more info"
    path = put(tmp_path, "a.csv", extract())
    assert gogen(shell, tmp_path, path, **{missing: ""}) == (1, f": {message}\n")
    assert failures(tmp_path) == {"": {"errorType": "OTHER", "errorMessage": message}}
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["gogen.err"]


@pytest.mark.parametrize("date", ["2020-13-01", "2020-7-1", "20200701", "2020-W27-3", "today"])
def test_gogen_run_with_a_bad_date(date: str, shell: Shell, tmp_path: Path) -> None:
    message = "invalid --compute-at date: Must be a valid date in the format YYYY-MM-DD"
    path = put(tmp_path, "a.csv", extract())
    assert gogen(shell, tmp_path, path, compute_at=date, file_name_suffix="x") == (1, f": {message}\n")
    assert failures(tmp_path, "gogen_x.err") == {"": {"errorType": "OTHER", "errorMessage": message}}


def test_gogen_run_with_a_bad_file_among_others(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    put(tmp_path, "a.csv", extract())
    put(tmp_path, "fields.csv", HEADER + rendered([conviction("1", "ALAMEDA")], header=False) + b"1,2\n")
    put(tmp_path, "quote.csv", b'a"b,c\n' + b"x,y\n" * 50)
    put(tmp_path, "short.csv", rendered([conviction("1", "ALAMEDA", CNT_ORDER="001")]))
    put(tmp_path, "z.csv.gz", gzip.compress(extract(seed=3))[:-9])
    code, errors = gogen(shell, tmp_path, "a.csv,fields.csv,quote.csv,short.csv,none.csv,z.csv.gz")
    assert code == 1
    found = failures(tmp_path)
    messages = {path: (failure["errorType"], failure["errorMessage"]) for path, failure in found.items()}
    assert messages.pop("z.csv.gz")[0] == "OTHER"
    assert messages == {
        "fields.csv": ("PARSING", "record on line 2: wrong number of fields"),
        "quote.csv": ("PARSING", 'parse error on line 1, column 1: bare " in non-quoted-field'),
        "short.csv": ("PARSING", "record on line 1: CNT_ORDER is too short to name its case"),
        "none.csv": ("OTHER", "open none.csv: no such file or directory"),
    }
    assert errors == "".join(f"{path}: {failure['errorMessage']}\n" for path, failure in sorted(found.items()))
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"gogen.err", "All_Results_1.csv", "All_Results_Condensed_1.csv", "Prop64_Results_1.csv"}
    wanted = reference.run(extract(), "ALAMEDA", OPTIONS, AS_OF_DATE)
    assert (tmp_path / "out/All_Results_1.csv").read_bytes() == wanted.all_results


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("subjectAgeThreshold", 39, "SubjectAgeThreshold should be between 40 and 65, or 0"),
        ("yearsSinceConvictionThreshold", 16, "YearsSinceConvictionThreshold should be between 1 and 15, or 0"),
        ("yearsCrimeFreeThreshold", -1, "YearsCrimeFreeThreshold should be between 1 and 15, or 0"),
    ],
)
def test_gogen_run_with_a_threshold_out_of_range(
    name: str, value: int, message: str, shell: Shell, tmp_path: Path
) -> None:
    options = OPTIONS | {"additionalRelief": {**OPTIONS["additionalRelief"], name: value}}
    path = put(tmp_path, "a.csv", extract())
    chosen = policy_file(tmp_path / "strange", options)
    assert gogen(shell, tmp_path, path, eligibility_options=chosen) == (1, f": {message}\n")
    assert failures(tmp_path) == {"": {"errorType": "OTHER", "errorMessage": message}}


def test_gogen_run_without_the_file_of_options(shell: Shell, tmp_path: Path) -> None:
    path, missing = put(tmp_path, "a.csv", extract()), str(tmp_path / "none.json")
    message = f"open {missing}: no such file or directory"
    assert gogen(shell, tmp_path, path, eligibility_options=missing) == (1, f": {message}\n")
    assert failures(tmp_path) == {"": {"errorType": "OTHER", "errorMessage": message}}
