"""One county's run, extract to result files, beside Polars reading the same extract.

Shows that memory does not grow with the extract's text: peak memory, rows/s and MB/s at each size.
"""

import json
import shutil
from pathlib import Path

from clearscale.demo import POLICY
from clearscale.synth import fabricate

from .measure import alternate, python

ROWS_A_PERSON = 90
READ_ALL_AS_TEXT = "import sys, polars as pl; pl.read_csv(sys.argv[1], infer_schema=False, encoding='utf8-lossy')"
RUN = (
    "import sys; from clearscale.cli import main; "
    "main(['gogen', 'run', '--input-doj=' + sys.argv[1], '--outputs=' + sys.argv[2], "
    "'--county=LOS ANGELES', '--eligibility-options=' + sys.argv[3], '--compute-at=2020-07-01'])"
)


def bench_county(folder: Path, rows: int, rounds: int) -> list[dict[str, object]]:
    """Fabricate an extract of about `rows` records and measure; one result a program."""
    place = folder / f"county-{rows}"
    (extract,) = fabricate(str(place), counties=1, people=max(rows // ROWS_A_PERSON, 1), seed=1)
    policy = place / "policy.json"
    policy.write_text(json.dumps(POLICY), "utf-8")
    size = Path(extract.path).stat().st_size
    commands = {
        "clearscale gogen run": python(RUN, extract.path, str(place / "results"), str(policy)),
        "polars.read_csv, all as text": python(READ_ALL_AS_TEXT, extract.path),
    }
    measured = alternate(commands, rounds)
    peer = measured["polars.read_csv, all as text"].seconds
    results: list[dict[str, object]] = [
        {
            "program": name,
            "rows": extract.rows,
            "MB": round(size / 1e6),
            "seconds": round(each.seconds, 2),
            "x polars": round(each.seconds / peer, 2),
            "rows/s": round(extract.rows / each.seconds),
            "MB/s": round(size / 1e6 / each.seconds),
            "peak MB": round(each.peak_mb),
        }
        for name, each in measured.items()
    ]
    shutil.rmtree(place)
    return results
