"""What a front page has done: extracts taken in, a policy run, files made, a page of controls opened."""

import hashlib
import json
import re
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

from clearscale.errors import ClearscaleError, PolicyError
from clearscale.law import state
from clearscale.outputs.county_files import file_name
from clearscale.outputs.report.figures import ReportedRun
from clearscale.outputs.report.writing import page_of
from clearscale.outputs.serve.pages import RunPages
from clearscale.outputs.serve.settings import read
from clearscale.policy import PACKS, choose, pack
from clearscale.policy.county_options import PACK
from clearscale.policy.packs import unchanged
from clearscale.runs import Run, open_run
from clearscale.whatif.sweep.option_family import Grid, family_of
from clearscale_cluster import ProgressCallback

from .actions import Actions
from .folder import FILES, POLICIES, RUNS, STORES, ServedFolder

STORE = "store"
"""Name of the store that a front page makes."""

ALL = ""
"""The county that stands for all."""


class Work:
    """The work, by kind, in a folder. sites: pages of controls that were opened, by the run's name."""

    def __init__(self, folder: ServedFolder, actions: Actions) -> None:
        self._folder, self._actions = folder, actions
        self.sites: dict[str, RunPages] = {}

    def kinds(self) -> dict[str, Any]:
        """Return the work by kind."""
        return {
            "look": self.look,
            "ingest": self.ingest,
            "run": self.run,
            "files": self.files,
            "controls": self.controls,
        }

    def look(self, given: dict[str, Any], progress: ProgressCallback) -> dict[str, Any]:
        """Read extracts and say what is doubtful, storing nothing."""
        return self._take(given, progress, dry_run=True)

    def ingest(self, given: dict[str, Any], progress: ProgressCallback) -> dict[str, Any]:
        """Take extracts in."""
        return self._take(given, progress, dry_run=False)

    def _take(self, given: dict[str, Any], progress: ProgressCallback, *, dry_run: bool) -> dict[str, Any]:
        files = [str(self._folder.inside(_text(name))) for name in _list(given.get("files"))]
        if not files:
            raise ClearscaleError("choose the files of extracts first")
        store = _text(given.get("store")) or f"{STORES}/{STORE}"
        where = self._folder.new(STORES, STORE) if store == f"{STORES}/{STORE}" else self._folder.inside(store)
        counties = {_text(file): _text(county) for file, county in _dict(given.get("counties")).items() if county}
        report = self._actions.ingest(
            files,
            where,
            county=counties or None,
            on_bad_record="quarantine" if given.get("quarantine") is True else "refuse",
            accept=[_text(name) for name in _list(given.get("accept"))],
            dry_run=dry_run,
            add=given.get("add") is True,
            statewide=given.get("statewide") is True,
            progress=progress,
        )
        kinds = state().findings
        return {
            "store": store,
            "snapshot": report.snapshot,
            "added": report.added,
            "unchanged": report.unchanged,
            "records": report.records,
            "stored": report.stored,
            "quarantined": report.quarantined,
            "counts": report.counts,
            "counties": report.counties,
            "replaced": [f"{each.county}: {each.words}" for each in report.replacements],
            "findings": [
                {
                    "file": file or "all extracts together",
                    "name": finding.name,
                    "refuses": finding.refuses,
                    "accepted": finding.accepted,
                    "words": kinds.words(finding),
                }
                for file, found in report.findings.items()
                for finding in found
            ],
        }

    def run(self, given: dict[str, Any], progress: ProgressCallback) -> dict[str, Any]:
        """Decide a store. The same choice again finds the run that it made."""
        store = _text(given.get("store"))
        path = self._folder.inside(store)
        as_of = _text(given.get("as_of"))
        policy, parameters, name = self.policy(_dict(given.get("policy")))
        snapshot = self._actions.store_info(path)["snapshot"]
        asked = [store, snapshot, as_of, given.get("policy"), given.get("allow")]
        digest = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:8]
        out = self._folder.new(RUNS, f"{file_name(as_of)}-{file_name(name)}-{digest}")
        self._actions.run(
            path,
            policy,
            as_of,
            out,
            parameters=parameters or None,
            allow=[_text(each) for each in _list(given.get("allow"))],
            progress=progress,
        )
        return {"run": self._folder.name_of(out)}

    def policy(self, given: Mapping[str, Any]) -> tuple[Any, dict[str, str], str]:
        """Return the policy that a page chose: as `run` takes it, its parameters, and its name.

        Raises PolicyError if it is none.
        """
        match given.get("kind"):
            case "options":
                setting = {_text(name): _text(value) for name, value in _dict(given.get("options")).items()}
                return read(setting, default_options()).options(), {}, "options"
            case "pack":
                name = _text(given.get("pack"))
                parameters = {_text(key): _text(value) for key, value in _dict(given.get("parameters")).items()}
                return pack(name).id, parameters, name
            case "file":
                file = _text(given.get("file"))
                if not file.startswith(f"{POLICIES}/"):
                    raise PolicyError("choose a policy file that was uploaded")
                path = self._folder.inside(file)
                return path, {}, path.stem
        raise PolicyError("choose eligibility options, a pack, or a policy file")

    def files(self, given: dict[str, Any], progress: ProgressCallback) -> dict[str, Any]:
        """Make a run's files, of a county or of all counties."""
        run, county = self.opened(_text(given.get("run"))), _text(given.get("county"))
        if county:
            _known(run, county)
        name = self._folder.name_of(self._folder.inside(_text(given.get("run"))))
        out = self._folder.new(FILES, name.replace("/", "--"), file_name(county) if county else "all-counties")
        workbook = given.get("workbook") is True
        if given.get("results") is True:
            if county:
                self._actions.export(run, county, out / "results", xlsx=workbook, progress=progress)
            else:
                self._actions.export_all(run, out / "results", xlsx=workbook, progress=progress)
        if given.get("list") is True:
            for form in ("csv", "xlsx") if workbook else ("csv",):
                file = out / f"decisions.{form}"
                self._actions.decisions(run, county=county or None, out=file, progress=progress)
        chosen: dict[str, Any] = {"county": county} if county else {"all_counties": True}
        if given.get("report") is True:
            self._actions.report(run, out / "report", progress=progress, **chosen)
        if given.get("exact") is True:
            exact = out / "report-not-for-publication"
            self._actions.report(run, exact, progress=progress, suppress_below=None, **chosen)
        return {"run": name, "county": county, "folder": self._folder.name_of(out)}

    def controls(self, given: dict[str, Any], progress: ProgressCallback) -> dict[str, Any]:
        """Open the pages of controls of a run, which can choose the policy files that were uploaded, too."""
        name = _text(given.get("run"))
        self.sites[name] = self._actions.pages(self.opened(name), self._usable_policies(), progress=progress)
        return {"run": name}

    def _usable_policies(self) -> list[str]:
        """Return the paths of uploaded files that are policies over convictions without anything doubtful."""
        paths = [str(self._folder.inside(name)) for name in self._folder.policies()]
        return [path for path in paths if _is_usable(path)]

    def opened(self, name: str) -> Run:
        """Return a run of the folder. Raises RunError if there is none."""
        return open_run(self._folder.inside(name))

    def figures(self, name: str, county: str) -> dict[str, Any]:
        """Return a run's figures as its report has them: those of a county, or of the state. Nothing is hidden."""
        run = self.opened(name)
        reported = ReportedRun.of(run, None)
        view = reported.of_county(_known(run, county)) if county else reported.of_state()
        page = page_of(view, "").document()
        blocks = [block for section in page["sections"] for block in section["blocks"]]
        tables = [
            block if block["kind"] == "table" else block["table"] for block in blocks if block["kind"] in _TABLES
        ]
        info = run.info
        return {
            "run": name,
            "title": page["title"],
            "subtitle": page["subtitle"],
            "warning": page["warning"],
            "lead": page["lead"],
            "key": [item[:2] for block in blocks if block["kind"] == "figures" for item in block["items"]],
            "tables": [table for table in tables if table["numbers"]],
            "counties": [*run.counties],
            "as_of": info["as_of"],
            "policy": info["policy"]["title"],
        }


_TABLES = ("table", "chart")


def default_options() -> Grid:
    """Return the eligibility options that a page begins with: as the counties' screens first showed them."""
    found = family_of(unchanged(PACK))
    assert found is not None
    return found


def packs() -> list[dict[str, Any]]:
    """Return what a page shows of packs and their parameters."""
    return [
        {
            "id": document.id,
            "title": document.title,
            "parameters": [
                {
                    "name": parameter.name,
                    "kind": parameter.kind,
                    "default": str(parameter.default).lower(),
                    "meaning": parameter.meaning,
                    "range": parameter.range,
                }
                for parameter in document.parameters.values()
            ],
        }
        for document in (pack(name) for name in PACKS if name != PACK)
    ]


def has_workbooks() -> bool:
    """Tell whether the extra `xlsx` is there."""
    return find_spec("xlsxwriter") is not None


def passed_by_name(lines: list[str]) -> list[str]:
    """Return the findings that a refusal says may be passed by name."""
    return [*dict.fromkeys(re.findall(r"--(?:accept|allow) ([a-z0-9-]+)", "\n".join(lines)))]


def _known(run: Run, county: str) -> str:
    if county not in run.counties:
        raise ClearscaleError("the run has no such county")
    return county


def _is_usable(path: str) -> bool:
    try:
        choose(path)
    except ClearscaleError:
        return False
    return True


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _dict(value: Any) -> dict[Any, Any]:
    return value if isinstance(value, dict) else {}
