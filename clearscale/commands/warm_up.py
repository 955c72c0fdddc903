"""The command `clearscale warm-up`."""

import time

import typer

from .options import Json, Quiet
from .terminal import print_result, working

app = typer.Typer()


@app.command("warm-up", epilog="Example: `clearscale warm-up --quiet`, as the last step of an image")
def warm_up(quiet: Quiet = False, as_json: Json = False) -> None:
    """Compile all kernels ahead, for an image, a worker or a test machine. The second time finds them compiled."""
    from clearscale_kernels.warm import compile_kernels

    began = time.monotonic()
    with working(quiet):
        compile_kernels()
    seconds = round(time.monotonic() - began, 3)
    print_result(
        quiet, as_json, {"seconds": seconds}, lambda: typer.echo(f"All kernels are compiled ({seconds} s)")
    )
