"""What a front page has done: files taken in, a policy run, files made, a page of controls opened."""

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
from clearscale.outputs.report.words import county_title, county_words
from clearscale.outputs.report.writing import page_of
from clearscale.outputs.serve.pages import RunPages
from clearscale.outputs.serve.settings import read
from clearscale.policy import PACKS, choose, pack
from clearscale.policy.county_options import PACK
from clearscale.policy.packs import unchanged
from clearscale.runs import Run
from clearscale.runs.charges import ChargeRun, open_either
from clearscale.whatif.sweep.option_family import Grid, family_of
from clearscale_cluster import ProgressCallback

from .actions import Actions
from .charges import CHARGES, ChargeWork, charge_policy, is_usable, policy_file
from .folder import FILES, RUNS, STORES, ServedFolder
from .given import chosen_files, ingest_options, table, text, texts, words
from .making import KINDS, Asked, known_county, make
from .mapping import MapWork
from .shown import figures, findings, parameters, taken

STORE = "store"
"""Name of the store of extracts that a front page makes."""

EXTRACTS = "extracts"
"""What a store or run holds, if it is not charges."""


class Work:
    """The work, by kind, in a folder. sites: pages of controls that were opened, by the run's name."""

    def __init__(self, folder: ServedFolder, actions: Actions) -> None:
        self._folder, self._actions = folder, actions
        self._charges, self.maps = ChargeWork(folder, actions), MapWork(folder)
        self.sites: dict[str, RunPages] = {}

    def kinds(self) -> dict[str, Any]:
        """Return the work by kind."""
        return {
            "look": self.look,
            "ingest": self.ingest,
            "run": self.run,
            "files": self.files,
            "controls": self.controls,
            "draft": self.maps.draft,
            "link": self.maps.link,
        }

    def look(self, given: dict[str, Any], progress: ProgressCallback) -> dict[str, Any]:
        """Read files and say what is doubtful, storing nothing."""
        return self._take(given, progress, dry_run=True)

    def ingest(self, given: dict[str, Any], progress: ProgressCallback) -> dict[str, Any]:
        """Take files in."""
        return self._take(given, progress, dry_run=False)

    def _take(self, given: dict[str, Any], progress: ProgressCallback, *, dry_run: bool) -> dict[str, Any]:
        files = chosen_files(self._folder, given)
        if given.get("format"):
            return self._charges.take(files, given, progress, dry_run=dry_run)
        store = text(given.get("store")) or f"{STORES}/{STORE}"
        where = self._folder.new(STORES, STORE) if store == f"{STORES}/{STORE}" else self._folder.inside(store)
        counties = {file: county for file, county in words(given.get("counties")).items() if county}
        report = self._actions.ingest(
            files,
            where,
            county=counties or None,
            **ingest_options(given),
            dry_run=dry_run,
            statewide=given.get("statewide") is True,
            progress=progress,
        )
        held = report.counts
        return {
            **taken(store, report),
            "held": [[f"{name} in the store", held[name]] for name in ("people", "convictions") if name in held],
            "counties": report.counties,
            "remarks": [f"{replacement.county}: {replacement.words}" for replacement in report.replacements],
            "findings": findings(report.findings, state().findings, "all extracts together"),
        }

    def run(self, given: dict[str, Any], progress: ProgressCallback) -> dict[str, Any]:
        """Decide a store. The same choice again finds the run that it made."""
        store, as_of, chosen = text(given.get("store")), text(given.get("as_of")), table(given.get("policy"))
        path = self._folder.inside(store)
        info = self._actions.store_info(path)
        of_charges = info["holds"] == CHARGES
        policy, values, name = (charge_policy if of_charges else policy_of)(self._folder, chosen)
        asked = [store, info["snapshot"], as_of, given.get("policy"), given.get("allow")]
        digest = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:8]
        out = self._folder.new(RUNS, f"{file_name(as_of)}-{file_name(name)}-{digest}")
        decide = self._actions.run_charges if of_charges else self._actions.run
        decide(
            path,
            policy,
            as_of,
            out,
            parameters=values or None,
            allow=texts(given.get("allow")),
            progress=progress,
        )
        return {"run": self._folder.name_of(out)}

    def files(self, given: dict[str, Any], progress: ProgressCallback) -> dict[str, Any]:
        """Make a run's files, of a court, of a county or of all counties."""
        name = self._folder.name_of(self._folder.inside(text(given.get("run"))))
        county, court, other = (text(given.get(key)) for key in ("county", "court", "other"))
        asked = Asked(
            run=self.opened(name),
            county=county,
            court=court,
            other=self.opened(other) if other else None,
            office=self._folder.inside(office) if (office := text(given.get("office"))) else None,
            kinds=frozenset(kind for kind in KINDS if given.get(kind) is True),
        )
        out = self._folder.new(FILES, name.replace("/", "--"), asked.folder)
        make(self._actions, asked, out, progress)
        return {"run": name, "county": county, "court": court, "folder": self._folder.name_of(out)}

    def controls(self, given: dict[str, Any], progress: ProgressCallback) -> dict[str, Any]:
        """Open the pages of controls of a run, which can choose the policy files that were uploaded, too."""
        name = text(given.get("run"))
        run = self.opened(name)
        self.sites[name] = self._actions.pages(run, self._usable_policies(run), progress=progress)
        return {"run": name}

    def _usable_policies(self, run: Run | ChargeRun) -> list[str]:
        """Return the paths of uploaded files that are policies of a run's kind without anything doubtful."""
        usable = is_usable if isinstance(run, ChargeRun) else _is_usable
        return [path for name in self._folder.policies() if usable(path := str(self._folder.inside(name)))]

    def opened(self, name: str) -> Run | ChargeRun:
        """Return a run of the folder, over convictions or over charges. Raises RunError if there is none."""
        return open_either(self._folder.inside(name))

    def figures(self, name: str, county: str, court: str = "") -> dict[str, Any]:
        """A run's figures, as its report has them: of a county, a court of it, or the state; all are shown."""
        run = self.opened(name)
        if isinstance(run, ChargeRun):
            return {"run": name, **self._charges.figures(run, county, court)}
        reported = ReportedRun.of(run, None)
        view = reported.of_county(known_county(run, county)) if county else reported.of_state()
        return {
            "run": name,
            "holds": EXTRACTS,
            **figures(page_of(view, "")),
            "counties": [*run.counties],
            "words": {name: county_words(name) for name in run.counties},
            "titles": {name: county_title(name) for name in run.counties},
            "courts": [],
            "as_of": run.info["as_of"],
            "policy": run.info["policy"]["title"],
        }


def default_options() -> Grid:
    """Return the eligibility options that a page begins with: as the counties' screens first showed them."""
    found = family_of(unchanged(PACK))
    assert found is not None
    return found


def policy_of(folder: ServedFolder, given: Mapping[str, Any]) -> tuple[Any, dict[str, str], str]:
    """Return the policy that a page chose: as `run` takes it, its parameters, and its name.

    Raises PolicyError if it is none.
    """
    match given.get("kind"):
        case "options":
            return read(words(given.get("options")), default_options()).options(), {}, "options"
        case "pack":
            name = text(given.get("pack"))
            return pack(name).id, words(given.get("parameters")), name
        case "file":
            path = policy_file(folder, given)
            return path, {}, path.stem
    raise PolicyError("choose eligibility options, a pack, or a policy file")


def packs() -> list[dict[str, Any]]:
    """Return what a page shows of packs over convictions, and their parameters."""
    return [
        {
            "id": document.id,
            "title": document.title,
            "holds": EXTRACTS,
            "state": "",
            "parameters": parameters(document.parameters),
        }
        for document in (pack(name) for name in PACKS if name != PACK)
    ]


def has_workbooks() -> bool:
    """Tell whether the extra `xlsx` is there."""
    return find_spec("xlsxwriter") is not None


def has_papers() -> bool:
    """Tell whether what sets papers is there, of the extra `report`."""
    return find_spec("typst") is not None


def passed_by_name(lines: list[str]) -> list[str]:
    """Return the findings that a refusal says may be passed by name."""
    return [*dict.fromkeys(re.findall(r"--(?:accept|allow) ([a-z0-9-]+)", "\n".join(lines)))]


def _is_usable(path: str) -> bool:
    try:
        choose(path)
    except ClearscaleError:
        return False
    return True
