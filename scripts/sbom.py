"""Join two lists of the same packages, both made by cyclonedx-py, and print the result.

Used by the Makefile: `sbom.py INSTALLED PINNED`. What is installed has licenses and what needs what; what is pinned
has the hashes of the packages' files.
"""

import json
import sys
from pathlib import Path
from typing import Any


def joined(installed: dict[str, Any], pinned: dict[str, Any]) -> dict[str, Any]:
    """Return what is installed, with the files of what is pinned. Raises ValueError for a package without any."""
    files = {_name(one): one.get("externalReferences", []) for one in pinned["components"]}
    components = []
    for one in installed["components"]:
        if not files.get(_name(one)):
            raise ValueError(f"{one['name']} {one['version']} is installed and not pinned")
        references = [*one.get("externalReferences", []), *files[_name(one)]]
        components.append({**one, "externalReferences": references})
    return {**installed, "components": components}


def _name(component: dict[str, Any]) -> tuple[str, str]:
    return component["name"].lower().replace("_", "-").replace(".", "-"), component["version"]


if __name__ == "__main__":
    first, second = (json.loads(Path(name).read_text("utf-8")) for name in sys.argv[1:3])
    sys.stdout.write(json.dumps(joined(first, second), indent=2) + "\n")
