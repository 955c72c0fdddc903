"""Verification: every file of a store, a run or a sweep compared with what was written."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from clearscale.errors import ClearscaleError, StoreError
from clearscale.io.files import Folder
from clearscale.io.sealed import Guard, SealedFolder, read_document, sealed
from clearscale.io.seals import Seal
from clearscale.io.shared import seen_by_all
from clearscale.runs.located import located
from clearscale.store import Store
from clearscale.store.any_manifest import AnyManifest, manifest_in_force, manifest_of
from clearscale.store.charge_manifest import ChargeManifest
from clearscale.store.charge_store import ChargeStore
from clearscale.store.charge_tables import CHARGES, charge_file
from clearscale.store.layout import (
    CANDIDATES,
    DICTIONARIES,
    FILES,
    MANIFEST,
    PLAN,
    SNAPSHOTS,
    snapshot_folder,
    snapshot_path,
    told_by,
)
from clearscale.store.ledger import GUARD as LEDGER_GUARD
from clearscale.store.ledger import LEDGER, read_ledger, why_void
from clearscale.store.log import read as read_log
from clearscale.store.manifest import (
    GUARD,
    IN_FORCE,
    OtherFormatError,
    UnderWayError,
    no_store,
)
from clearscale.store.sealed import sealed_files
from clearscale_cluster import Cluster, Label, ProgressCallback
from clearscale_cluster.label import BYTES
from clearscale_cluster.shown import shown

BYTES_A_TASK = 64 * 2**20


@dataclass(frozen=True)
class Damage:
    """A file that is not what was written.

    Attributes
    ----------
    file : str
        Its path or URL.
    what : str
        What is wrong with it.
    remedy : str
        What to do about it.
    """

    file: str
    what: str
    remedy: str

    @classmethod
    def of(cls, error: ClearscaleError, *guards: Guard) -> "Damage":
        """Read the damage from an error of one of the guards'."""
        guard = next((guard for guard in guards if str(error).endswith(guard.remedy)), guards[0])
        return cls(*guard.told(str(error)), guard.remedy)


@dataclass(frozen=True, repr=False)
class Verification:
    """What was found when files were compared with what was written.

    Attributes
    ----------
    files : int
        Files that were looked at.
    bytes : int
        Bytes that they had when they were written.
    damaged : tuple of Damage
        Those that are not as they were written.
    """

    files: int
    bytes: int
    damaged: tuple[Damage, ...]

    def __repr__(self) -> str:
        return f"Verification(files={self.files}, bytes={self.bytes}, damaged={len(self.damaged)})"

    def __add__(self, other: "Verification") -> "Verification":
        return Verification(self.files + other.files, self.bytes + other.bytes, self.damaged + other.damaged)


@dataclass(frozen=True)
class _Task:
    """Files of a snapshot by their paths below the store."""

    store: Folder
    manifest: AnyManifest
    paths: tuple[str, ...]


def verify_store(url: str, cluster: Cluster, *, progress: ProgressCallback | None = None) -> Verification:
    """Compare all files of all snapshots; see `clearscale.verify`."""
    store = Folder.rooted(url)
    found = Verification(0, 0, ())
    current: AnyManifest | None = None
    try:
        current = manifest_in_force(store)
        if current is None:
            raise no_store(url)
    except StoreError as error:
        if isinstance(error, OtherFormatError | UnderWayError) or not store.exists(MANIFEST):
            raise
        found += Verification(0, 0, (Damage.of(error, IN_FORCE, GUARD),))
    names = store.folder(SNAPSHOTS).names()
    finished = {name for name in names if snapshot_folder(store, name).exists(MANIFEST)}
    finished |= {name for name in set(names) - finished if _lacks_manifest(snapshot_folder(store, name))}
    tasks: list[_Task] = []
    sizes: list[int] = []
    done: dict[str, set[Seal]] = {}
    for name in sorted(finished | ({current.snapshot} if current else set())):
        manifest = current if current and current.snapshot == name else None
        try:
            manifest = manifest_of(store, name)
        except StoreError as error:
            found += Verification(0, 0, (Damage.of(error, GUARD),))
        if manifest is None:
            continue
        try:
            files = sealed_files(store, manifest, anew=True)
        except StoreError as error:
            found += Verification(0, 0, (Damage.of(error, GUARD),))
            continue
        # Most records are in several snapshots.
        fresh = [path for path, seal in files.seals.items() if seal not in done.setdefault(path, set())]
        for path in fresh:
            done[path].add(files.seals[path])
        shares = list(_shares(files, fresh))
        tasks += [_Task(store, manifest, paths) for paths in shares]
        sizes += [sum(files.seals[path].length for path in paths) for paths in shares]
    found += Verification(1 + 2 * len(finished), 0, ())  # manifests and lists of files
    found += _verify_ledger(store) + _verify_log(store)
    label = Label("verify files", BYTES, sizes)
    with seen_by_all(cluster, read=[told_by(store, task.manifest.snapshot) for task in tasks[:1]]):
        for _, looked in cluster.map(_verify, tasks, label=label, progress=progress):
            found += looked
    return replace(found, damaged=tuple(sorted(set(found.damaged), key=lambda damage: damage.file)))


def _lacks_manifest(snapshot: Folder) -> bool:
    """Whether a snapshot without a manifest had one: one that an ingest has not finished still has its plan."""
    return snapshot.exists(FILES) and snapshot.exists(DICTIONARIES) and not snapshot.exists(PLAN)


def _verify_ledger(store: Folder) -> Verification:
    """Read what says which records were destroyed, if any were."""
    try:
        read_ledger(store)
    except StoreError as error:
        return Verification(1, 0, (Damage.of(error, LEDGER_GUARD),))
    return Verification(int(store.exists(LEDGER)), 0, ())


def _verify_log(store: Folder) -> Verification:
    """Look whether the log only grew."""
    found = read_log(store)
    if not found.problems:
        return Verification(found.files, 0, ())
    what = f"damaged (its content is not what was written: {found.problems[0]})"
    remedy = "find out who changed it; `clearscale log` shows what is left"
    return Verification(found.files, 0, (Damage(store.folder(found.name).url, what, remedy),))


def _shares(files: SealedFolder, paths: list[str]) -> Iterator[tuple[str, ...]]:
    """Share files out to tasks, a bucket's candidates and subjects to one."""
    share: list[str] = []
    size = 0
    for path in sorted(paths, key=lambda path: path.rpartition("/")[2]):
        share.append(path)
        size += files.seals[path].length
        if size >= BYTES_A_TASK:
            yield tuple(share)
            share, size = [], 0
    if share:
        yield tuple(share)


def _wholes(task: _Task) -> dict[str, Callable[[], object]]:
    """How what belongs together is read, by the paths of the files that it begins with."""
    if isinstance(task.manifest, ChargeManifest):
        charges, of_snapshot = ChargeStore(task.store, task.manifest), snapshot_path(task.manifest.snapshot)
        buckets = range(task.manifest.dealt)
        return {
            f"{of_snapshot}/{charge_file(CHARGES, number)}": partial(charges.tables, number) for number in buckets
        }
    store = Store(task.store, task.manifest)
    held = enumerate(task.manifest.held)
    return {bucket.path(CANDIDATES): partial(store.candidates, place) for place, bucket in held}


def _verify(task: _Task) -> Verification:
    files, damaged = sealed_files(task.store, task.manifest), []
    wholes = _wholes(task)
    for path in task.paths:
        try:
            files.compare(path)
            if not path.startswith(f"{SNAPSHOTS}/"):
                continue
            if path in wholes:
                wholes[path]()
            elif path.endswith(".arrow"):
                files.read_arrow(path)
            else:
                files.read_parquet(path)
        except StoreError as error:
            # What is read with another file is told of by itself.
            damage = Damage.of(error, GUARD)
            if damage.file == shown(files.folder(path).url):
                damaged.append(damage)
    return Verification(len(task.paths), sum(files.seals[path].length for path in task.paths), tuple(damaged))


def verify_finished(url: str, name: str, guard: Guard) -> Verification:
    """Compare all files of a run or a sweep, and ask its store whether it is void.

    name: of the document that it was finished with.
    """
    folder = Folder.rooted(url)
    try:
        info = read_document(folder, name, guard)
        files = sealed(folder, name, info, guard)
    except guard.error as error:
        return Verification(1, 0, (Damage.of(error, guard),))
    damaged = []
    if (why := why_void(located(folder, info)["store"], info["snapshot"])) is not None:
        what, _, remedy = why.partition("; ")
        damaged.append(Damage(shown(folder.url), what.removeprefix("is "), remedy))
    for path in files.seals:
        try:
            files.compare(path)
        except guard.error as error:
            damaged.append(Damage.of(error, guard))
    return Verification(1 + len(files.seals), sum(seal.length for seal in files.seals.values()), tuple(damaged))
