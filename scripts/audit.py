"""Ask the package index for known weaknesses of pinned packages: exit code 1 if it tells of one.

    audit.py PIP_AUDIT REQUIREMENTS

An index that keeps no such list, or that cannot be reached, is told of, and is no failure.
"""

import json
import subprocess
import sys
from typing import Any

OPTIONS = ("--require-hashes", "--disable-pip", "--progress-spinner", "off", "--format", "json", "--requirement")


def verdict(packages: list[dict[str, Any]]) -> tuple[int, list[str]]:
    """Exit code, and lines to print, for what pip-audit says of each package."""
    told = [package for package in packages if "skip_reason" not in package]
    if not told:
        return 0, ["audit skipped: the package index tells of no package's weaknesses"]
    lines = [
        f"{package['name']} {package['version']}: {found['id']}, mended in {' or '.join(found['fix_versions'])}"
        for package in told
        for found in package["vulns"]
    ]
    unknown = len(packages) - len(told)
    asked = f"{len(told)} packages asked for" + (f", and {unknown} that the index does not know" if unknown else "")
    return int(bool(lines)), [*lines, f"audit: {asked}; known weaknesses: {len(lines)}"]


def main(tool: str, requirements: str) -> int:
    """Run pip-audit and print its verdict."""
    done = subprocess.run([tool, *OPTIONS, requirements], capture_output=True, text=True, check=False)
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except ValueError:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        print(f"audit skipped: the package index cannot be asked ({last})", file=sys.stderr)
        return 0
    code, lines = verdict(packages)
    print("\n".join(lines), file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
