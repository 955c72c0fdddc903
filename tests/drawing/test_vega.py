"""Charts by themselves: the same each time, in the colors of the page, and told where they cannot be drawn."""

import re
import subprocess
import sys

import pytest

from clearscale.drawing import GRID, INK, MUTED, PALETTE, SERIES, draw, page_colors, themed, why_not_drawn

BARS = {
    "data": {"values": [{"name": "a", "count": 1}, {"name": "b <&", "count": 2}]},
    "mark": {"type": "bar", "color": SERIES[1]},
    "encoding": {
        "x": {"field": "count", "type": "quantitative"},
        "y": {"field": "name", "type": "nominal"},
    },
}


def test_the_same_specification_gives_the_same_bytes() -> None:
    assert draw(BARS) == draw(BARS)
    other = "from tests.drawing.test_vega import BARS, draw; print(draw(BARS), end='')"
    assert (
        subprocess.run([sys.executable, "-c", other], capture_output=True, check=True).stdout == draw(BARS).encode()
    )


def test_texts_stay_texts() -> None:
    assert {"a", "b &lt;&amp;", "name", "count"} <= set(re.findall(r"<text[^>]*>([^<]*)</text>", draw(BARS)))


def test_a_themed_chart_has_the_page_s_colors_and_reads_out_no_mark() -> None:
    svg = themed(draw(BARS))
    assert {f"var(--{PALETTE[color]})" for color in (INK, MUTED, GRID, SERIES[1])} <= set(
        re.findall(r'"(.*?)"', svg)
    )
    assert "#" not in svg
    assert "aria-" not in svg
    assert "role=" not in svg


def test_colors_differ_so_that_each_has_one_name() -> None:
    light = page_colors().split("@media", 1)[0]
    assert len(PALETTE) == len(set(PALETTE.values())) == 19
    for color in (INK, MUTED, GRID, *SERIES):
        assert f"--{PALETTE[color]}: {color};" in light


def test_a_missing_library_is_told_in_the_picture_s_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    said = draw(BARS)
    assert said.startswith("<svg ")
    assert "charts need the package vl-convert-python, which the extra `report` brings: " in said
    assert why_not_drawn() is not None


def test_a_library_that_draws_is_imported_to_draw_only() -> None:
    words = "import sys, clearscale.drawing, clearscale.whatif.sweep; print('vl_convert' in sys.modules)"
    made = subprocess.run([sys.executable, "-c", words], capture_output=True, check=True, text=True)
    assert made.stdout == "False\n"
