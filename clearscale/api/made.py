"""Results that were made from records which are destroyed: runs, sweeps, comparisons, county files and papers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clearscale.errors import ClearscaleError, RunError
from clearscale.io.claims import LOCK, claimed
from clearscale.io.encryption import ENCRYPTION
from clearscale.io.files import Folder
from clearscale.outputs import county_files
from clearscale.outputs.export.all_counties import clear as clear_counties
from clearscale.outputs.packet import folder as packets
from clearscale.runs import finished as runs
from clearscale.runs.run import UNFINISHED
from clearscale.runs.run import clear as clear_run
from clearscale.store.ledger import read_ledger, why_void
from clearscale.store.log import read as read_log
from clearscale.store.manifest import HOLDS
from clearscale.whatif.diff import files as diffs
from clearscale.whatif.sweep import opened as sweeps
from clearscale.whatif.sweep.sweeping import clear as clear_sweep


def _clear_files(names: Sequence[str]) -> Callable[[Folder], None]:
    def clear(folder: Folder) -> None:
        folder.tidy()
        for name in names:
            folder.remove(name)

    return clear


def _clear_unfinished(folder: Folder) -> None:
    """Remove what a run or a sweep left that did not finish."""
    clear_run(folder)
    clear_sweep(folder)


def _one(info: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(str(info["store"]), str(info["snapshot"]))]


@dataclass(frozen=True)
class _Kind:
    """A kind of result.

    finished: the file that says so. claim: of who writes it. clear: removes its files; as long as some are left,
    that file is, or the claim. sources: store and snapshot of each thing that it was made from, by the document in
    that file; None where it does not say. holds: what that document says that it holds, where other folders have a
    file of that name, too.
    """

    finished: str
    claim: str
    clear: Callable[[Folder], None]
    sources: Callable[[Mapping[str, Any]], list[tuple[str, str]]] | None = None
    holds: str = ""

    def is_in(self, folder: Folder) -> bool:
        """Whether a folder has a result of this kind."""
        if not folder.exists(self.finished):
            return False
        if not self.holds:
            return True
        try:
            return bool(folder.read_json(self.finished).get(HOLDS) == self.holds)
        except (ValueError, AttributeError, RecursionError):
            return False


_KINDS = (
    _Kind(packets.MANIFEST, LOCK, packets.clear, _one, packets.PACKET),
    _Kind(runs.INFO, UNFINISHED, clear_run, _one),
    _Kind(sweeps.INFO, UNFINISHED, clear_sweep, _one),
    _Kind(UNFINISHED, UNFINISHED, _clear_unfinished),
    _Kind(diffs.INFO, LOCK, _clear_files(diffs.FILES)),
    _Kind(
        county_files.SUMMARY,
        LOCK,
        _clear_files(
            [
                *(f"{name}.csv" for name in county_files.RESULTS),
                county_files.WORKBOOK,
                county_files.OF_COUNTY,
                county_files.SUMMARY,
            ]
        ),
    ),
    _Kind(county_files.OF_ALL, LOCK, clear_counties, _one),
)

_EMPTIED = _Kind("", LOCK, _clear_files(()))
"""What is left by a command that was killed when it had removed a result and not yet the folder."""


@dataclass(frozen=True)
class Made:
    """A result that is to be destroyed. sources: store and snapshot of what it was made from, if known."""

    folder: Folder
    kind: _Kind
    sources: list[tuple[str, str]]

    @classmethod
    def at(cls, url: str) -> "Made | None":
        """The result in a folder, None if there is no folder. Raises RunError if something else is in it."""
        folder = Folder.rooted(url)
        for kind in _KINDS:
            if kind.is_in(folder):
                if kind.sources is None:
                    return cls(folder, kind, [])
                try:
                    return cls(folder, kind, kind.sources(folder.read_json(kind.finished)))
                except (ValueError, KeyError, TypeError, RecursionError):
                    raise RunError(f"{folder.folder(kind.finished).url}: is damaged; remove the folder") from None
        left = folder.names()
        if {*left} - {LOCK, ENCRYPTION}:
            raise RunError(
                f"{folder.url}: holds no run, sweep, comparison, papers or county's files; name another folder "
                "for --made"
            )
        return cls(folder, _EMPTIED, []) if left or folder.exists() else None

    def destroy(self) -> None:
        """Remove its files, and the folder if nothing else is in it.

        Raises RunError if it is not void, a command is writing into it, or its claim cannot be removed.
        """
        if self.kind.sources is not None and not any(why_void(*source) for source in self.sources):
            snapshots = ", ".join(snapshot for _, snapshot in self.sources)
            raise RunError(f"{self.folder.url}: its snapshot, {snapshots}, lost nothing, so it was left as it is")
        with claimed(self.folder, self.kind.claim, RunError):
            self.kind.clear(self.folder)
            self.folder.remove(ENCRYPTION)
        if self.folder.exists(self.kind.claim):  # a claim that cannot be let go of says nothing
            raise RunError(
                f"{self.folder.folder(self.kind.claim).url}: cannot be removed; check that the credentials allow it"
            )
        self.folder.remove_if_empty()


def made_at(urls: Sequence[str]) -> list[Made]:
    """The results in folders, all of which are looked at before anything is destroyed."""
    found = [Made.at(url) for url in urls]
    return [made for made in found if made is not None]


def destroyed(results: Sequence[Made]) -> tuple[str, ...]:
    """Destroy results; returns their folders. Raises RunError, at the end, for those that cannot be."""
    problems = []
    gone = []
    for made in results:
        try:
            made.destroy()
            gone.append(made.folder.url)
        except ClearscaleError as error:
            problems.append(str(error))
    if problems:
        raise RunError("; ".join(problems))
    return tuple(gone)


def still_there(store: Folder) -> tuple[str, ...]:
    """The folders that, by the store's log, were made from what is void, as far as they are still there."""
    void = {name for entry in read_ledger(store).entries for name in entry["void"]}
    found: dict[str, None] = {}
    for entry in read_log(store).entries if void else ():
        if void & set(str(entry.get("snapshot", "")).split(", ")):
            places = [entry.get("out"), *entry.get("run", ())]
            found.update(dict.fromkeys(place for place in places if place))
    return tuple(place for place in found if _is_there(place))


def _is_there(url: str) -> bool:
    try:
        return Folder(url).exists()
    except (OSError, ClearscaleError):  # nobody can say that it is not
        return True
