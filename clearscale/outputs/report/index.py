"""The page that links the pages of a run that were written together."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from .html import environment, style, template
from .lead import spoken_date


@dataclass(frozen=True)
class Entry:
    """A page. file: name of its files, without an ending. whole: it is about all that the others are about.

    pdf: whether it is a PDF, too.
    """

    title: str
    file: str
    whole: bool
    pdf: bool = True


def index(info: Mapping[str, Any], entries: Sequence[Entry], *, footer: str, warning: str, note: str) -> str:
    """Return the page as HTML. info: the content of the run's `run.json`."""
    text = (
        environment(template)
        .get_template("index.html.j2")
        .render(
            title=info["policy"]["title"],
            subtitle=f"As of {spoken_date(info['as_of'])}",
            entries=[asdict(entry) for entry in entries],
            footer=footer,
            warning=warning,
            note=note,
            style=style(),
        )
    )
    return str(text)
