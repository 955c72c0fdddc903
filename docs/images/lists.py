"""The picture of a court's list, as a spreadsheet program shows it. `make.py` makes it with the others."""

import subprocess
import tempfile
from pathlib import Path

import pypdfium2
from PIL import Image, ImageChops

import clearscale
from clearscale.synth import fabricate

SCALE, WIDTH, HEIGHT, MARGIN = 1.06, 690, 320, 8
_ROWS = 8


def draw_list(images: Path) -> None:
    """Make a workbook of a fabricated county's decisions, print it, and draw the top of its sheet of decisions.

    Raises
    ------
    RuntimeError
        If LibreOffice is not there, or prints no such sheet.
    """
    with tempfile.TemporaryDirectory() as folder:
        made = fabricate(f"{folder}/extracts", counties=3, people=60, seed=1)
        clearscale.ingest([extract.path for extract in made], f"{folder}/store")
        clearscale.run(f"{folder}/store", "ca-los-angeles-2019", "2020-07-01", f"{folder}/run")
        clearscale.decisions(f"{folder}/run", county="SAN DIEGO", out=f"{folder}/list.xlsx")
        command = ["soffice", f"-env:UserInstallation=file://{folder}/office", "--headless", "--convert-to", "pdf"]
        subprocess.run([*command, "--outdir", folder, f"{folder}/list.xlsx"], check=True, capture_output=True)
        _top_of(Path(folder) / "list.pdf").quantize(32).save(images / "list-for-a-court.png", optimize=True)


def _top_of(printed: Path) -> Image.Image:
    """Return the top of the page with cases and people, without what is blank around."""
    with pypdfium2.PdfDocument(printed) as document:
        for page in document:
            words = page.get_textpage().get_text_bounded()
            if words.count("SAN DIEGO") > _ROWS and "Person" in words:
                sheet = page.render(scale=SCALE).to_pil().convert("RGB")
                left, top, *_ = ImageChops.difference(sheet, Image.new("RGB", sheet.size, "white")).getbbox()
                left, top = max(0, left - MARGIN), max(0, top - MARGIN)
                return sheet.crop((left, top, min(left + WIDTH, sheet.width), top + HEIGHT))
    raise RuntimeError("no sheet with cases and people was printed")
