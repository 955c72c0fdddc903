"""Draw `architecture.svg` from the imports: `python docs/concepts/architecture.py`.

A box is a folder, or a module that lies beside folders; an arrow says that something in one imports something in
the other. Arrows that follow from others (A to C, where A to B and B to C are drawn) are left out, or nothing could
be seen. What is used of another package is written into the box.
"""

import sys
from collections.abc import Mapping
from functools import cache
from html import escape
from itertools import pairwise
from pathlib import Path
from statistics import fmean

import grimp

PACKAGES = ("clearscale", "clearscale_cluster", "clearscale_kernels")
BESIDE = ("clearscale.store.charge_ingest", "clearscale.store.ingest", "clearscale.store.purging")
"""Folders that are shown beside the folder that holds them."""
DIVIDED = ("clearscale.outputs", "clearscale.whatif", *BESIDE)
"""Those, and folders whose folders are shown each."""

PICTURE = Path(__file__).with_suffix(".svg")
FILLS = {"clearscale": "#eef3fb", "clearscale_cluster": "#fdf1e3", "clearscale_kernels": "#eaf6ec"}
WIDE, THIN, HIGH, GAP, ROW = 128, 10, 38, 14, 72
"""Width of a box, of an arrow that passes a row; height of a box, gap between two, height of a row; in pixels."""

Rooms = dict[str, set[str]]
"""What each room imports, by their names."""


def room(module: str) -> str:
    """Return the box in which a module is shown: its folder or, where it lies loose in a package, itself."""
    divided = max((name for name in DIVIDED if f"{module}.".startswith(f"{name}.")), default="", key=len)
    inner = len(divided.split(".")) if divided in BESIDE else len(divided.split(".")) + 1
    return ".".join(module.split(".")[: inner if divided else 2])


def rooms() -> Rooms:
    """Find all rooms with what they import. A package's own module only names what its modules offer."""
    graph = grimp.build_graph(*PACKAGES, cache_dir=None)
    modules = graph.modules - {*PACKAGES, "clearscale.outputs", "clearscale.whatif"}
    # The package of the cluster offers all that others may use of it.
    offered = {"clearscale_cluster": "clearscale_cluster.opening"}
    found: Rooms = {room(module): set() for module in modules}
    for module in modules:
        imported = {offered.get(other, other) for other in graph.find_modules_directly_imported_by(module)}
        found[room(module)] |= {room(other) for other in imported & modules} - {room(module)}
    return found


def reduced(found: Mapping[str, set[str]]) -> Rooms:
    """Keep the arrows that do not follow from others. Raises ValueError for a circle of imports."""

    @cache
    def reach(name: str) -> frozenset[str]:
        return frozenset().union(*({other} | reach(other) for other in found[name]))

    try:
        for name in found:
            reach(name)
    except RecursionError:
        raise ValueError("the imports go in a circle: no room stands above the others") from None
    return {
        name: {other for other in imported if not any(other in reach(third) for third in imported)}
        for name, imported in found.items()
    }


Rows = list[list[str]]
"""Boxes from the top down. An arrow that passes a row has a place in it, named by `_passing`."""


def _passing(name: str, other: str, row: int) -> str:
    return f"{name}>{other}>{row}"


def ordered(arrows: Mapping[str, set[str]]) -> tuple[Rows, list[list[str]]]:
    """Give (rows of boxes, each below all that import it and near them; arrows as the places they go through)."""

    @cache
    def depth(name: str) -> int:
        return max((1 + depth(other) for other, imported in arrows.items() if name in imported), default=0)

    lines: list[list[str]] = []
    rows: Rows = [[] for _ in range(1 + max(map(depth, arrows)))]
    for name in sorted(arrows):
        rows[depth(name)].append(name)
        for other in sorted(arrows[name]):
            between = range(depth(name) + 1, depth(other))
            lines.append([name, *(_passing(name, other, row) for row in between), other])
            for row in between:
                rows[row].append(_passing(name, other, row))
    above: Rooms = {name: set() for row in rows for name in row}
    below: Rooms = {name: set() for row in rows for name in row}
    for upper, lower in (pair for line in lines for pair in pairwise(line)):
        above[lower].add(upper)
        below[upper].add(lower)
    for near in (above, below) * 8:
        places = {name: (place + 0.5) / len(row) for row in rows for place, name in enumerate(row)}
        for row in rows:
            middles = {name: fmean([places[other] for other in near[name]] or [places[name]]) for name in row}
            row.sort(key=lambda name, middles=middles: (middles[name], name))  # type: ignore[misc]
            places |= {name: (place + 0.5) / len(row) for place, name in enumerate(row)}
    return rows, lines


def _width(name: str) -> int:
    return THIN if ">" in name else WIDE


def _length(row: list[str]) -> int:
    return sum(_width(name) + GAP for name in row) - GAP


def panel(package: str, found: Rooms) -> tuple[int, int, list[str]]:
    """Draw one package: (width, height, elements) of its picture."""
    inside = {name: imported for name, imported in found.items() if name.startswith(f"{package}.")}
    rows, lines = ordered(reduced({name: imported & inside.keys() for name, imported in inside.items()}))
    width, height = max(map(_length, rows)), len(rows) * ROW
    middles: dict[str, tuple[float, float]] = {}
    for place, row in enumerate(rows):
        x = (width - _length(row)) / 2
        for name in row:
            middles[name] = (x + _width(name) / 2, place * ROW + HIGH / 2)
            x += _width(name) + GAP
    parts = []
    for line in lines:
        points = [middles[name] for name in line]
        (x, y), (end, bottom) = points[0], points[-1]
        path = f"M{x:.0f} {y + HIGH / 2:.0f}"
        for (from_x, from_y), (to_x, to_y) in pairwise(points):
            from_y, to_y = from_y + HIGH / 2, to_y - HIGH / 2
            bend = (to_y - from_y) / 2
            path += f" L{from_x:.0f} {from_y:.0f}" if from_x != x else ""
            path += f" C{from_x:.0f} {from_y + bend:.0f} {to_x:.0f} {to_y - bend:.0f} {to_x:.0f} {to_y:.0f}"
            path += f" L{to_x:.0f} {to_y + HIGH:.0f}" if (to_x, to_y + HIGH / 2) != (end, bottom) else ""
        parts.append(f'<path d="{path}" fill="none" stroke="#667" marker-end="url(#end)"/>')
    for name, imported in sorted(inside.items()):
        x, y = middles[name]
        others = sorted({other for other in imported if not other.startswith(f"{package}.")})
        words = _used(others)
        parts.append(
            f'<rect x="{x - WIDE / 2:.0f}" y="{y - HIGH / 2:.0f}" width="{WIDE}" height="{HIGH}" rx="5" '
            f'fill="{FILLS[package]}" stroke="#667"/>'
            + _text(x, y + (-2 if words else 4), 12, name.removeprefix(f"{package}.").replace(".", "/"))
            + (_text(x, y + 12, 9, words) if words else "")
        )
    return width, height, parts


def _used(names: list[str]) -> str:
    """Name what a room uses of other packages: `kernels text people`, `cluster`."""
    kernels = [name.rpartition(".")[2] for name in names if name.startswith("clearscale_kernels.")]
    named = " ".join(kernel for kernel in kernels if kernel not in ("arrays", "flag"))
    shown = [f"kernels: {named}"] if kernels else []
    if any(name.startswith("clearscale_cluster.") for name in names):
        shown.append("cluster")
    return ", ".join(text.removesuffix(": ") for text in shown)


def _text(x: float, y: float, size: int, words: str) -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" font-size="{size}" text-anchor="middle">{escape(words)}</text>'


def svg(found: Rooms) -> str:
    """Draw the product's panel, and those of its cluster and kernels beside it, one above the other."""
    parts: list[str] = []
    columns: list[tuple[int, int]] = []
    for packages in PACKAGES[:1], PACKAGES[1:]:
        x = sum(width + 4 * GAP for width, _ in columns) + GAP
        wide = high = 0
        for package in packages:
            width, height, elements = panel(package, found)
            title = _text(width / 2, 18, 15, package)
            parts += [f'<g transform="translate({x} {high})">', title, '<g transform="translate(0 34)">', *elements]
            parts.append("</g></g>")
            wide, high = max(wide, width), high + height + 34
        columns.append((wide, high))
    x = sum(width + 4 * GAP for width, _ in columns)
    height = max(high for _, high in columns)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {x} {height}" width="{x}" height="{height}" '
        'font-family="sans-serif" role="img">',
        "<title>What imports what</title>",
        '<defs><marker id="end" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0 8 4 0 8z" fill="#667"/></marker></defs>',
        f'<rect width="{x}" height="{height}" fill="white"/>',
    )
    return "\n".join((*head, *parts, "</svg>\n"))


def main() -> int:
    """Draw the picture anew."""
    PICTURE.write_text(svg(rooms()), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
