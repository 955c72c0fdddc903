"""Charts as pictures by themselves: whole, with their words within the paper, and fit for readers of the screen."""

import re
from xml.etree import ElementTree

import pytest

from clearscale.drawing import Words, alone, draw
from tests.drawing.test_vega import BARS

WORDS = Words(
    "Convictions by section & decision <all>",
    ("Clearing old convictions in a state. Eligibility options, as of July 1, 2020.",),
    ("\u201chidden\u201d: fewer than 11, or a figure from which such a small number could be computed. " * 3,),
    "Bars for a and b.",
    "Not for publication",
)


def test_it_has_all_words_and_the_chart() -> None:
    root = ElementTree.fromstring(alone(draw(BARS), WORDS))
    said = [text.text or "" for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert said[:2] == ["Not for publication", WORDS.title]
    every = " ".join(said)
    for words in (*WORDS.below, *(note.strip() for note in WORDS.notes), "b <&"):
        assert words in every
    title, words = root[:2]
    assert (root.attrib["role"], title.text) == ("img", WORDS.title)
    assert WORDS.alt in (words.text or "")
    assert [title.attrib["id"], words.attrib["id"]] == root.attrib["aria-labelledby"].split()


@pytest.mark.parametrize("words", [WORDS, Words("Short"), Words("long " * 40, notes=("word " * 90,))])
def test_nothing_lies_beside_the_paper_or_above_another(words: Words) -> None:
    chart = draw(BARS)
    root = ElementTree.fromstring(alone(chart, words))
    width, height = (float(root.attrib[side]) for side in ("width", "height"))
    assert root.attrib["viewBox"] == f"0 0 {width:g} {height:g}"
    head, drawn, foot = (group for group in root if group.tag.endswith("}g"))
    top = float(re.findall("[0-9.]+", drawn.attrib["transform"])[1])
    of_chart = float(ElementTree.fromstring(chart).attrib["height"])
    last = 0.0
    for part, end in ((head, top), (foot, height)):
        for text in part:
            size, bottom = float(text.attrib["font-size"]), float(text.attrib["y"])
            assert bottom - last >= size
            # Letters are mostly narrower.
            assert float(text.attrib["x"]) + len(text.text or "") * size * 0.55 <= width
            last = bottom
        assert last < end
        last = top + of_chart


def test_it_needs_nothing_and_is_the_same_each_time() -> None:
    made = alone(draw(BARS), WORDS)
    assert made == alone(draw(BARS), WORDS)
    assert not re.search(r"href=|url\(|<script|<style|var\(|<image", made)
