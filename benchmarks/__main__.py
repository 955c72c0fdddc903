"""`python -m benchmarks`: measure, print a table for each piece of work, and keep the figures as JSON."""

import argparse
import json
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from .county import bench_county
from .store import bench_store


def show(title: str, results: list[dict[str, object]]) -> None:
    """Print results as a table."""
    table = Table(title=title, title_justify="left")
    for name in results[0]:
        table.add_column(name, justify="left" if name == "program" else "right")
    for result in results:
        table.add_row(*(f"{value:,}" if isinstance(value, int) else str(value) for value in result.values()))
    Console(width=130).print(table)


def main() -> None:
    """Run the benchmarks that the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rows", type=int, nargs="*", default=[500_000], help="sizes of a county's extract")
    parser.add_argument("--scale", type=float, nargs="*", default=[0.02], help="sizes of the state, 1 as it is")
    parser.add_argument("--rounds", type=int, default=3, help="counted rounds, of which the median is shown")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/figures.json"))
    arguments = parser.parse_args()
    results: dict[str, list[dict[str, object]]] = {}
    with tempfile.TemporaryDirectory(prefix="clearscale-bench-") as folder:
        for rows in arguments.rows:
            results[f"County run, {rows:,} records"] = bench_county(Path(folder), rows, arguments.rounds)
            show(*list(results.items())[-1])
        for scale in arguments.scale:
            found = bench_store(Path(folder), scale, arguments.rounds)
            results |= found
            for title, each in found.items():
                show(title, each)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(results, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
