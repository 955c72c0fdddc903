"""A bucket that a snapshot holds: in files of its own, or in those of a snapshot before."""

from dataclasses import dataclass

from .layout import bucket_file, snapshot_path


@dataclass(frozen=True)
class HeldBucket:
    """A bucket of a snapshot.

    Attributes
    ----------
    snapshot : str
        The snapshot that folded it: its folder has the files, whether or not that snapshot is still kept.
    number : int
        The bucket's number there.
    without : tuple of int
        Slices of the files that are no part of this snapshot, in order: it has them in a later bucket, or not at
        all.
    sliced : bool
        Whether the files say where each slice lies. Those of format 5 do not.
    """

    snapshot: str
    number: int
    without: tuple[int, ...] = ()
    sliced: bool = True

    def path(self, dataset: str) -> str:
        """Where its file of a dataset lies below the store."""
        return f"{snapshot_path(self.snapshot)}/{bucket_file(dataset, self.number)}"
