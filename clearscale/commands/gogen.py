"""The commands `clearscale gogen ...`: flags and answers of the counties' program."""

import sys
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperOption

from clearscale_cluster.shown import say

from .go_flags import Flag, FlagError, HelpWanted, help_text, parse
from .terminal import working

app = typer.Typer(no_args_is_help=True, help="Speak for the counties' program `gogen`: same flags, same files.")


class _GoCommand(TyperCommand):
    """A command whose words are read by the rules of gogen's flag parser instead of this program's."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Set the command's parameters from its words. Leaves with 1 and a line if they cannot be taken."""
        options = {
            option.opts[0].removeprefix("--"): option for option in self.params if isinstance(option, TyperOption)
        }
        flags = [
            Flag(
                name,
                option.opts[1].removeprefix("-") if len(option.opts) > 1 else "",
                option.help or "",
                option.hidden,
            )
            for name, option in options.items()
        ]
        try:
            given = parse(args, flags)
        except FlagError as error:
            say(str(error), to=sys.stderr)
            ctx.exit(1)
        except HelpWanted as wanted:
            say(*help_text("gogen", str(ctx.info_name), flags).split("\n"))
            if wanted.spelled == "--help":
                say(str(self.epilog))
            ctx.exit(0)
        ctx.params.update({str(option.name): given.get(name, "") for name, option in options.items()})
        ctx.args = []
        return []


@app.command(
    "run",
    cls=_GoCommand,
    epilog="Example: `clearscale gogen run --input-doj=la.csv --outputs=results --county='LOS ANGELES' "
    "--eligibility-options=policy.json --compute-at=2020-07-01`",
)
def gogen_run(
    outputs: Annotated[str, typer.Option(help="The folder in which to place result files")] = "",
    input_doj: Annotated[str, typer.Option(help="The files containing criminal histories from CA DOJ")] = "",
    county: Annotated[
        str, typer.Option("--county", "-c", help="The county for which eligibility will be computed")
    ] = "",
    compute_at: Annotated[
        str, typer.Option(help="The date for which eligibility will be evaluated, ex: 2020-10-31")
    ] = "",
    eligibility_options: Annotated[
        str, typer.Option(help="File containing options for which eligibility logic to apply")
    ] = "",
    file_name_suffix: Annotated[str, typer.Option(hidden=True, help="Text to append to file names")] = "",
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

    say(GOGEN_VERSION)
