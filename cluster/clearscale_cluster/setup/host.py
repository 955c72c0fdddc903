"""What is run once on each host before a cluster is started there over SSH.

`python -m clearscale_cluster.setup.host FOLDER` keeps a certificate with its key, given on standard input, in a new
folder that only its user can read, and prints this machine's cores and versions as JSON. With `--remove` it removes
the folder.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

from .cores import cores
from .versions import versions

CERTIFICATE = "certificate.pem"


def keep(folder: Path, certificate: str) -> None:
    """Write the certificate for this user alone. The folder may be there: two names may mean one machine."""
    folder.mkdir(mode=0o700, exist_ok=True)
    file = os.open(folder / CERTIFICATE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(file, "w") as stream:
        stream.write(certificate)


def main() -> None:
    """Do what the command line says."""
    folder = Path(sys.argv[1])
    if sys.argv[2:] == ["--remove"]:
        shutil.rmtree(folder, ignore_errors=True)
        return
    keep(folder, sys.stdin.read())
    print(json.dumps({"cores": cores(), "versions": versions()}))


if __name__ == "__main__":
    main()
