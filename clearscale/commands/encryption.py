"""The commands `clearscale encryption ...`."""

from typing import Annotated

import typer

from clearscale_cluster.shown import say

from .options import Quiet
from .terminal import working

app = typer.Typer(no_args_is_help=True, help="Encryption: stores, runs and sweeps that only a key opens.")

Key = Annotated[
    str,
    typer.Option(
        help="Where the key is: file:PATH, env:NAME, or hook:NAME of an installed package.", show_default=False
    ),
]


@app.command(epilog="Example: `clearscale encryption key /etc/clearscale/key`")
def key(path: Annotated[str, typer.Argument(help="A file that is not there yet.")]) -> None:
    """Write a new key into a file. Whoever loses it has lost what it opens."""
    from clearscale.api.encryption import make_key

    make_key(path)


@app.command(epilog="Example: `clearscale encryption start store --key file:/etc/clearscale/key`, then `ingest`")
def start(
    folder: Annotated[str, typer.Argument(help="A store that is to be: an empty folder or URL, or none.")], key: Key
) -> None:
    """Have a new store encrypted. Runs and sweeps of it are, too, and later commands find the key by themselves."""
    from clearscale.api.encryption import start_encryption

    start_encryption(folder, key)


@app.command(epilog="Example: `clearscale encryption copy store locked --key file:/etc/clearscale/key`")
def copy(
    source: Annotated[str, typer.Argument(help="A store, a run or a sweep.")],
    target: Annotated[str, typer.Argument(help="A new folder or URL.")],
    key: Key,
    quiet: Quiet = False,
) -> None:
    """Copy a store, a run or a sweep into a new folder, encrypted. The same command again goes on."""
    from clearscale.api.encryption import copy_encrypted

    with working(quiet) as progress:
        copied = copy_encrypted(source, target, key, progress=progress)
    if not quiet:
        say(f"{copied:,} files copied; check them with `clearscale verify`, then remove {source}")


@app.command("change-key", epilog="Example: `clearscale encryption change-key store --key file:/root/newer-key`")
def change_key(folder: Annotated[str, typer.Argument(help="An encrypted store, run or sweep.")], key: Key) -> None:
    """Have another key open what is encrypted. The one so far must still be there."""
    from clearscale.api.encryption import change_key

    change_key(folder, key)
