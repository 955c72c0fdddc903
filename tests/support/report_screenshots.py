"""Screenshots for the documentation, of a folder of pages.

Made by `python -m tests.support.report_screenshots REPORT docs/images`.

A window is photographed from its top, the statewide page also from its map and its bars.
"""

import sys
import tempfile
from pathlib import Path

from .browser import PHONE, chromium, opened

SHOTS = (
    ("statewide", "statewide-desktop", (1100, 1500), "light", ""),
    ("statewide", "statewide-people", (1100, 1000), "light", "#people"),
    ("statewide", "statewide-dark", (1100, 1100), "dark", "#counties"),
    ("statewide", "statewide-phone", PHONE, "light", ""),
    ("los-angeles", "los-angeles-desktop", (1100, 1400), "light", ""),
    ("los-angeles", "los-angeles-phone", PHONE, "light", "#people"),
)
"""(page, file, window, colors, where in the page)."""


def main(report: Path, images: Path) -> None:
    """Photograph the pages of a folder."""
    images.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, chromium(Path(folder)) as browser:
        for name, file, size, scheme, where in SHOTS:
            with opened(browser, report / f"{name}.html", size, color_scheme=scheme) as (page, _):
                if where:
                    page.eval_on_selector(where, "each => each.scrollIntoView({behavior: 'instant'})")
                page.screenshot(path=images / f"{file}.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
