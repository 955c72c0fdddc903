"""The command `clearscale run`."""

from typing import Annotated

import typer

import clearscale

from .options import (
    Allow,
    AsOf,
    Cluster,
    Insecure,
    Json,
    Parameters,
    PerformanceReport,
    Quiet,
    Store,
    Wait,
    parameters,
    reached,
)
from .terminal import print_result, working

app = typer.Typer()


@app.command(
    epilog="Example: `clearscale run --store store --policy policy.json --as-of 2020-07-01 --out runs/july`, "
    "or with a pack and a parameter: `--policy ca-los-angeles-2019 --set age=55`"
)
def run(
    store: Store,
    policy: Annotated[
        str, typer.Option(help="Name of a pack, or file of a policy, a policy map or eligibility options.")
    ],
    as_of: AsOf,
    out: Annotated[str, typer.Option(help="A new folder or URL for the run.")],
    set_: Parameters = None,
    allow: Allow = None,
    cluster: Cluster = None,
    insecure: Insecure = False,
    wait: Wait = None,
    performance_report: PerformanceReport = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Decide every conviction, or charge, of a store under a policy, and count by county and statewide."""
    # Not at the top: help must not wait for arrays.
    from clearscale.policy.locating import is_over_charges

    with working(quiet) as progress, reached(cluster, insecure, wait, performance_report, quiet=quiet) as there:
        chosen = parameters(set_)
        if is_over_charges(policy):
            decided = clearscale.run_charges(
                store, policy, as_of, out, parameters=chosen, allow=allow or (), cluster=there, progress=progress
            )
            document = {**decided.summary, "seconds": decided.info["seconds"]} if as_json else {}
            print_result(quiet, as_json, document, lambda: _show_charges(decided))
            return
        finished = clearscale.run(
            store,
            policy,
            as_of,
            out,
            parameters=chosen,
            allow=allow or (),
            cluster=there,
            progress=progress,
        )
    document = {**finished.summary, "seconds": finished.info["seconds"]} if as_json else {}
    print_result(quiet, as_json, document, lambda: _show(finished))


def _show_charges(finished: "clearscale.ChargeRun") -> None:
    from . import show_charges

    show_charges.run(finished)


def _show(finished: "clearscale.Run") -> None:
    # Imported only where somebody looks: drawing tables takes long to import.
    from . import show

    show.run(finished)
