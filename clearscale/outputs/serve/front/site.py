"""The addresses of the front page: itself, what is in the folder, the work under way, figures, and files."""

import contextlib
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from http import HTTPStatus
from typing import Any

from clearscale.errors import ClearscaleError
from clearscale.io.claims import claimed
from clearscale.io.files import Folder
from clearscale.law import state
from clearscale.outputs.report.html import environment, style
from clearscale.outputs.report.words import county_words
from clearscale.outputs.report.writing import NOT_FOR_PUBLICATION
from clearscale.outputs.serve.controls import TEXTS, template_text
from clearscale.outputs.serve.server import Body, Reply
from clearscale.outputs.serve.settings import read
from clearscale.outputs.serve.site import options_shown
from clearscale.runs.charges import ChargeRun
from clearscale.version import VERSION

from .actions import Actions
from .charges import CHARGES, charge_packs, formats, held, maps_of, over_charges
from .folder import UPLOADED, UPLOADS, ServedFolder
from .jobs import Jobs
from .mapping import has_linking
from .work import EXTRACTS, Work, default_options, has_papers, has_workbooks, packs, passed_by_name
from .zipped import copied, zipped

_KINDS = {
    ".csv": "text/csv; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".pdf": "application/pdf",
}
CLAIM = ".clearscale-serve.lock"
"""The claim of a server on its folder: two would do the same work at once."""

SCRIPTS = ("shared.js", "options.js", "front.js", "front-charges.js", "front-maps.js", "front-results.js")
"""What the page runs, in this order."""

_OTHER = "application/octet-stream"
_REPORT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; sandbox allow-downloads"
)
"""A report has its style and what can be saved of it in itself, and no script."""


class FrontSite:
    """What a browser can ask of a folder and have done in it. Raises ClearscaleError without the extra `report`."""

    def __init__(self, folder: ServedFolder, actions: Actions) -> None:
        self._folder, self._actions = folder, actions
        self._claim = contextlib.ExitStack()
        self._work = Work(folder, actions)
        self._fixed = {
            "": Reply(_page().encode(), "text/html; charset=utf-8"),
            "office.toml": Reply(actions.office, "application/toml", file="office.toml"),
            "report.css": Reply(style().encode(), TEXTS[".css"]),
            **{
                name: Reply(template_text(name).encode(), TEXTS[name[name.index(".") :]])
                for name in ("serve.css", "front.css", *SCRIPTS)
            },
        }
        self._asked = {
            "job": self._job,
            "folder": self._listed,
            "figures": self._figures,
            "files": self._files,
            "file": self._file,
            "zip": self._zip,
            "policy.json": self._options,
            "map": self._map,
        }
        self._claim.enter_context(claimed(Folder(str(folder.root)), CLAIM, ClearscaleError))
        self._jobs = Jobs(folder.root, self._work.kinds())

    def close(self) -> None:
        """Stop the work; the next server of this folder goes on with it."""
        self._jobs.close()
        self._claim.close()

    def respond(self, path: str, parameters: Mapping[str, str]) -> Reply | None:
        """Return the reply to an address; see `server.Respond`."""
        if path in self._fixed:
            return self._fixed[path]
        first, slash, rest = path.partition("/")
        if not slash:
            return self._asked[path](parameters) if path in self._asked else None
        of, slash, rest = rest.partition("/")
        if first != "controls" or not slash:
            return None
        site = next((site for name, site in self._work.sites.items() if _key(name) == of), None)
        return None if site is None else site.respond(rest, parameters)

    def receive(self, path: str, parameters: Mapping[str, str], body: Body) -> Reply | None:
        """Return the reply to what the page sends; see `server.Receive`."""
        if path == "upload":
            kind = parameters.get("kind", UPLOADS)
            if kind not in UPLOADED:
                return None
            given_name = parameters.get("name", "")
            return _json({"name": self._folder.receive(kind, given_name, body.length, body.pieces())})
        if path not in ("start", "cancel", "remove", "expect", "map"):
            return None
        given = body.document()
        if path == "map":
            return _json(self._work.maps.save(given))
        words = {key: value for key, value in given.items() if isinstance(value, str)}
        if path == "start":
            asked = given.get("given")
            if not isinstance(asked, dict):
                raise ClearscaleError("what the page sent is no work")
            self._jobs.start(words.get("kind", ""), asked)
        elif path == "cancel":
            self._jobs.cancel()
        elif path == "remove":
            self._folder.remove(words.get("name", ""))
        elif words.get("kind") in UPLOADED and isinstance(given.get("size"), int):
            self._folder.expected(words["kind"], words.get("name", ""), given["size"])
        return self._job({})

    def _job(self, parameters: Mapping[str, str]) -> Reply:
        del parameters
        job = self._jobs.last
        if job is None:
            return _json({"status": "none"})
        document = asdict(job)
        if job.kind == "controls" and job.result:
            run = job.result["run"]
            document["address"] = f"controls/{_key(run)}/" if run in self._work.sites else ""
        return _json({**document, "passable": passed_by_name(job.lines)})

    def _listed(self, parameters: Mapping[str, str]) -> Reply:
        del parameters
        return _json(
            {
                "extracts": self._folder.extracts(),
                "maps": maps_of(self._folder),
                "people": self._folder.people(),
                "offices": self._folder.offices(),
                "policies": [self._policy(name) for name in self._folder.policies()],
                "stores": [store for store in map(self._store, self._folder.stores()) if store],
                "runs": [run for run in map(self._run, self._folder.runs()) if run],
            }
        )

    def _policy(self, name: str) -> dict[str, Any]:
        return {"name": name, "holds": EXTRACTS, "state": "", **over_charges(self._folder.inside(name))}

    def _store(self, name: str) -> dict[str, Any] | None:
        path = self._folder.inside(name)
        try:
            info = self._actions.store_info(path)
            found = {"name": name, "holds": info["holds"], "counts": info["counts"], "counties": []}
            if info["holds"] == CHARGES:
                return {**found, **held(path, info)}
        except ClearscaleError:
            return None  # being made, or damaged: whoever runs it is told
        return {**found, "counties": sorted({extract["county"] for extract in info["extracts"]})}

    def _run(self, name: str) -> dict[str, Any] | None:
        try:
            run = self._work.opened(name)
        except ClearscaleError:
            return None
        holds = CHARGES if isinstance(run, ChargeRun) else EXTRACTS
        return {
            "name": name,
            "holds": holds,
            "policy": run.info["policy"]["title"],
            "as_of": run.info["as_of"],
        }

    def _figures(self, parameters: Mapping[str, str]) -> Reply:
        run, county, court = (parameters.get(name, "") for name in ("run", "county", "court"))
        return _json(self._work.figures(run, county, court))

    def _files(self, parameters: Mapping[str, str]) -> Reply:
        found = self._folder.files_of(parameters.get("folder", ""))
        return _json(
            {"files": [{"name": self._folder.name_of(path), "size": path.stat().st_size} for path in found]}
        )

    def _file(self, parameters: Mapping[str, str]) -> Reply:
        path = self._folder.inside(parameters.get("name", ""))
        if path not in self._folder.files_of(self._folder.name_of(path.parent)):
            raise ClearscaleError("there is no such file or folder below the served folder")
        kind = _KINDS.get(path.suffix, _OTHER)
        if path.suffix == ".html":
            return Reply(b"", kind, sending=partial(copied, path), policy=_REPORT_POLICY)
        return Reply(b"", kind, file=_plain(path.name), sending=partial(copied, path))

    def _zip(self, parameters: Mapping[str, str]) -> Reply:
        folder = self._folder.inside(parameters.get("folder", ""))
        paths = self._folder.files_of(parameters.get("folder", ""))
        return Reply(
            b"", "application/zip", file=f"{_plain(folder.name)}.zip", sending=partial(zipped, paths, folder)
        )

    def _map(self, parameters: Mapping[str, str]) -> Reply:
        return _json({"text": self._work.maps.text(parameters.get("name", ""))})

    def _options(self, parameters: Mapping[str, str]) -> Reply:
        options = read(parameters, default_options()).options()
        return Reply(f"{json.dumps(options, indent=1)}\n".encode(), "application/json", file="policy.json")


def _page() -> str:
    page = (
        environment(template_text)
        .get_template("front.html.j2")
        .render(
            state=state().title,
            warning=NOT_FOR_PUBLICATION,
            **options_shown(default_options()),
            packs=[*packs(), *charge_packs()],
            formats=formats(),
            linking=has_linking(),
            scripts=SCRIPTS,
            counties=[(county.name, county_words(county.name)) for county in state().counties.listed],
            workbooks=has_workbooks(),
            papers=has_papers(),
            footer=f"clearscale {VERSION}",
        )
    )
    return str(page)


def _key(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:16]


def _plain(name: str) -> str:
    """Return a name as a header may have it."""
    return "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "-" for c in name)


def _json(document: Any) -> Reply:
    return Reply(json.dumps(document).encode(), "application/json", HTTPStatus.OK)
