"""Make the file with the shapes of a state's counties, `clearscale/law/STATE/counties.topojson`.

    npm pack us-atlas@3.0.1 && tar xzf us-atlas-3.0.1.tgz
    python scripts/county_shapes.py package/counties-10m.json california

The package us-atlas (ISC license, Michael Bostock) holds the cartographic boundary files of the US Census Bureau,
which are in the public domain, at a scale of 1 to 10 million. Kept are the counties of one state. Lines between two
counties stand in the file once, so that simplifying them leaves no gaps: points are left out that change the shape
least (Visvalingam and Whyatt), as long as the triangle that each makes with its neighbors is under `SMALLEST`.
"""

import json
import sys
from itertools import accumulate
from pathlib import Path
from typing import Any

SMALLEST = 1e-3
"""Square degrees, about 10 square kilometers: a dot on a map of a state that is as high as a page."""

DIGITS = 3
"""Of degrees: about 100 meters."""

SOURCE = "Cartographic boundaries of counties, US Census Bureau (public domain), as in the package us-atlas 3.0.1"

Point = tuple[float, float]


def arcs_of(topology: dict[str, Any]) -> list[list[Point]]:
    """Return the lines of a quantized topology in degrees."""
    (wide, high), (left, low) = topology["transform"]["scale"], topology["transform"]["translate"]
    found = []
    for arc in topology["arcs"]:
        across, up = (list(accumulate(step[axis] for step in arc)) for axis in (0, 1))
        found.append([(x * wide + left, y * high + low) for x, y in zip(across, up, strict=True)])
    return found


def simplified(line: list[Point]) -> list[Point]:
    """Leave out the points of a line that make the smallest triangles; its ends stay, and a ring keeps four."""
    kept = list(line)
    least = 4 if line[0] == line[-1] else 2
    while len(kept) > least:
        areas = [triangle(*kept[place : place + 3]) for place in range(len(kept) - 2)]
        smallest = min(range(len(areas)), key=areas.__getitem__)
        if areas[smallest] >= SMALLEST:
            break
        del kept[smallest + 1]
    return kept


def triangle(one: Point, two: Point, three: Point) -> float:
    """Return the area of a triangle."""
    return abs((two[0] - one[0]) * (three[1] - one[1]) - (three[0] - one[0]) * (two[1] - one[1])) / 2


def renumbered(arcs: Any, places: dict[int, int]) -> Any:
    """Return arcs by their places in the new file; one that is walked backwards is the complement of its place."""
    if isinstance(arcs, int):
        return places.setdefault(arcs, len(places)) if arcs >= 0 else ~places.setdefault(~arcs, len(places))
    return [renumbered(arc, places) for arc in arcs]


def shapes(topology: dict[str, Any], code: str, terms: str) -> dict[str, Any]:
    """Return the topology of one state's counties.

    code: its FIPS code, with which those of its counties begin. terms: the package's license, which every copy has.
    """
    places: dict[int, int] = {}
    counties = [
        {
            "type": county["type"],
            "id": county["properties"]["name"].upper(),
            "arcs": renumbered(county["arcs"], places),
        }
        for county in topology["objects"]["counties"]["geometries"]
        if county["id"].startswith(code)
    ]
    lines = arcs_of(topology)
    return {
        "type": "Topology",
        "source": SOURCE,
        "license": terms,
        "objects": {
            "counties": {
                "type": "GeometryCollection",
                "geometries": sorted(counties, key=lambda county: str(county["id"])),
            }
        },
        "arcs": [[[round(x, DIGITS), round(y, DIGITS)] for x, y in simplified(lines[arc])] for arc in places],
    }


CODES = {"california": "06"}
"""FIPS codes of states, by their folders."""


def main(atlas: Path, state: str) -> None:
    """Write a state's file."""
    terms = " ".join((atlas.parent / "LICENSE").read_text("utf-8").split())
    found = shapes(json.loads(atlas.read_text("utf-8")), CODES[state], terms)
    to = Path(__file__).parent.parent / "clearscale" / "law" / state / "counties.topojson"
    to.write_text(json.dumps(found, separators=(",", ":")) + "\n", "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
