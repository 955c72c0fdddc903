"""A page as a PDF on Letter paper, set by Typst: tagged, with alternative texts, and with fonts of its own."""

import json
from typing import Any

from clearscale.errors import ClearscaleError
from clearscale_cluster.extras import missing

from .html import template
from .model import Page


def pdf(page: Page) -> bytes:
    """Return the page as PDF/UA-1. Raises ClearscaleError if the library that sets it is not installed."""
    try:
        import typst
    except ImportError:
        raise ClearscaleError(missing("PDF files need", "typst", "report")) from None
    sources = {
        "main.typ": template("page.typ").encode(),
        "page.json": json.dumps(page.document()).encode(),
        **{f"{picture.name}.svg": picture.svg.encode() for chart in page.charts for picture in chart.pictures},
    }
    # Fonts of the machine would make other pages elsewhere.
    # Its hints do not know sources in memory with several files.
    compiled: Any = typst.compile
    result: bytes = compiled(sources, ignore_system_fonts=True, pdf_standards=["ua-1"])
    return result
