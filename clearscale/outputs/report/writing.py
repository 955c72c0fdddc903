"""Write reports: pages of the state and of counties, as HTML and PDF."""

import os
import time
from collections.abc import Mapping, Sequence
from typing import Any

from clearscale.errors import RunError
from clearscale.io.claims import LOCK, claimed
from clearscale.io.files import Folder
from clearscale.outputs.county_files import file_name
from clearscale.runs import Run
from clearscale.small_counts import SUPPRESS_BELOW
from clearscale.version import VERSION
from clearscale.whatif.sweep import Sweep
from clearscale_cluster import ProgressCallback

from . import county, state
from .consistency import check
from .figures import PageFigures, ReportedRun
from .html import html
from .index import Entry, index
from .lead import place_words
from .model import Page
from .pdf import pdf
from .shell import quoted
from .sweeps import pages

NOT_FOR_PUBLICATION = "Not for publication"


def write(
    run: Run,
    out: str,
    *,
    counties: Sequence[str] = (),
    all_counties: bool = False,
    below: int | None,
    note: str = "",
    sweeps: Sequence[Sweep] = (),
    progress: ProgressCallback | None = None,
) -> list[str]:
    """Write pages; see `clearscale.outputs.report`."""
    source = ReportedRun.of(run, below)
    views = [source.of_county(name) for name in counties]
    if all_counties:
        views = [source.of_state(), *map(source.of_county, source.counties)]
    views = views or [source.of_state()]
    _distinct(views)
    check(views[0])
    beside = pages(source, sweeps)
    with claimed(Folder(out), LOCK, RunError):
        written = _write(views, out, note, progress) + _write_sweeps(beside, out)
        about = [", ".join(sweep.charted[0].along) for sweep in sweeps]
        return [*written, *write_index(run.info, below, note, list(map(_entry, views)), about, out)]


def _entry(view: PageFigures) -> Entry:
    return Entry(place_words(view), file_name(view.county) if view.county else "statewide", not view.county)


def _write(views: Sequence[PageFigures], out: str, note: str, progress: ProgressCallback | None) -> list[str]:
    written = []
    for done, view in enumerate(views, start=1):
        check(view)
        written += write_page(page_of(view, note), out)
        if progress is not None:
            progress(done, len(views), "write reports")
    return written


def write_page(page: Page, out: str) -> list[str]:
    """Write a page as HTML and PDF into a folder, path or URL; return their paths or URLs."""
    folder, written = Folder(out), []
    for ending, content in (("html", html(page).encode()), ("pdf", pdf(page))):
        folder.write(f"{page.file}.{ending}", content, lasting=True)
        written.append(f"{out.rstrip('/')}/{page.file}.{ending}")
    return written


def write_index(
    info: Mapping[str, Any], below: int | None, note: str, entries: Sequence[Entry], sweeps: Sequence[str], out: str
) -> list[str]:
    """Write the page that links all pages that were written together; nothing where there is one only.

    info: the content of the run's `run.json`. sweeps: what each page of a sweep beside them varies.
    """
    if len(entries) + len(sweeps) < 2:
        return []
    named = zip(_sweep_names(len(sweeps)), sweeps, strict=True)
    links = [
        *entries,
        *(Entry(f"What if: {about or 'one policy'}", name, False, pdf=False) for name, about in named),
    ]
    text = index(info, links, footer=footer(info), warning=warning(below), note=note)
    Folder(out).write("index.html", text.encode(), lasting=True)
    return [f"{out.rstrip('/')}/index.html"]


def _sweep_names(sweeps: int) -> list[str]:
    return [f"sweep-{number}" if number > 1 else "sweep" for number in range(1, sweeps + 1)]


def _write_sweeps(written: Sequence[str], out: str) -> list[str]:
    names = [f"{name}.html" for name in _sweep_names(len(written))]
    for name, text in zip(names, written, strict=True):
        Folder(out).write(name, text.encode(), lasting=True)
    return [f"{out.rstrip('/')}/{name}" for name in names]


def page_of(view: PageFigures, note: str) -> Page:
    """Return the page of a county or of the state."""
    info, below = view.source.run.info, view.source.below
    wanted = f" --county {quoted(view.county)}" if view.county else ""
    common = {
        "warning": warning(below),
        "note": note,
        "command": f'clearscale report --run "$RUN" --out "$REPORT"{wanted} {hiding(below)}',
        "version": VERSION,
        "footer": footer(info),
    }
    if view.county:
        return county.page(view, made=_now(), **common)
    return state.page(view, **common)


def hiding(below: int | None) -> str:
    """Return the option of `clearscale report` that hides as much."""
    return "--no-suppress" if below is None else f"--suppress-below {below}"


def warning(below: int | None) -> str:
    """Return what stands on every page that shows smaller counts than a published one may."""
    return NOT_FOR_PUBLICATION if below is None or below < SUPPRESS_BELOW else ""


def footer(info: Mapping[str, Any]) -> str:
    """Return what stands at the foot of every page. info: the content of the run's `run.json`."""
    policy = info["policy_digest"][:12]
    return f"clearscale {VERSION}, snapshot {info['snapshot']}, policy {policy}, as of {info['as_of']}"


def _now() -> str:
    """Return the time, or that of SOURCE_DATE_EPOCH, with which reports are the same bytes again."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    moment = time.gmtime(int(epoch) if epoch.isdigit() else None)
    return time.strftime("%Y-%m-%d %H:%M UTC", moment)


def _distinct(views: Sequence[PageFigures]) -> None:
    names: dict[str, str] = {}
    for view in views:
        name = file_name(view.county) if view.county else "statewide"
        if names.setdefault(name, view.county) != view.county:
            raise RunError(
                f"counties '{names[name]}' and '{view.county}' would have the same files, {name}.html: report them "
                "one by one, each with another --out"
            )
