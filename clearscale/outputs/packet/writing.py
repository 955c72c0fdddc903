"""Write a packet: all papers of a county or court, and a manifest, into a folder that has all of it or nothing."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clearscale.errors import RunError
from clearscale.io.claims import LOCK, claimed
from clearscale.io.files import Folder
from clearscale.io.sealed import finish, holds
from clearscale.io.seals import Seal
from clearscale.law import papers_of, state
from clearscale.law.papers import Papers, PaperWords
from clearscale.outputs.lists import Wanted, listed
from clearscale.runs import Run
from clearscale.runs.charges import ChargeRun
from clearscale.store.manifest import HOLDS
from clearscale.version import VERSION
from clearscale_cluster import ProgressCallback
from clearscale_cluster.scratch import scratch_folder

from .examples import example_jobs
from .folder import GUARD, MANIFEST, PACKET, clear, require_own
from .lines import Fate, Sorted, by_person, sort_out, words_of
from .office import Office
from .papers import Packet
from .setting import Job, Setter
from .templates import digest_of, packaged_templates, read_templates
from .told import related, told_of

MOST_LINES = 1500
"""Lines of an order at most: more are dealt out to several orders, since what sets them holds a paper in memory."""

PEOPLE_TOGETHER = 250
"""People of a file of notices at most."""

_BATCH = 40
"""Files of one person each that a process sets one after the other."""


@dataclass(frozen=True)
class Asked:
    """What a packet is asked for.

    Attributes
    ----------
    county, court, agency
        As records write them; empty for all, but of one county.
    final
        Whether papers are no drafts.
    accepted
        Flags that keep nothing out of an order.
    each_person
        Whether each person's notice is a file of its own.
    """

    county: str = ""
    court: str = ""
    agency: str = ""
    final: bool = False
    accepted: tuple[str, ...] = ()
    each_person: bool = False


@dataclass(frozen=True)
class Made:
    """With what papers are made. office: None for the made-up one. templates, fonts: folders, None for none."""

    office: Path | None = None
    templates: Path | None = None
    fonts: Path | None = None


def write(
    run: Run | ChargeRun, out: str, asked: Asked, made: Made, progress: ProgressCallback | None = None
) -> list[str]:
    """Write a packet; see `clearscale.packet`."""
    office = Office.packaged() if made.office is None else Office.read(made.office)
    templates = packaged_templates() if made.templates is None else read_templates(made.templates)
    sources = templates | (dict([office.seal]) if office.seal else {})
    setter = Setter(sources, made.fonts)
    setter.require()
    papers = papers_of(run.info["policy"]["state"]) if isinstance(run, ChargeRun) else state().papers
    words = words_of(run, papers)
    document = _document(run, asked, office, sources, made.fonts)
    folder = Folder(out)
    if not holds(folder, MANIFEST, document["key"], GUARD):
        require_own(folder)
        with scratch_folder("packet") as scratch:
            if made.templates is not None:
                setter.try_out(example_jobs(office, papers, words), scratch)
            packet = _packet(run, asked, office, papers, words)
            if asked.final:
                require_filled(packet)
            jobs = packet.jobs()
            require_whole(packet.found, jobs)
            setter.set_all(_batches(jobs), scratch, progress)
            with claimed(folder, LOCK, RunError):
                require_own(folder)
                _write(folder, scratch, jobs, {**document, **_counts(packet)})
    names: Mapping[str, str] = folder.read_json(MANIFEST)["sha256"]
    return [f"{out.rstrip('/')}/{name}" for name in (*names, MANIFEST)]


def _document(
    run: Run | ChargeRun, asked: Asked, office: Office, sources: Mapping[str, bytes], fonts: Path | None
) -> dict[str, Any]:
    """What decides the papers, with its key, which is the same for the same papers."""
    files = (
        {}
        if fonts is None
        else {file.name: file.read_bytes() for file in sorted(fonts.iterdir()) if file.is_file()}
    )
    document = {
        HOLDS: PACKET,
        "run": run.info["key"],
        "run_digest": run.info["digest"],
        "policy": run.info["policy"]["id"],
        "policy_digest": run.info["policy_digest"],
        "as_of": run.info["as_of"],
        "snapshot": run.info["snapshot"],
        "version": VERSION,
        "county": asked.county,
        "court": asked.court,
        "agency": asked.agency,
        "final": asked.final,
        "accepted": sorted(asked.accepted),
        "a_file_a_person": asked.each_person,
        "office": office.digest,
        "templates": digest_of(sources),
        "fonts": digest_of(files),
    }
    key = hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
    # Where the store lies decides nothing.
    return {**document, "key": key, "store": run.info["store"]}


def _packet(run: Run | ChargeRun, asked: Asked, office: Office, papers: Papers, words: PaperWords) -> Packet:
    """Read the lines. Raises RunError if they are of no county or several, or are not those of the run's tables."""
    wanted = Wanted(
        counties=(asked.county,) if asked.county else (),
        courts=(asked.court,) if asked.court else (),
        agencies=(asked.agency,) if asked.agency else (),
    )
    found = sort_out(listed(run, wanted), run, papers, asked.accepted)
    if not found.total:
        raise RunError(f"{run.folder.url}: the run decided nothing in the county or court that is asked for")
    if len(found.counties) > 1:
        raise RunError(
            f"what is asked for is in {len(found.counties)} counties, and papers are for one: add --county"
        )
    county = next(iter(found.counties))
    require_counts(run, county, found, part=bool(asked.court or asked.agency))
    return Packet(
        office=office,
        papers=papers,
        words=words,
        told=told_of(run, county),
        found=found,
        county=county,
        where=asked.court or asked.agency,
        final=asked.final,
        most=MOST_LINES,
        people_each=1 if asked.each_person else PEOPLE_TOGETHER,
        related=related(run, county),
    )


def require_filled(packet: Packet) -> None:
    """Raise RunError if the words of an order leave a blank for counsel."""
    if "[" in packet.grounds:
        raise RunError(
            f"the order's words leave open which statute gives the relief, “{packet.grounds}”: say so in your "
            "office's file, [order] grounds"
        )


def require_counts(run: Run | ChargeRun, county: str, found: Sorted, *, part: bool) -> None:
    """Raise RunError if lines by outcome are not those of the run's tables. part: of the county, so at most."""
    of_tables: Counter[str] = Counter()
    if isinstance(run, ChargeRun):
        for row in run.table("charges").to_pylist():
            if row["scope"] == "county" and (row["county"] or "") == county:
                of_tables[row["outcome"]] += row["charges"]
    else:
        name = state().counties.group(county)
        for row in run.table("convictions").select(["county", "determination", "convictions"]).to_pylist():
            if row["county"] == name:
                of_tables[row["determination"]] += row["convictions"]
    lines, of_tables = found.by_outcome(), +of_tables
    if lines != of_tables and not (part and lines <= of_tables):
        raise RunError(
            f"{run.folder.url}: the cases of its decisions are not those of its tables, by outcome; its files were "
            "changed or are of several runs: make the run again in a new folder"
        )


def require_whole(found: Sorted, jobs: Sequence[Job]) -> None:
    """Raise RunError if papers do not have every line once: each order's totals are those of its list."""
    rows: Counter[str] = Counter()
    for job in jobs:
        if job.paper == "notice":
            rows["notice"] += sum(len(person["cases"]) for person in job.data["people"])
        elif job.paper in ("order", "review"):
            own = sum(len(group["rows"]) for group in job.data["groups"])
            rows[job.paper] += own
            *parts, total = (int(row[1].replace(",", "")) for row in job.data["totals"])
            if not own == total == sum(parts):
                raise RunError("the totals of a paper are not those of its list: nothing was written")
    kept = sum(len(lines) for fate, lines in found.lines.items() if fate is not Fate.ORDERED)
    ordered = len(found.lines[Fate.ORDERED])
    if +rows != +Counter({"order": ordered, "notice": ordered, "review": kept}):
        raise RunError("the papers do not have every line once: nothing was written")


def _batches(jobs: Sequence[Job]) -> list[list[Job]]:
    """Jobs for a process each: small ones together, large ones alone and first."""
    single = [job for job in jobs if "/" in job.name]
    large = sorted(([job] for job in jobs if "/" not in job.name), key=lambda batch: -batch[0].size)
    return large + [single[first : first + _BATCH] for first in range(0, len(single), _BATCH)]


def _counts(packet: Packet) -> dict[str, Any]:
    """What a packet's manifest counts."""
    ordered = packet.found.lines[Fate.ORDERED]
    return {
        "in_county": packet.county,
        "decided": packet.found.total,
        "outcomes": {
            fate.name.lower(): {
                outcome: count
                for (own, outcome), count in sorted(packet.found.counts.items(), key=str)
                if own is fate
            }
            for fate in Fate
        },
        "ordered": dict(sorted(Counter(line.relief for line in ordered).items())),
        "people": len(by_person(ordered)),
        "doubts": dict(sorted(packet.found.doubts.items())),
        "looked_at": dict(sorted(packet.found.looked_at.items())),
    }


def _write(folder: Folder, scratch: Path, jobs: Sequence[Job], document: dict[str, Any]) -> None:
    """Write all files, and last the manifest; nothing stays if one cannot be written."""
    clear(folder)
    seals: dict[str, Seal] = {}
    digests: dict[str, str] = {}
    try:
        for job in jobs:
            content = (scratch / job.name).read_bytes()
            seals[job.name] = folder.write(job.name, content)
            digests[job.name] = hashlib.sha256(content).hexdigest()
        finish(folder, MANIFEST, {**document, "sha256": digests}, seals, own=True)
    except BaseException:
        clear(folder)
        raise
