"""What papers say of the run that they are made of: its policy, its records, and what is doubtful about these."""

from collections.abc import Iterator, Mapping
from typing import Any

from clearscale.encoding import readable
from clearscale.errors import StoreError
from clearscale.formats.checking import kinds
from clearscale.law import state
from clearscale.law.findings import Finding, Kinds
from clearscale.outputs.called import called
from clearscale.outputs.report.sources import confidence
from clearscale.runs import Run
from clearscale.runs.charges import ChargeRun
from clearscale.runs.recorded import policy_of
from clearscale.store import open_store
from clearscale.store.charge_store import open_charges
from clearscale.version import VERSION

from .papers import Told


def told_of(run: Run | ChargeRun, county: str) -> Told:
    """What is told of a run in a county. Raises StoreError if its store is not where it was."""
    info = run.info
    trace = (
        ("Run", info["key"]),
        ("Policy", f"{called(info)}, {info['policy_digest']}"),
        ("As of", info["as_of"]),
        ("Snapshot", info["snapshot"]),
        ("clearscale", f"{info['version']}, papers by {VERSION}"),
    )
    if isinstance(run, ChargeRun):
        (records, findings), (policy, rules) = _charge_records(run), _charge_policy(info)
    else:
        (records, findings), (policy, rules) = _records(run, county), _policy(run, county)
    if policy["id"] == info["policy"]["id"]:
        policy["id"] = called(info)
    return Told(trace, policy, rules, tuple(map(_source, policy.pop("sources"))), records, tuple(findings), VERSION)


def related(run: Run | ChargeRun, county: str) -> bool:
    """Whether a policy over convictions decides related charges, too."""
    return not isinstance(run, ChargeRun) and policy_of(run).of_county(county).related


_Rules = tuple[tuple[str, str, str, str], ...]
_Records = tuple[tuple[tuple[str, str], ...], Iterator[tuple[str, str, str]]]


def _policy(run: Run, county: str) -> tuple[dict[str, Any], _Rules]:
    policy = policy_of(run).of_county(county)
    rules = tuple(
        (str(number), rule.reason, rule.determination, rule.law or "-")
        for number, rule in enumerate(policy.rules, start=1)
    )
    sources = [vars(source) for source in policy.sources]
    return {"id": policy.id, "title": policy.title, "sources": sources}, rules


def _charge_policy(info: Mapping[str, Any]) -> tuple[dict[str, Any], _Rules]:
    stated = info["policy"]
    rules = tuple(
        (str(number), rule["reason"], rule["outcome"]["text"], rule["law"] or "-")
        for number, rule in enumerate(stated["rules"], start=1)
    )
    return {"id": stated["id"], "title": stated["title"], "sources": list(stated["sources"])}, rules


def _source(source: Mapping[str, str]) -> str:
    return f"{source['title']}: {source['where']} ({confidence(source['confidence'])})"


def _records(run: Run, county: str) -> _Records:
    manifest = open_store(run.info["store"], run.info["snapshot"]).manifest
    entries = [entry for entry in manifest.extracts if readable(entry.county) == county]
    if not entries:
        raise StoreError(f"{run.info['store']}: has no extract of the county that the run decided")
    own = {entry.id for entry in entries}
    counts = (
        ("Extracts of the county", len(entries)),
        ("Records in them", sum(entry.records for entry in entries)),
        ("Records stored and considered", sum(entry.stored for entry in entries)),
        ("Records set aside, since they could not be used", sum(entry.quarantined for entry in entries)),
    )
    found = [document for document in run.info["findings"] if document["extract"] in own or not document["county"]]
    return _counted(counts), _findings(found, state().findings)


def _charge_records(run: ChargeRun) -> _Records:
    manifest = open_charges(run.info["store"], run.info["snapshot"]).manifest
    counts = (
        ("Files of charges", len(manifest.read)),
        ("Records in them, of all counties", sum(file.records for file in manifest.read)),
        ("Charges stored and considered", sum(file.stored for file in manifest.read)),
        ("Records set aside, since they could not be used", sum(file.quarantined for file in manifest.read)),
    )
    found = [finding.document() for file in manifest.read for finding in file.findings]
    found += [finding.document() for finding in manifest.findings]
    return _counted(counts), _findings(found, kinds())


def _counted(counts: tuple[tuple[str, int], ...]) -> tuple[tuple[str, str], ...]:
    return tuple((name, f"{count:,}") for name, count in counts)


def _findings(found: list[dict[str, Any]], known: Kinds) -> Iterator[tuple[str, str, str]]:
    """(what, how many, what was done) of each kind of finding; those of several files are added up."""
    counts: dict[tuple[str, bool], int] = {}
    for document in found:
        finding = Finding.read(
            {name: value for name, value in document.items() if name not in ("county", "extract")}
        )
        key = finding.name, finding.accepted
        counts[key] = counts.get(key, 0) + finding.count
    for (name, accepted), count in sorted(counts.items()):
        kind = known.listed.get(name)
        words = f"{kind.among} that {kind.says}" if kind else name
        done = "accepted by name when the records were read" if accepted else "told when the records were read"
        yield words, f"{count:,}", done
