"""Whether two versions of clearscale make the same of the same inputs: files byte for byte, and what they print.

`python scripts/same_bytes.py OTHER`, where OTHER is the program `clearscale` of the other version, for example
`../before/.venv/bin/clearscale`. Each version works in a folder of its own on the same inputs: fabricated extracts,
the recorded ones of the tests, damaged ones. What must differ (versions, times, places) is left out, see `_MASKS`.
Exits with 1 if anything else differs.
"""

import argparse
import gzip
import json
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from clearscale.commands import demo
from clearscale.policy import PACKS

ROOT = Path(__file__).parents[1]
GOLDEN = ROOT / "tests" / "golden"
AS_OF = "2020-07-01"

MAP = """\
id = "by-county"
title = "By county"
[default]
policy = "ca-bear-default"
[counties."LOS ANGELES"]
policy = "ca-los-angeles-2019"
parameters = { age = 55 }
[counties."SAN DIEGO"]
policy = "ca-prop64-statute"
"""

_TAKEN_OUT = ("store", "at", "key", "seconds", "version", "versions", "processingTimeInSeconds")
"""Keys of documents in JSON whose values say where, when or by which version."""

_MASKS = (
    (re.compile(rb"(?m)^[\w ]+: [\d,]+ done in [\d.]+ s\n"), b""),  # short work tells nothing
    (re.compile(rb"\(\d+\.\d+ s\)"), b"(SECONDS)"),
    (re.compile(rb"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?([+-]\d\d:\d\d|Z| UTC)?"), b"TIME"),
    (re.compile(rb"clearscale \d+\.\d+\.\d+\S*"), b"clearscale VERSION"),
    (re.compile(rb"(Seconds to process all counties\D{1,40}?)[\d.,]+"), rb"\1SECONDS"),
)


def commands() -> Iterator[tuple[str, list[str]]]:
    """Each command with a name for what it prints. They build upon each other, in one folder."""
    yield "synth", ["synth", "--out", "extracts", "--counties", "5", "--people", "1500", "--seed", "7"]
    yield "synth-state", ["synth", "--state", "--scale", "0.001", "--out", "whole", "--seed", "3", "--compress"]
    made = [
        f"extracts/{name}.csv" for name in ("los-angeles", "san-diego", "orange", "riverside", "san-bernardino")
    ]
    yield "ingest", ["ingest", *made, "--store", "store"]
    yield "ingest-again", ["ingest", *made, "--store", "store"]
    yield "ingest-whole", ["ingest", "whole/*.csv.zst", "--store", "state", "--json"]
    yield "ingest-golden", ["ingest", "golden/edges-1.csv", "--store", "edges", "--county", "ALAMEDA"]
    yield "ingest-more", ["ingest", "golden/edges-2.csv.gz", "--store", "edges", "--county", "YOLO"]
    yield "ingest-damaged", ["ingest", "damaged.csv", "--store", "damaged"]
    yield "ingest-quarantined", ["ingest", "damaged.csv", "--store", "damaged", "--on-bad-record", "quarantine"]
    for store in ("store", "state", "edges", "damaged"):
        yield f"check-{store}", ["check", "--store", store, "--out", f"checks-{store}"]
    for policy in (*PACKS, "options.json", "map.toml"):
        name = Path(policy).stem
        yield (
            f"run-{name}",
            ["run", "--store", "store", "--policy", policy, "--as-of", AS_OF, "--out", f"runs/{name}"],
        )
    for store in ("state", "edges", "damaged"):
        yield f"run-{store}", [*_run(store, "options.json", store), "--json"]
    for run, county in (("options", "LOS ANGELES"), ("map", "SAN DIEGO"), ("ca-prop64-statute", "ORANGE")):
        yield f"export-{run}", ["export", "--run", f"runs/{run}", "--county", county, "--out", f"for-{run}"]
    yield "tables", ["tables", "--run", "runs/options", "--out", "tables"]
    yield "diff", ["diff", "runs/ca-bear-default", "runs/options", "--out", "diff"]
    yield "explain", ["explain", "--run", "runs/options", "--extract", "orange.csv", "--row", "34"]
    yield "report", ["report", "--run", "runs/options", "--out", "report", "--all-counties"]
    yield "report-map", ["report", "--run", "runs/map", "--out", "report-map", "--all-counties", "--no-suppress"]
    varied = ["--vary", "age=0,40..65", "--vary", "years_since=0..15", "--by-county"]
    yield "sweep", [*_decided("sweep", "store", "options.json", "sweep"), *varied]
    yield "policies", ["policies", "list"]
    for pack in PACKS:
        yield f"policies-show-{pack}", ["policies", "show", pack]
    yield "policies-schema", ["policies", "schema"]
    for path in ("golden/edges-1.csv", "golden/delta.csv", "damaged.csv", "missing.csv"):
        name = Path(path).stem
        flags = ["--county=LOS ANGELES", "--eligibility-options=options.json", f"--compute-at={AS_OF}"]
        yield f"gogen-{name}", ["gogen", "run", f"--input-doj={path}", f"--outputs=gogen-{name}", *flags]
    yield "wrong", _run("nowhere", "ca-nothing", "wrong")


def _decided(command: str, store: str, policy: str, out: str) -> list[str]:
    return [command, "--store", store, "--policy", policy, "--as-of", AS_OF, "--out", out]


def _run(store: str, policy: str, name: str) -> list[str]:
    return _decided("run", store, policy, f"runs/{name}")


def prepare(folder: Path) -> None:
    """Put the inputs that are not fabricated by a command into a folder."""
    (folder / "golden").mkdir(parents=True)
    (folder / "options.json").write_text(json.dumps(demo.options()), "utf-8")
    (folder / "map.toml").write_text(MAP, "utf-8")
    for case in ("edges-1", "edges-2", "delta"):
        packed = (GOLDEN / case / "extract.csv.gz").read_bytes()
        (folder / "golden" / f"{case}.csv").write_bytes(gzip.decompress(packed))
        (folder / "golden" / f"{case}.csv.gz").write_bytes(packed)
    lines = gzip.decompress((GOLDEN / "delta" / "extract.csv.gz").read_bytes()).split(b"\n")
    lines[3] = lines[3].replace(b",", b',"', 1)
    lines.insert(6, b"a,record,that,ends,early")
    (folder / "damaged.csv").write_bytes(b"\n".join(lines))


def work(program: Path, folder: Path) -> None:
    """Give all commands to one version; what each prints is kept beside what it writes, in `printed`."""
    prepare(folder)
    printed = folder / "printed"
    printed.mkdir()
    for name, arguments in commands():
        done = subprocess.run([str(program), *arguments], cwd=folder, capture_output=True, check=False)
        kept = b"exit code %d\n%s\n--\n%s" % (done.returncode, done.stdout, done.stderr)
        (printed / f"{name}.txt").write_bytes(kept.replace(str(folder).encode(), b"FOLDER"))


def comparable(path: Path, folder: Path) -> bytes | None:
    """A file's bytes but for what must differ; None for one that cannot be compared this way (PDF)."""
    content = path.read_bytes().replace(str(folder).encode(), b"FOLDER")
    if path.suffix == ".pdf":
        return None
    if path.suffix == ".zst":  # another library compresses otherwise
        with pa.input_stream(str(path), compression="zstd") as stream:
            return bytes(stream.read())
    if path.suffix == ".json":
        return json.dumps(_without(json.loads(content))).encode()
    if path.suffix in (".html", ".txt"):
        for pattern, instead in _MASKS:
            content = pattern.sub(instead, content)
        content = re.sub(rb'"(seconds|processingTimeInSeconds)": [\d.e-]+', rb'"\1": SECONDS', content)
    return content


def _without(document: object) -> object:
    if isinstance(document, dict):
        return {key: _without(value) for key, value in document.items() if key not in _TAKEN_OUT}
    return [_without(value) for value in document] if isinstance(document, list) else document


def compare(one: Path, other: Path) -> tuple[Counter[str], list[str]]:
    """(how many files are the same, by the first folder of their path; what differs)."""
    names = [{str(path.relative_to(side)) for path in side.rglob("*") if path.is_file()} for side in (one, other)]
    same: Counter[str] = Counter()
    differing = [f"{name}: only one of the versions writes it" for name in sorted(names[0] ^ names[1])]
    for name in sorted(names[0] & names[1]):
        contents = [comparable(side / name, side) for side in (one, other)]
        kind = name.partition("/")[0] if "/" in name else "inputs"
        if None in contents:
            same[f"{kind} (PDF, only that it is there)"] += 1
        elif contents[0] == contents[1]:
            same[kind] += 1
        else:
            differing.append(f"{name}: differs")
    return same, differing


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare this version with another; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("other", type=Path, help="the other version's program `clearscale`")
    parser.add_argument("--keep", type=Path, help="a new folder for what both write; a temporary one if not given")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        folder = (chosen.keep or Path(temporary)).absolute()
        sides = (folder / "this", folder / "other")
        for program, side in zip((Path(sys.executable).with_name("clearscale"), chosen.other), sides, strict=True):
            work(program.absolute(), side)
        same, differing = compare(*sides)
    for kind, count in sorted(same.items()):
        print(f"{count:5} the same in {kind}")
    for line in differing:
        print(line)
    print(f"{sum(same.values())} files are the same, {len(differing)} differ")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
