"""What a person should know of a gogen call that went well: words for standard error."""

import contextlib
import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from clearscale.dates import iso
from clearscale.errors import ClearscaleError, nearest
from clearscale.extract.form import doubts as form_doubts
from clearscale.extract.reading import opening
from clearscale.io.source import Source
from clearscale.law import state
from clearscale.policy.option_files import StatedOptions
from clearscale.runs import summary_keys as keys
from clearscale.runs.summary import Summary
from clearscale_cluster.shown import shown_url

from .from_extract import DecidedExtract


def of_call(county: str, paths: Sequence[str], options: StatedOptions, as_of: int, has_date: bool) -> Iterator[str]:
    """Yield what is doubtful in what a call was given. has_date: whether it said for which date to decide."""
    if not has_date:
        yield f"no --compute-at is given: decided as of {iso(as_of)}, today"
    names = state().counties.names
    if county not in names:
        near = nearest(county, names, "see the list of counties")
        yield f"--county: '{county}' is no county of {state().title} as records write it; {near}"
    met: dict[Path, str] = {}
    for path in paths:
        place = Path(path).resolve() if "://" not in path else Path(path)
        if place in met:
            same_name = f"as {shown_url(met[place])}" if met[place] != path else ""
            yield f"{shown_url(path)}: is given twice {same_name}".rstrip() + "; all in it counts twice"
        met.setdefault(place, path)
    for finding in options.doubted:
        yield f"--eligibility-options: {finding.line} [{finding.name}]"


def of_form(path: str, source: Source) -> Iterator[str]:
    """Yield what is doubtful in the form of an extract, which is read as the counties' program read it.

    source: the file that is read for the path.
    """
    with contextlib.suppress(ClearscaleError, OSError):  # told where it is read
        for doubt in form_doubts(*opening(source)):
            yield f"{path}: {doubt}"


def of_extract(path: str, extract: DecidedExtract, summary: Summary, county: str) -> Iterator[str]:
    """Yield what is doubtful in an extract, or in what was decided of it."""
    kinds = state().findings
    for finding in extract.noticed.findings():
        yield f"{path}: {kinds.words(finding)} [{finding.name}]"
    if extract.cleared:
        yield (
            f"{path}: {extract.cleared:,} of the county's convictions were vacated, dismissed, or cleared by an "
            "earlier proceeding, as a record says; they are decided like the others"
        )
    if extract.lines and not extract.convictions:
        yield f"{path}: none of its {extract.lines:,} records is a conviction; its columns may be shifted"
    elif not summary[keys.WITH_PROP64]:
        records = f"{extract.lines:,} records"
        yield f"{path}: nothing is decided: no conviction in {records} is one of county '{county}' under the law"
    elif not summary[keys.SOME_RELIEF]:
        yield f"{path}: none of the county's convictions is dismissed or reduced by these options"


class Copies:
    """Finds files of the same content among those of a call. Only such as are cut alike are read again."""

    def __init__(self) -> None:
        self._met: list[tuple[str, Source, DecidedExtract]] = []
        self._digests: dict[Source, str] = {}

    def of(self, path: str, source: Source, extract: DecidedExtract) -> Iterator[str]:
        """Yield a word if an earlier file holds the same. source: the file that is read for a path."""
        alike = [met for met in self._met if met[2].spans == extract.spans and met[0] != path]
        same = [earlier for earlier, its, _ in alike if extract.lines and self._digest(its) == self._digest(source)]
        if same:
            yield f"{path}: holds the same as {same[0]}; all in it counts twice"
        self._met.append((path, source, extract))

    def _digest(self, source: Source) -> str:
        if source not in self._digests:
            digest = hashlib.sha256()
            with source.open() as file:
                while piece := file.read(2**20):
                    digest.update(piece)
            self._digests[source] = digest.hexdigest()
        return self._digests[source]
