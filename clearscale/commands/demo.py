"""The command `clearscale demo`: the main job from beginning to end on a fabricated state."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import clearscale
from clearscale.io.local import write_whole
from clearscale.io.private import remove_left

from .options import Cluster, Insecure, PerformanceReport, Quiet, Wait, reached
from .terminal import working

if TYPE_CHECKING:
    from clearscale_cluster import Cluster as Workers
    from clearscale_cluster import ProgressCallback

app = typer.Typer()

PEOPLE = 3000
"""In the whole fabricated state."""

AS_OF = "2020-07-01"
"""The day by which prosecutors had to review their counties' cases."""


def options() -> dict[str, Any]:
    """Return the eligibility options that the demo decides by."""
    from clearscale.law import state

    sections = state().charges.sections
    return {
        "baselineEligibility": {"dismiss": list(sections[:2]), "reduce": list(sections[2:])},
        "additionalRelief": {
            "subjectUnder21AtConviction": True,
            "subjectAgeThreshold": 57,
            "yearsSinceConvictionThreshold": 10,
            "yearsCrimeFreeThreshold": 5,
            "subjectHasOnlyProp64Charges": True,
            "subjectIsDeceased": True,
        },
    }


NOTE = "Everything in this report is fabricated: it shows the program's work, and nobody's record."


@app.command(epilog="Example: `clearscale demo --out demo-output`, or `clearscale demo --state michigan`")
def demo(
    out: Annotated[str, typer.Option(help="Folder for everything the demo makes.")] = "demo-output",
    state: Annotated[
        str | None,
        typer.Option(
            help="Another state than the one whose extracts are in use, such as illinois or michigan.",
            show_default=False,
        ),
    ] = None,
    counties: Annotated[int, typer.Option(min=1, max=58, metavar="N")] = 5,
    people: Annotated[
        int | None, typer.Option(min=5, metavar="N", show_default="3000, or as many as the state says")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, metavar="N")] = 1,
    cluster: Cluster = None,
    insecure: Insecure = False,
    wait: Wait = None,
    performance_report: PerformanceReport = None,
    quiet: Quiet = False,
) -> None:
    """Run the main job on a fabricated state: fabricate, ingest, decide, export, and show the result."""
    from clearscale.law.states import IN_USE

    with working(quiet) as progress, reached(cluster, insecure, wait, performance_report, quiet=quiet) as there:
        if state is None or state == IN_USE:
            from . import show

            result = demonstrate(
                out, counties=counties, people=people or PEOPLE, seed=seed, cluster=there, progress=progress
            )
            if not quiet:
                show.demo(result)
        else:
            _of_charges(out, state, people, seed, there, progress, quiet)


def _of_charges(
    out: str,
    state: str,
    people: int | None,
    seed: int,
    cluster: "Workers | str | None",
    progress: "ProgressCallback | None",
    quiet: bool,
) -> None:
    """Run the main job on a fabricated file of charges."""
    from clearscale.law.states import IN_USE

    from . import demo_charges, show_charges

    state = state.replace("-", "_").replace(" ", "_").lower()
    if state not in demo_charges.states():
        known = ", ".join((IN_USE, *demo_charges.states()))
        raise typer.BadParameter(f"there is no demo of '{state}'; there are {known}", param_hint="--state")
    count = people or demo_charges.stated(state)["people"]
    _prepare(Path(out), {"state": state, "people": count, "seed": seed})
    made = demo_charges.demonstrate(
        Path(out), state, people=count, seed=seed, note=NOTE, cluster=cluster, progress=progress
    )
    if not quiet:
        show_charges.demo(made)


@dataclass(frozen=True)
class Demonstration:
    """What the demo made and where: folders, the run, the county whose files were exported, and the report's files.

    report: HTML and PDF of the statewide page, then of the county's.
    """

    extracts: str
    store: str
    run: "clearscale.Run"
    county: str
    county_files: str
    report: list[str]


def demonstrate(
    out: str,
    *,
    counties: int,
    people: int,
    seed: int,
    cluster: "Workers | str | None",
    progress: "ProgressCallback | None" = None,
) -> Demonstration:
    """Fabricate a state, ingest it, decide it, export its most populous county, report. Raises ClearscaleError."""
    from clearscale.api.clusters import opened
    from clearscale.synth import fabricate

    folder = Path(out)
    _prepare(folder, {"counties": counties, "people": people, "seed": seed})
    extracts, store = folder / "extracts", folder / "store"
    made = fabricate(
        str(extracts),
        counties=counties,
        people=people,
        seed=seed,
        progress=None if progress is None else lambda done, total: progress(done, total, "fabricate extracts"),
    )
    policy = folder / "policy.json"
    write_whole(policy, (json.dumps(options(), indent=1) + "\n").encode())
    with opened(cluster) as there:
        clearscale.ingest([extract.path for extract in made], store, cluster=there, progress=progress)
        snapshot = clearscale.open_store(store).manifest.snapshot
        run = clearscale.run(store, policy, AS_OF, folder / "runs" / snapshot, cluster=there, progress=progress)
        county_files = folder / made[0].county.lower().replace(" ", "-")
        clearscale.export(run, made[0].county, county_files, cluster=there, progress=progress)
    report = [
        path
        for county in (None, made[0].county)
        for path in clearscale.report(run, folder / "report", county=county, note=NOTE, progress=progress)
    ]
    return Demonstration(str(extracts), str(store), run, made[0].county, str(county_files), report)


def _prepare(folder: Path, parameters: dict[str, int | str]) -> None:
    """Clear what a demo of another state left. Raises ClearscaleError if the folder holds other things."""
    marker = folder / "demo.json"
    remove_left(folder)
    if folder.exists() and any(folder.iterdir()):
        if not marker.exists():
            raise clearscale.ClearscaleError(
                f"{folder}: is not empty and holds no demo; choose another folder for --out"
            )
        if json.loads(marker.read_text("utf-8")) == parameters:
            return
        for name in ("extracts", "store", "runs", "report"):
            shutil.rmtree(folder / name, ignore_errors=True)
    write_whole(marker, (json.dumps(parameters) + "\n").encode())
