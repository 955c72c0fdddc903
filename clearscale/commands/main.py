"""The command line. Each command imports what it needs when it runs, so that `--help` answers at once."""

import sys
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any

import typer

import clearscale

from . import report, serve, whatif
from .policy import app as policies_app
from .policy import parameters
from .terminal import Cluster, Json, Quiet
from .terminal import complain as _complain
from .terminal import tell as _tell
from .terminal import working as _working

app = typer.Typer(
    name="clearscale",
    help="Clear old marijuana convictions statewide: extracts in, decisions and totals out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
gogen_app = typer.Typer(
    no_args_is_help=True, help="Speak for the counties' program `gogen`: same flags, same files."
)
app.add_typer(policies_app, name="policies")
app.add_typer(gogen_app, name="gogen")


class OnBadRecord(StrEnum):
    """What becomes of records that cannot be used."""

    refuse = "refuse"
    quarantine = "quarantine"


def _show() -> Any:
    """What shows results to people, imported only where somebody looks: drawing tables takes long to import."""
    from . import show

    return show


def _version(wanted: bool) -> None:
    if wanted:
        from clearscale.version import VERSION

        typer.echo(VERSION)
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options of all commands."""


@app.command(
    epilog="Example: `clearscale ingest extracts/*.csv --store store`, or with S3: "
    "`clearscale ingest 's3://doj/2020/*.csv.gz' --store s3://state/store --cluster local:4`"
)
def ingest(
    extracts: Annotated[list[str], typer.Argument(help="Paths, URLs or patterns; .gz and .zst too.")],
    store: Annotated[str, typer.Option(help="The store: a folder or URL, made if it is not there.")],
    county: Annotated[str | None, typer.Option(help="County of the extracts, as their records write it.")] = None,
    on_bad_record: Annotated[
        OnBadRecord,
        typer.Option(help="Refuse an extract with records that cannot be used, or quarantine those records."),
    ] = OnBadRecord.refuse,
    buckets: Annotated[int | None, typer.Option(min=1, max=4096, help="Buckets of a new store.")] = None,
    cluster: Cluster = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Take extracts into a store. The same command again finishes what was interrupted."""
    from dataclasses import asdict

    from . import show

    with _working(quiet) as progress:
        report = clearscale.ingest(
            extracts,
            store,
            county=county,
            on_bad_record=on_bad_record.value,
            buckets=buckets,
            cluster=cluster,
            progress=progress,
        )
    _tell(quiet, as_json, asdict(report), lambda: show.ingest(report, store))


@app.command(
    epilog="Example: `clearscale run --store store --policy policy.json --as-of 2020-07-01 --out runs/july`, "
    "or with a pack and a parameter: `--policy ca-los-angeles-2019 --set age=55`"
)
def run(
    store: Annotated[str, typer.Option(help="The store.")],
    policy: Annotated[
        str, typer.Option(help="Name of a pack, or file of a policy, a policy map or eligibility options.")
    ],
    as_of: Annotated[str, typer.Option(help="The date to decide for, YYYY-MM-DD.")],
    out: Annotated[str, typer.Option(help="A new folder or URL for the run.")],
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="A parameter of the policy, as NAME=VALUE; repeat it for more."),
    ] = None,
    cluster: Cluster = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Decide every conviction of a store under a policy, and count by county and statewide."""
    with _working(quiet) as progress:
        chosen = parameters(set_)
        finished = clearscale.run(store, policy, as_of, out, parameters=chosen, cluster=cluster, progress=progress)
    _tell(quiet, as_json, {**finished.summary, "seconds": finished.info["seconds"]}, lambda: _show().run(finished))


@app.command(
    epilog="Example: `clearscale check --store store --out checks`, or of a store in S3: "
    "`clearscale check --store s3://state/store --json`"
)
def check(
    store: Annotated[str, typer.Option(help="The store.")],
    out: Annotated[str | None, typer.Option(help="Folder or URL for the findings as a table.")] = None,
    cluster: Cluster = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Count what to know of a store's data: copies that disagree, missing dates, unknown texts, bad records."""

    from . import show

    with _working(quiet) as progress:
        table = clearscale.check(store, out=out, cluster=cluster, progress=progress)
    _tell(quiet, as_json, table.to_pylist(), lambda: show.check(table, out))


@app.command(epilog='Example: `clearscale export --run runs/july --county "LOS ANGELES" --out for-los-angeles`')
def export(
    run: Annotated[str, typer.Option(help="The run.")],
    county: Annotated[str, typer.Option(help="The county, as its records write it.")],
    out: Annotated[str, typer.Option(help="Local folder for the files.")],
    cluster: Cluster = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Write a county's result files: All_Results, All_Results_Condensed, Prop64_Results and gogen.json."""

    from . import show

    with _working(quiet) as progress:
        paths = clearscale.export(run, county, out, cluster=cluster, progress=progress)
    _tell(quiet, as_json, [str(path) for path in paths], lambda: show.files(paths))


@app.command(epilog="Example: `clearscale tables --run runs/july --out tables`")
def tables(
    run: Annotated[str, typer.Option(help="The run.")],
    out: Annotated[str, typer.Option(help="Folder or URL for the files.")],
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Write a run's count tables, convictions and people, as CSV files for a spreadsheet."""
    with _working(quiet):
        names = [f"{out.rstrip('/')}/{name}" for name in clearscale.tables(run, out)]
    _tell(quiet, as_json, names, lambda: typer.echo("\n".join(names)))


@app.command(
    epilog="Example: `clearscale synth --out extracts --counties 3 --people 5000 --seed 1`, or the whole state: "
    "`clearscale synth --state --scale 0.1 --out extracts --cluster local`"
)
def synth(
    out: Annotated[str, typer.Option(help="Folder or URL for the extracts.")],
    counties: Annotated[
        int | None,
        typer.Option(min=1, max=58, help="How many counties, the most populous first.", show_default="3"),
    ] = None,
    people: Annotated[
        int | None, typer.Option(min=1, help="How many people in the whole state.", show_default="1000")
    ] = None,
    state: Annotated[
        bool, typer.Option("--state", help="All counties, each as large as its published figures.")
    ] = False,
    scale: Annotated[
        float | None,
        typer.Option(help="With --state: so many times the people; above 0.", show_default="1.0"),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same bytes.")] = 1,
    compress: Annotated[bool, typer.Option("--compress", help="Compress each extract with zstd.")] = False,
    cluster: Cluster = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Fabricate extracts: the form and proportions of real ones, and nobody's data."""
    from dataclasses import asdict
    from functools import partial

    from clearscale.errors import ClearscaleError
    from clearscale.synth import fabricate, fabricate_state
    from clearscale_cluster import open_cluster

    from . import show

    if state and (counties is not None or people is not None):
        raise typer.BadParameter("--state is all counties and their people: leave out --counties and --people")
    if scale is not None and not state:
        raise typer.BadParameter("--scale goes with --state; otherwise --people says how many")
    if state:
        write = partial(fabricate_state, scale=1.0 if scale is None else scale)
    else:
        write = partial(fabricate, counties=counties or 3, people=people or 1000)
    with _working(quiet) as progress, open_cluster(cluster) as opened:
        try:
            made = write(
                out,
                seed=seed,
                compress=compress,
                cluster=opened,
                progress=lambda done, total: progress(done, total, "fabricate extracts"),
            )
        except ValueError as error:
            raise ClearscaleError(str(error)) from None
    _tell(quiet, as_json, [asdict(each) for each in made], lambda: show.fabricated(made))


@app.command(epilog="Example: `clearscale demo --out demo-output`")
def demo(
    out: Annotated[str, typer.Option(help="Folder for everything the demo makes.")] = "demo-output",
    counties: Annotated[int, typer.Option(min=1, max=58)] = 5,
    people: Annotated[int, typer.Option(min=5)] = 3000,
    seed: Annotated[int, typer.Option(min=0)] = 1,
    cluster: Cluster = None,
    quiet: Quiet = False,
) -> None:
    """Run the main job on a fabricated state: fabricate, ingest, decide, export, and show the result."""
    from . import show
    from .demo import demonstrate

    with _working(quiet) as progress:
        result = demonstrate(out, counties=counties, people=people, seed=seed, cluster=cluster, progress=progress)
    if not quiet:
        show.demo(result)


whatif.register(app)
report.register(app)
serve.register(app)


@gogen_app.command(
    "run",
    epilog="Example: `clearscale gogen run --input-doj=la.csv --outputs=results --county='LOS ANGELES' "
    "--eligibility-options=policy.json --compute-at=2020-07-01`",
)
def gogen_run(
    outputs: Annotated[str, typer.Option(help="The folder in which to place result files")] = "",
    input_doj: Annotated[
        str, typer.Option(help="The files of criminal histories from CA DOJ, comma-separated")
    ] = "",
    county: Annotated[str, typer.Option("--county", "-c", help="The county to decide for")] = "",
    compute_at: Annotated[str, typer.Option(help="The date to decide for, ex: 2020-10-31")] = "",
    eligibility_options: Annotated[str, typer.Option(help="File with the options of eligibility")] = "",
    file_name_suffix: Annotated[str, typer.Option(help="Text to append to file names")] = "",
) -> None:
    """Process DOJ files for one county and annotate them, as the counties' program did."""
    from clearscale.outputs.export.gogen import Options, run

    wanted = Options(input_doj, outputs, county, eligibility_options, compute_at, file_name_suffix)
    # Programs that call this one read standard error, so only people at a terminal see progress there.
    with _working(quiet=not sys.stderr.isatty()) as progress:
        code = run(wanted, progress)
    raise typer.Exit(code)


@gogen_app.command("version")
def gogen_version() -> None:
    """Print the version of the program whose answers these are."""
    from clearscale.outputs.export.gogen import VERSION

    typer.echo(VERSION)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit: 0 done, 1 an error that is explained, 2 wrong usage, 130 interrupted."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    sys.exit(_exit_code(given))


def _exit_code(given: list[str]) -> int:
    try:
        app(given, prog_name="clearscale")
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else 1
        # The counties' program exits with 1 where others say 2 for wrong usage.
        return 1 if code == 2 and given[:1] == ["gogen"] else code
    except Exception as error:
        return _explained(error)
    return 0


def _explained(error: Exception) -> int:
    """Print an error that a user can mend and return 1; others go on as they are."""
    from clearscale.errors import ClearscaleError
    from clearscale.io.object_store import reason
    from clearscale_cluster import ClusterError

    if isinstance(error, ClearscaleError | ClusterError):
        _complain(str(error))
        return 1
    if isinstance(error, OSError) and error.__cause__ is None:
        where = f"{error.filename}: " if error.filename else ""
        _complain(f"{where}{error.strerror or type(error).__name__}")
        return 1
    if (why := reason(error)) is not None:
        _complain(f"a storage failed: {why}")
        return 1
    raise error
