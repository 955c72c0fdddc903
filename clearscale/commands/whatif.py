"""The commands `clearscale sweep`, `diff` and `explain`."""

from typing import TYPE_CHECKING, Annotated, cast

import typer

import clearscale

from .options import (
    Allow,
    AsOf,
    Cluster,
    Insecure,
    Json,
    PerformanceReport,
    Quiet,
    Run,
    Store,
    StoreElsewhere,
    Wait,
    reached,
    run_of,
)
from .terminal import print_result, tell_of_pictures, working

if TYPE_CHECKING:
    from clearscale.whatif.diff import Diff
    from clearscale.whatif.diff.charges import ChargeDiff

app = typer.Typer()


@app.command(
    epilog="Example: `clearscale sweep --store store --policy policy.json --as-of 2020-07-01 "
    "--vary age=0,40..65 --out sweeps/ages`, or of all policies of the counties' screens: `--vary every`"
)
def sweep(  # noqa: PLR0913 - an option each
    store: Store,
    policy: Annotated[
        str,
        typer.Option(
            help="Name of a pack, or file of a policy or eligibility options; over convictions or charges."
        ),
    ],
    as_of: AsOf,
    out: Annotated[str, typer.Option(help="A new folder or URL for the sweep.")],
    vary: Annotated[
        list[str] | None,
        typer.Option(
            help="A parameter and its settings, such as age=0,40..65; repeat it for more. `every`: all settings of "
            "all eligibility options. Of charges also days, such as as_of=FROM..TO/year.",
            show_default=False,
        ),
    ] = None,
    by_county: Annotated[bool, typer.Option("--by-county", help="Count each county too.")] = False,
    frontier: Annotated[
        str | None,
        typer.Option(
            help="Two figures A,B: list the policies that no other beats in both. A minus wants a figure low."
        ),
    ] = None,
    allow: Allow = None,
    cluster: Cluster = None,
    insecure: Insecure = False,
    wait: Wait = None,
    performance_report: PerformanceReport = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Ask what if: count what each of many policies would do."""
    from . import show_whatif

    with working(quiet) as progress, reached(cluster, insecure, wait, performance_report, quiet=quiet) as there:
        made = clearscale.sweep(
            store,
            policy,
            as_of,
            vary or (),
            out,
            by_county=by_county,
            frontier=frontier,
            allow=allow or (),
            cluster=there,
            progress=progress,
        )
    print_result(quiet, as_json, made.info, lambda: show_whatif.sweep(made))
    tell_of_pictures()


@app.command(epilog="Example: `clearscale diff runs/july runs/cautious --out what-changed`")
def diff(
    before: Annotated[str, typer.Argument(metavar="RUN", help="The earlier run.")],
    after: Annotated[str, typer.Argument(metavar="RUN", help="The later run.")],
    out: Annotated[
        str | None, typer.Option(help="Folder or URL for the tables: what changed, and which records.")
    ] = None,
    store: StoreElsewhere = None,
    cluster: Cluster = None,
    insecure: Insecure = False,
    wait: Wait = None,
    performance_report: PerformanceReport = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Compare two runs: which convictions or charges are decided differently, and why."""
    from clearscale.runs.charges import open_either  # not at the top: help must not wait for arrays

    with working(quiet) as progress, reached(cluster, insecure, wait, performance_report, quiet=quiet) as there:
        first, second = (run_of(run, store, open_either) for run in (before, after))
        found = clearscale.diff(first, second, out=out, cluster=there, progress=progress)
    print_result(quiet, as_json, {**found.info, "changes": found.pairs()}, lambda: _show_diff(found, out))


def _show_diff(found: "Diff | ChargeDiff", out: str | None) -> None:
    # Imported only where somebody looks: drawing tables takes long to import.
    from . import show_charge_diff, show_whatif

    if found.info.get("holds") == "charges":
        show_charge_diff.diff(cast("ChargeDiff", found), out)
    else:
        show_whatif.diff(cast("Diff", found), out)


@app.command(
    epilog="Example: `clearscale explain --run runs/july --case BA031856`, by the record's place "
    "`clearscale explain --run runs/july --extract alameda.csv --row 42`, or of a run over "
    "charges: `clearscale explain --run runs/cook --file il-cook-clerk.csv --line 42`"
)
def explain(
    run: Run,
    extract: Annotated[
        str | None, typer.Option(help="Id or file name of the extract, or how only one begins.", show_default=False)
    ] = None,
    row: Annotated[
        int | None,
        typer.Option(
            help="The conviction's record in the extract, from 0, as decisions have it.", show_default=False
        ),
    ] = None,
    file: Annotated[
        str | None,
        typer.Option(help="Of a run over charges: id or name of the file.", show_default=False),
    ] = None,
    line: Annotated[
        int | None,
        typer.Option(help="Of a run over charges: the record's line in the file, from 1.", show_default=False),
    ] = None,
    policy: Annotated[
        str | None,
        typer.Option(
            help="Of a run over charges: the policy's file, to be compared with what the run recorded.",
            show_default=False,
        ),
    ] = None,
    case: Annotated[
        str | None,
        typer.Option(
            help="Number of the case, in place of the record; where it has several decisions they are listed.",
            show_default=False,
        ),
    ] = None,
    record: Annotated[
        str | None,
        typer.Option(
            help="What the extract calls the record: RECORD_ID, the first column of a line of the result files. "
            "With --extract, since an extract may number each person's records anew.",
            show_default=False,
        ),
    ] = None,
    store: StoreElsewhere = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Tell why a conviction or a charge was decided as it was: each rule, what it asked, what is missing."""
    with working(quiet) as progress:
        if (case, record) != (None, None) and (row, line) == (None, None):
            from clearscale.runs.charges import open_either  # not at the top: help must not wait for arrays

            from . import show_lists

            source = run_of(run, store, open_either)
            hits = clearscale.decisions(source, case=case, record=record, progress=progress)
            found_at = show_lists.of_source(hits, extract or file)
            if len(found_at) > 1:
                print_result(quiet, as_json, show_lists.document(found_at), lambda: show_lists.choices(found_at))
                return
            extract, row, file, line = (found_at[0].get(name) for name in ("extract", "row", "file", "line"))
        elif (case, record) != (None, None):
            raise typer.BadParameter("--case and --record stand in place of --row or --line")
    _explain(run, store, (extract, row), (file, line), policy, quiet, as_json)


def _explain(
    run: str,
    store: str | None,
    conviction: tuple[str | None, int | None],
    charge: tuple[str | None, int | None],
    policy: str | None,
    quiet: bool,
    as_json: bool,
) -> None:
    """Explain one decision. conviction, charge: where its record stands, one of them."""
    (extract, row), (file, line) = conviction, charge
    if file is not None and line is not None and extract is None and row is None:
        from . import show_charges

        with working(quiet):
            of_charge = clearscale.explain_charge(
                run_of(run, store, clearscale.open_charge_run), file, line, policy=policy
            )
        print_result(quiet, as_json, of_charge.document(), lambda: show_charges.explain(of_charge))
        return
    if extract is None or row is None or (file, line, policy) != (None, None, None):
        raise typer.BadParameter(
            "name the record by --case or --record, or by --extract and --row; in a run over charges by "
            "--case, or by --file and --line"
        )
    from . import show_explain

    with working(quiet):
        found = clearscale.explain(run_of(run, store, clearscale.open_run), extract, row)
    print_result(quiet, as_json, found.document(), lambda: show_explain.explain(found))
