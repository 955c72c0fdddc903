"""Screenshots for the documentation, of a run at another setting.

Made by `python -m tests.support.serve_screenshots RUN docs/images`.
"""

import sys
import tempfile
import threading
from pathlib import Path

import clearscale

from .browser import PHONE, chromium

SETTING = "dismiss=11357&reduce=11358,11359&age=50&years_since=15&years_crime_free=0&under_21=false"
SHOTS = (
    ("serve-desktop", (1200, 1150), "light", f"#county=&{SETTING}", ""),
    ("serve-dark", (1200, 900), "dark", f"#county=LOS+ANGELES&{SETTING}", "#races"),
    ("serve-phone", PHONE, "light", f"#county=LOS+ANGELES&{SETTING}", "fieldset + fieldset"),
)
"""(file, window, colors, setting, where in the page)."""


def main(run: str, images: Path) -> None:
    """Photograph the page of a run."""
    server = clearscale.serve(run)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    with tempfile.TemporaryDirectory() as folder, chromium(Path(folder)) as browser:
        for file, (width, height), scheme, setting, where in SHOTS:
            context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
            page = context.new_page()
            page.goto(server.url + setting)
            page.wait_for_selector("#key dd")
            if where:
                page.eval_on_selector(where, "each => each.scrollIntoView({behavior: 'instant'})")
            page.screenshot(path=images / f"{file}.png", animations="disabled")
            context.close()
    server.shutdown()
    thread.join()
    server.server_close()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
