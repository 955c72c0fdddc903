"""The command `clearscale warm-up`."""

import time

import typer

from clearscale_cluster.shown import say

from .options import Json, Quiet
from .terminal import print_result, working

app = typer.Typer()


@app.command("warm-up", epilog="Example: `clearscale warm-up --quiet`, as the last step of an image")
def warm_up(quiet: Quiet = False, as_json: Json = False) -> None:
    """Compile all kernels ahead, for an image, a worker or a test machine. The second time finds them compiled."""
    from clearscale_kernels.jit import stored
    from clearscale_kernels.warm import compile_kernels

    began, compiled = time.monotonic(), 0
    with working(quiet) as progress:

        def count(done: int, total: int) -> None:
            nonlocal compiled
            compiled = total
            progress(done, total, "compile kernels")

        compile_kernels(count)
    folder, seconds = str(stored.folder()), round(time.monotonic() - began, 3)
    what = f"{compiled} kernels compiled" if compiled else "All kernels were compiled already"
    result = {"compiled": compiled, "folder": folder, "seconds": seconds}
    print_result(quiet, as_json, result, lambda: say(f"{what}, in {folder} ({seconds} s)"))
