"""Results that were made from records which are destroyed: runs, sweeps and county files, destroyed with them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from clearscale.errors import ClearscaleError, RunError
from clearscale.io.encryption import ENCRYPTION
from clearscale.io.files import Folder
from clearscale.outputs import county_files
from clearscale.runs import opened as runs
from clearscale.runs.run import clear as clear_run
from clearscale.store.ledger import read_ledger, why_void
from clearscale.store.log import read as read_log
from clearscale.whatif.sweep import opened as sweeps
from clearscale.whatif.sweep.sweeping import clear as clear_sweep


def _clear_county(folder: Folder) -> None:
    """Remove a county's result files, what says that they are whole first."""
    for name in (county_files.SUMMARY, *(f"{name}.csv" for name in county_files.RESULTS)):
        folder.remove(name)


@dataclass(frozen=True)
class _Kind:
    """A kind of result. finished: the document that says so. named: whether it names store and snapshot."""

    finished: str
    clear: Callable[[Folder], None]
    named: bool


_KINDS = (
    _Kind(runs.INFO, clear_run, True),
    _Kind(sweeps.INFO, clear_sweep, True),
    _Kind(county_files.SUMMARY, _clear_county, False),
)


@dataclass(frozen=True)
class Made:
    """A result that is to be destroyed."""

    folder: Folder
    kind: _Kind
    store: str
    snapshot: str

    @classmethod
    def at(cls, url: str) -> "Made | None":
        """The result in a folder, None if there is nothing in it. Raises RunError if there is something else."""
        folder = Folder.rooted(url)
        for kind in _KINDS:
            if folder.exists(kind.finished):
                if not kind.named:
                    return cls(folder, kind, "", "")
                try:
                    info = folder.read_json(kind.finished)
                    return cls(folder, kind, str(info["store"]), str(info["snapshot"]))
                except (ValueError, KeyError, TypeError, RecursionError):
                    raise RunError(f"{folder.folder(kind.finished).url}: is damaged; remove the folder") from None
        if folder.names():
            raise RunError(
                f"{url}: holds no run, sweep or county's files that could be destroyed; name another folder"
            )
        return None

    def destroy(self) -> None:
        """Remove its files, and the folder if nothing else is in it. Raises RunError if it is not void."""
        if self.kind.named and why_void(self.store, self.snapshot) is None:
            raise RunError(
                f"{self.folder.url}: its snapshot, {self.snapshot}, lost nothing, so it was left as it is"
            )
        self.kind.clear(self.folder)
        self.folder.remove(ENCRYPTION)
        self.folder.remove_if_empty()


def made_at(urls: Sequence[str]) -> list[Made]:
    """The results in folders, all of which are looked at before anything is destroyed."""
    found = [Made.at(url) for url in urls]
    return [made for made in found if made is not None]


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


def destroyed(results: Sequence[Made]) -> tuple[str, ...]:
    """Destroy results; returns their folders. Raises ClearscaleError for the first that cannot be."""
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
