"""The page of a sweep: what is drawn over few settings and many, what it tells and saves, and its colors."""

import re
from base64 import b64decode
from collections.abc import Sequence
from html import unescape
from xml.etree import ElementTree

import numpy as np
import pytest

from clearscale.drawing import PALETTE, page_colors
from clearscale.runs.tally import MEASURES
from clearscale.whatif.sweep.charted import Charted, shown
from clearscale.whatif.sweep.page import chart
from tests.support.reading_pages import Read

FIGURES = ("convictions_dismissed", "convictions_reduced", *(f"people_{measure}" for measure in MEASURES))


def page(settings: Sequence[object], highest: int = 1000, name: str = "age") -> str:
    """A page over one parameter. Each figure rises from 0 to highest."""
    rising = np.linspace(0, highest, len(settings)).astype(np.int64)
    about = Charted("a policy", "2020-07-01", {name: [shown(setting) for setting in settings]}, (0,))
    return chart(about, dict.fromkeys(FIGURES, rising))


def pictures(text: str) -> list[str]:
    found = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
    assert len(found) == 2
    return [str(svg) for svg in found]


def texts(*svgs: str) -> list[str]:
    return [unescape(text) for svg in svgs for text in re.findall(r"<text[^>]*>([^<]*)</text>", svg)]


def parsed(text: str) -> Read:
    found = Read()
    found.feed(text)
    return found


def saved(text: str) -> dict[str, str]:
    """What the links of a page save, by the files' names."""
    found = re.findall(r'href="data:[^"]*?;base64,([^"]*)" download="([^"]*)"', text)
    return {name: b64decode(content).decode() for content, name in found}


def test_every_setting_and_line_is_named() -> None:
    text = page([0, *range(40, 66)])
    found = texts(*pictures(text))
    for setting in (0, *range(40, 66)):
        assert found.count(str(setting)) >= 2
    assert found.count("age") == 2
    assert re.findall("<h3>(.*?)</h3>", text) == ["Convictions", "People"]
    for word in ("convictions", "dismissed", "reduced", "people", "some relief", "no felony", "none in 7 years"):
        assert found.count(word) == 1


def test_settings_are_shown_as_people_say_them() -> None:
    found = texts(*pictures(page([True, False], name="deceased")))
    assert (found.count("yes"), found.count("no")) == (2, 2)


def test_of_many_settings_some_have_a_label_and_a_mark() -> None:
    svgs = pictures(page(range(10_000, 11_000), highest=100_000))
    labels = [text for text in texts(*svgs) if re.fullmatch("1[0-9]{4}", text)]
    assert labels == [str(10_000 + place) for place in range(0, 1000, 34)] * 2
    marks = sum(
        len(group.findall("{*}path"))
        for svg in svgs
        for group in ElementTree.fromstring(svg).iter()
        if "mark-symbol" in group.get("class", "") and "role-mark" in group.get("class", "")
    )
    assert marks == 30 * len(FIGURES)


@pytest.mark.parametrize("highest", [0, 1, 2, 3, 4, 5, 6, 9, 11, 1000])
def test_the_axis_of_figures_has_whole_numbers_once_each(highest: int) -> None:
    left, right = (
        [text for text in texts(svg) if text.replace(",", "").isdigit()]
        for svg in pictures(page([True, False], highest))
    )
    assert left == right
    assert left[0] == "0"
    steps = np.diff([int(tick.replace(",", "")) for tick in left])
    assert len(steps) >= 2
    assert set(steps) == {steps[0]}
    assert steps[0] >= 1


def test_odd_names_of_policies_stay_what_they_are() -> None:
    odd = ['a "quoted" one', "back\\slash \\u0041", "<b>&amp;", "it's {title} %s", "l'\u00e9t\u00e9"]
    text = page(odd, name="policy")
    found = texts(*pictures(text))
    for name in odd:
        assert found.count(name) == 2
    for svg in (*pictures(text), *(file for name, file in saved(text).items() if name.endswith(".svg"))):
        ElementTree.fromstring(svg)
    parsed(text).check()
    assert "<b>" not in text


def test_marks_and_files_tell_what_the_table_shows_and_no_more() -> None:
    text = page([0, *range(40, 66)], highest=100)  # steps of 3 and 4, so that most figures are hidden
    found = parsed(text)
    found.check()
    [drawn] = found.charts
    [head, *rows] = found.tables["Values along age"]
    told = {
        f"{row[0]}, {label.partition(': ')[2]}: {figure}"
        for row in rows
        for label, figure in zip(head[1:], row[1:], strict=True)
        if figure != "hidden"
    }
    assert 10 < len(told) < len(rows) * len(FIGURES)
    assert set(drawn.titles) == told
    assert "hidden" in {cell for row in drawn.rows for cell in row}


def test_files_say_what_they_are_of() -> None:
    hidden, whole = saved(page([0, *range(40, 66)], highest=100)), saved(page([0, 40]))
    names = ["sweep-age.csv", "sweep-age-convictions.svg", "sweep-age-people.svg"]
    assert [*hidden] == [*whole] == names
    for name in names[1:]:
        for files in (hidden, whole):
            words = " ".join(texts(files[name]))
            assert "along age What if: a policy. As of 2020-07-01, statewide, each person once." in words
            root = ElementTree.fromstring(files[name])
            assert root.attrib["role"] == "img"
            assert [child.attrib["id"] for child in root[:2]] == root.attrib["aria-labelledby"].split()
            assert "var(" not in files[name]
        assert "fewer than 11 away from another" in " ".join(texts(hidden[name]))
        assert "fewer than 11" not in " ".join(texts(whole[name]))


def test_a_line_is_dashed_where_figures_are_hidden() -> None:
    dashed = [svg.count("stroke-dasharray") for svg in pictures(page([0, *range(40, 66)], highest=100))]
    assert all(dashed)
    assert not any(svg.count("stroke-dasharray") for svg in pictures(page([0, 40])))


def test_each_picture_has_colors_for_light_and_dark_that_stand_out() -> None:
    text = page([0, 40])
    assert text.count(page_colors()) == 1
    light, dark = page_colors().split("@media", 1)
    lines = set(re.findall(r'stroke="var\(--(series-[0-9])\)"', "".join(pictures(text))))
    assert len(lines) == 4
    for style in (light, dark):
        color = dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6})", style))
        assert color.keys() >= set(PALETTE.values())
        for line in lines:
            assert contrast(color[line], color["paper"]) >= 3


def contrast(one: str, other: str) -> float:
    """As WCAG 2 defines it."""

    def light(color: str) -> float:
        parts = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)
