"""The commands `clearscale gogen ...`: flags and answers of the counties' program."""

import sys
from typing import Annotated

import typer

from .terminal import working

app = typer.Typer(no_args_is_help=True, help="Speak for the counties' program `gogen`: same flags, same files.")


@app.command(
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
    with working(quiet=not sys.stderr.isatty()) as progress:
        code = run(wanted, progress)
    raise typer.Exit(code)


@app.command("version")
def gogen_version() -> None:
    """Print the version of the program whose answers these are."""
    from clearscale.outputs.export import GOGEN_VERSION

    typer.echo(GOGEN_VERSION)
