"""Whether the scheduler or worker of this machine answers: `python -m clearscale_cluster.setup.health [PORT]`.

Exit code 0 if it does, or if nothing listens at the port, as while a command runs that serves nothing; 1 if it does
not answer, or not well.
"""

from __future__ import annotations

import sys
from contextlib import closing
from http.client import HTTPConnection, HTTPException

from clearscale_cluster.shown import say

PORT = 8787
"""Where Dask's schedulers and workers serve `/health`, unless they are told another."""

SECONDS = 5.0
"""For so long an answer is waited for."""


def ailment(port: int = PORT) -> str:
    """What is wrong with the process that listens at a port of this machine; an empty text if nothing is."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=SECONDS)) as connection:
        try:
            connection.connect()
        except ConnectionRefusedError:
            return ""
        except OSError as error:
            return f"cannot be asked ({error.strerror or type(error).__name__})"
        try:
            connection.request("GET", "/health")
            status = connection.getresponse().status
        except (OSError, HTTPException) as error:
            return f"does not answer ({type(error).__name__})"
    return "" if status == 200 else f"answers with status {status}"


def main() -> None:
    """Say what is wrong, if something is, and exit."""
    wrong = ailment(*map(int, sys.argv[1:2]))
    if wrong:
        say(f"the process at port {sys.argv[1] if sys.argv[1:] else PORT} {wrong}", to=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
