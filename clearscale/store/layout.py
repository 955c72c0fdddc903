"""Where things lie in a store. `docs/concepts/store.md` describes the same for readers without clearscale."""

from dataclasses import dataclass

from clearscale.io.files import Folder

FORMAT = 7
"""Version of the layout that is written."""
WHOLE_BUCKETS, FILE_A_BLOCK = 5, 6
"""Versions before it, which are read. In 5, all buckets are the snapshot's own, and say nothing of slices; in both,
each block of records has a file."""

MANIFEST = "manifest.json"
FILES = "files.json"
"""The seals of all files of a snapshot; the manifest has its own."""
PLAN = "plan.arrow"
"""How the codes of staged block groups become the store's, in a snapshot that is not tidied yet."""
FOLDED = ".folded"
"""Markers of the buckets that an ingest has folded."""
RECORDS = "records"
QUARANTINE = "quarantine"
STAGING = "staging"
SNAPSHOTS = "snapshots"
DICTIONARIES = "dictionaries"
HISTORIES, CONVICTIONS, PEOPLE = "histories", "convictions", "people"
TABLES = (HISTORIES, CONVICTIONS, PEOPLE)
"""The datasets of a snapshot that anyone reads, one Parquet file a bucket."""
CANDIDATES, SUBJECTS = "candidates", "subjects"
SLICES = "slices"
"""Where the slices of a bucket lie in its other files, and what is counted of each."""
BUCKETED = (*TABLES, CANDIDATES, SUBJECTS, SLICES)
"""All datasets of a snapshot. What a run reads is kept as it is in memory: it is small, and read every time."""


def block_file(number: int, ending: str) -> str:
    """Name of a block's file."""
    return f"block-{number:05d}.{ending}"


def records_file(number: int) -> str:
    """Name of a file of records of several blocks."""
    return f"records-{number:05d}.parquet"


def group_file(number: int, ending: str) -> str:
    """Name of a staged block group's file."""
    return f"group-{number:05d}.{ending}"


def bucket_file(dataset: str, number: int) -> str:
    """A bucket's file of a dataset, below the snapshot's folder."""
    return f"{dataset}/bucket-{number:05d}.{'parquet' if dataset in TABLES else 'arrow'}"


def records_folder(extract: str) -> str:
    """An extract's folder of records, below the store."""
    return f"{RECORDS}/{extract}"


def quarantine_folder(extract: str) -> str:
    """An extract's folder of quarantined records, below the store."""
    return f"{QUARANTINE}/{extract}"


@dataclass(frozen=True)
class Staging:
    """Where encoded block groups wait for their fold, by how blocks were cut, grouped and dealt out to buckets.

    group_blocks: how many neighboring blocks form a group, fewer only at an extract's end.
    """

    store: Folder
    buckets: int
    block_bytes: int
    group_blocks: int

    def path(self, extract: str) -> str:
        """Where an extract's block groups lie below the store."""
        how = f"buckets-{self.buckets}-bytes-{self.block_bytes}-group-{self.group_blocks}"
        return f"{STAGING}/{extract}/format-{FORMAT}-{how}"

    def of(self, extract: str) -> Folder:
        """The folder of an extract's block groups."""
        return self.store.folder(self.path(extract))

    def groups(self, blocks: int) -> int:
        """How many block groups an extract of `blocks` blocks has."""
        return -(-blocks // self.group_blocks)


def snapshot_path(snapshot: str) -> str:
    """Where a snapshot lies below the store."""
    return f"{SNAPSHOTS}/{snapshot}"


def snapshot_folder(store: Folder, snapshot: str) -> Folder:
    """The folder of a snapshot."""
    return store.folder(snapshot_path(snapshot))


def told_by(store: Folder, snapshot: str) -> tuple[Folder, str]:
    """A store, and the file in it that no other store has so."""
    return store, f"{snapshot_path(snapshot)}/{MANIFEST}"
