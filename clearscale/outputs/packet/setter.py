"""Set papers with Typst, in a process of its own that `setting` starts, which knows only what it is given.

A task comes as JSON on standard input, and files are left in a folder. What goes wrong is told as JSON on standard
output; nothing is written elsewhere.
"""

import base64
import json
import sys
from pathlib import Path
from typing import Any


def main() -> None:
    """Do the task on standard input."""
    task: dict[str, Any] = json.load(sys.stdin.buffer)
    import typst

    sources = {name: base64.b64decode(content) for name, content in task["sources"].items()}
    empty, out = task["empty"], Path(task["out"])
    done: list[dict[str, Any]] = []
    for job in task["jobs"]:
        given = {**sources, "main.typ": f'#include "{job["paper"]}.typ"\n'.encode()}
        given[f"{job['paper']}.json"] = json.dumps(job["data"]).encode()
        try:
            # Its hints do not know sources in memory with several files.
            compiled: Any = typst.compile
            content: bytes = compiled(
                given,
                root=empty,
                package_path=empty,
                package_cache_path=empty,
                font_paths=task["fonts"],
                ignore_system_fonts=True,
                pdf_standards=["ua-1"],
                timestamp=0,
            )
        except typst.TypstError as error:
            done.append({"message": error.message, "diagnostic": str(error.diagnostic)})
            break
        place = out / job["name"]
        place.parent.mkdir(mode=0o700, exist_ok=True)
        place.write_bytes(content)
        done.append({"size": len(content)})
    json.dump(done, sys.stdout)
