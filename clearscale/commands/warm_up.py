"""The command `clearscale warm-up`."""

import time
from typing import Annotated

import typer

from clearscale_cluster.shown import say

from .options import Json, Quiet
from .terminal import print_result, working

app = typer.Typer()


@app.command(
    "warm-up",
    epilog="Example: `clearscale warm-up --quiet`, before workers start",
)
def warm_up(
    processor: Annotated[
        list[str] | None,
        typer.Option(
            help="Compile for processors of this level instead of this machine's: x86-64-v2, x86-64-v3 or "
            "x86-64-v4. May be given several times.",
            metavar="LEVEL",
        ),
    ] = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Compile all kernels ahead, for an image, a worker or a test machine. The second time finds them compiled."""
    from clearscale_kernels.jit import stored
    from clearscale_kernels.warm import compile_for, compile_kernels

    began, compiled = time.monotonic(), 0
    with working(quiet) as progress:

        def count(done: int, total: int) -> None:
            nonlocal compiled
            compiled = total
            progress(done, total, "compile kernels")

        if processor:
            try:
                compile_for(processor, count)
            except ValueError as error:
                raise typer.BadParameter(str(error), param_hint="--processor") from None
        else:
            compile_kernels(count)
    folder, seconds = str(stored.folder()), round(time.monotonic() - began, 3)
    what = f"{compiled} kernels compiled" if compiled else "All kernels were compiled already"
    result = {"compiled": compiled, "folder": folder, "seconds": seconds}
    print_result(quiet, as_json, result, lambda: say(f"{what}, in {folder} ({seconds} s)"))
