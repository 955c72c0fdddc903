"""What a front page does over charges: files in by a column map, a policy of their state, figures of a run."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from clearscale.errors import ClearscaleError, PolicyError
from clearscale.formats import ColumnMap, load_map, maps
from clearscale.formats.checking import kinds
from clearscale.io.files import Folder
from clearscale.outputs.county_files import file_name
from clearscale.outputs.report.charges.counting import NO_COUNTY, NO_COURT
from clearscale.outputs.report.charges.page import page
from clearscale.outputs.report.charges.view import ReportedRun, View
from clearscale.outputs.report.words import county_title, county_words
from clearscale.outputs.report.writing import NOT_FOR_PUBLICATION
from clearscale.policy.locating import is_over_charges
from clearscale.relief.check import choose
from clearscale.relief.packs import load_document, names, packs
from clearscale.runs.charges import ChargeRun
from clearscale.store.charge_manifest import read_charge_snapshot
from clearscale_cluster import ProgressCallback

from .actions import Actions
from .folder import MAPS, POLICIES, STORES, ServedFolder
from .given import ingest_options, text, words
from .making import placed
from .mapping import format_of
from .shown import figures, findings, parameters, taken

CHARGES = "charges"
"""What a store or run holds."""

_KEPT_RUNS = 2
"""Runs whose counts are kept in memory: one, and that beside it."""


class ChargeWork:
    """The work over charges, in a folder."""

    def __init__(self, folder: ServedFolder, actions: Actions) -> None:
        self._folder, self._actions = folder, actions
        self._reported: dict[str, ReportedRun] = {}

    def take(
        self, files: list[str], given: Mapping[str, Any], progress: ProgressCallback, *, dry_run: bool
    ) -> dict[str, Any]:
        """Read files of charges by a column map, and store them unless it is a dry run."""
        name, stated = format_of(self._folder, text(given.get("format")))
        own = f"{CHARGES}-{file_name(stated.name)}"
        store = text(given.get("store")) or f"{STORES}/{own}"
        where = self._folder.new(STORES, own) if store == f"{STORES}/{own}" else self._folder.inside(store)
        people = text(given.get("people"))
        report = self._actions.ingest_charges(
            files,
            where,
            name,
            **ingest_options(given),
            dry_run=dry_run,
            people=self._folder.inside(people) if people else None,
            with_doubtful=bool(people) and given.get("with_doubtful") is True,
            progress=progress,
        )
        remarks = [f"{count:,} set aside: {reason}" for reason, count in report.aside.items()]
        remarks += [f"{name}: another file of this name took its place" for name in report.replaced]
        return {
            **taken(store, report),
            "unusable": report.unusable,
            "held": [[f"{kind.replace('_', ' ')} in the store", count] for kind, count in report.counts.items()],
            "counties": {},
            "remarks": remarks,
            "findings": findings(report.findings, kinds(), "all files together"),
        }

    def figures(self, run: ChargeRun, county: str, court: str) -> dict[str, Any]:
        """Return a run's figures as its report has them. Nothing is hidden."""
        source = self._of(run)
        counties = [name for name in source.counties if name != NO_COUNTY]
        place = placed(source, county, court)
        shown = page(View(source, place), footer="", warning=NOT_FOR_PUBLICATION, note="", command="", version="")
        courts = [place for place in source.courts if NO_COUNTY not in place and NO_COURT not in place]
        return {
            "holds": CHARGES,
            **figures(shown),
            "counties": counties,
            "words": {name: county_words(name) for name in [*counties, *(court for _, court in courts)]},
            "titles": {name: county_title(name) for name in counties},
            "courts": courts,
            "as_of": run.info["as_of"],
            "policy": run.info["policy"]["title"],
        }

    def _of(self, run: ChargeRun) -> ReportedRun:
        """Return a run whose counts are read once, as long as few others are looked at."""
        known = self._reported.pop(run.folder.url, None)
        found = known if known is not None and known.finished.info == run.info else ReportedRun(run, None)
        self._reported = {**dict([*self._reported.items()][1 - _KEPT_RUNS :]), run.folder.url: found}
        return found


def charge_policy(folder: ServedFolder, given: Mapping[str, Any]) -> tuple[Any, dict[str, str], str]:
    """Return the policy that a page chose: as `run_charges` takes it, its parameters, and its name.

    Raises PolicyError if it is none.
    """
    match given.get("kind"):
        case "pack":
            name = text(given.get("pack"))
            if name not in names():
                raise PolicyError("choose a pack over charges")
            return name, words(given.get("parameters")), name
        case "file":
            path = policy_file(folder, given)
            return path, {}, path.stem
    raise PolicyError("charges are decided by a pack over charges, or by a policy file over charges")


def policy_file(folder: ServedFolder, given: Mapping[str, Any]) -> Path:
    """Return the file of a policy that was uploaded. Raises PolicyError for any other."""
    file = text(given.get("file"))
    if not file.startswith(f"{POLICIES}/"):
        raise PolicyError("choose a policy file that was uploaded")
    return folder.inside(file)


def is_usable(path: str) -> bool:
    """Tell whether a file is a policy over charges without anything doubtful."""
    try:
        return is_over_charges(path) and bool(choose(path))
    except ClearscaleError:
        return False


def charge_packs() -> list[dict[str, Any]]:
    """Return what a page shows of packs over charges, and their parameters."""
    return [
        {
            "id": name,
            "title": document.title,
            "holds": CHARGES,
            "state": document.state,
            "parameters": parameters(document.parameters),
        }
        for name, document in packs().items()
    ]


def formats() -> list[dict[str, Any]]:
    """Return what a page shows of the formats that need no file."""
    return [_described(name, load_map(name)) for name in maps()]


def maps_of(folder: ServedFolder) -> list[dict[str, Any]]:
    """Return what a page shows of the column maps of a folder; of one that was uploaded and is wrong, its name."""
    found = []
    for name in folder.maps():
        try:
            path = folder.inside(name)
            found.append({**_read(str(path), path.stat().st_mtime_ns), "name": name})
        except ClearscaleError:  # whoever reads files by it is told what is wrong
            if name.startswith(f"{MAPS}/"):
                found.append({"name": name, "title": Path(name).name, "about": _WRONG, "person": True})
    return found


_WRONG = "Something is wrong with this map; looking at files says what."


@lru_cache(maxsize=128)
def _read(path: str, changed: int) -> dict[str, Any]:
    """Describe a map of a file, read again when that has changed."""
    del changed
    return _described(path, load_map(path))


def _described(name: str, stated: ColumnMap) -> dict[str, Any]:
    """person: whether files have a key of people by it."""
    person = bool(stated.document.get("charge", {}).get("person"))
    return {"name": name, "title": stated.title, "about": stated.document.get("about", ""), "person": person}


def held(path: Path, info: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a page shows of a store of charges. info: as `store_info` says it."""
    manifest = read_charge_snapshot(Folder.rooted(str(path)), info["snapshot"])
    return {"format": info["format"], "state": manifest.map["document"].get("state", "")}


def over_charges(path: Path) -> dict[str, str]:
    """Return what a page shows of a policy file, if it is one over charges; nothing of any other."""
    try:
        return {"holds": CHARGES, "state": load_document(str(path)).state} if is_over_charges(str(path)) else {}
    except ClearscaleError:  # whoever decides by it is told what is wrong
        return {}
