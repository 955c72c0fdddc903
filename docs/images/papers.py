"""The picture of papers for the documentation: nobody's, from made-up data. `make.py` makes it with the others."""

import io
import json
from pathlib import Path
from typing import Any

import typst
from PIL import Image

from clearscale.law import state
from clearscale.law.papers import CONVICTIONS
from clearscale.outputs.packet.examples import example
from clearscale.outputs.packet.office import Office
from clearscale.outputs.packet.setting import Job
from clearscale.outputs.packet.templates import packaged_templates

PPI, GAP = 62, 10


def draw_papers(images: Path) -> None:
    """Draw the first page of an order, its list, and a notice, side by side."""
    papers = state().papers
    office, words = Office.packaged(), papers.words[CONVICTIONS]
    order = pages_of(example(office, papers, words, copies=5).orders()[0], office)
    notice = pages_of(example(office, papers, words).notices()[0], office)
    shown = [order[0], order[2], notice[0]]
    width, height = shown[0].size
    sheet = Image.new("RGB", ((width + GAP) * len(shown) + GAP, height + 2 * GAP), "#8a8a8a")
    for place, page in enumerate(shown):
        sheet.paste(page, (GAP + place * (width + GAP), GAP))
    images.mkdir(parents=True, exist_ok=True)
    sheet.quantize(64).save(images / "papers.png", optimize=True)


def pages_of(job: Job, office: Office) -> list[Image.Image]:
    """The pages of a paper as pictures."""
    assert office.seal is not None
    sources = packaged_templates() | dict([office.seal]) | {f"{job.paper}.json": json.dumps(job.data).encode()}
    sources["main.typ"] = f'#include "{job.paper}.typ"'.encode()
    compiled: Any = typst.compile
    found = compiled(sources, format="png", ppi=PPI, ignore_system_fonts=True)
    return [Image.open(io.BytesIO(page)).convert("RGB") for page in (found if isinstance(found, list) else [found])]
