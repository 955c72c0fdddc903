"""What of a store a new snapshot folds anew, and which buckets it takes over from the one before."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np

from clearscale.io.far import each
from clearscale.store.buckets import slices_in
from clearscale.store.held import HeldBucket
from clearscale.store.layout import HISTORIES, PEOPLE
from clearscale.store.manifest import Manifest
from clearscale.store.opened import Store
from clearscale.store.slices import COUNT, Slices
from clearscale_kernels.arrays import Bools, Int64s

from .kept_rows import Source

FEWEST_ROWS = 2**14
"""A bucket with fewer rows is folded with what is folded anyway: that takes less time than its files' opening does
in all that is read from then on."""

MOST_BUCKETS = 2
"""A snapshot has at most so many times the buckets of one that is folded in one go; small ones are joined then."""


def limits() -> tuple[int, int]:
    """What else decides how a snapshot is folded: work that was begun by others is not gone on with."""
    return FEWEST_ROWS, MOST_BUCKETS


@dataclass(frozen=True)
class Refolding:
    """A fold of some slices. before: what is in force, if anything is.

    anew: by slice, whether it is folded. of: in how many buckets. Shape (COUNT,).
    """

    before: Store | None
    anew: Bools
    of: int

    @classmethod
    def planned(
        cls, before: Store | None, manifest: Manifest, touched: Iterable[Int64s], leaving: Sequence[int], rows: int
    ) -> "Refolding":
        """Decide what is folded.

        Parameters
        ----------
        before
            What is in force, if anything is.
        manifest
            Of the new snapshot.
        touched
            Slices with people whose records come, or get others beside them.
        leaving
            Numbers of the extracts that leave.
        rows
            How many records come.

        Returns
        -------
        Refolding
            All slices, unless the snapshot before was folded in slices, by this version and with its charge lists.
        """
        all_of_it = cls(before, np.ones(COUNT, np.bool_), manifest.dealt)
        if before is None or not _still_holds(before.manifest, manifest):
            return all_of_it
        anew = np.zeros(COUNT, np.bool_)
        for numbers in touched:
            anew[numbers] = True
        live = all_of_it.live
        for slices in live:
            for number in leaving:
                anew[slices.with_extract(number)] = True
        held = [(slices.numbers, slices.rows_without(leaving)) for slices in live]
        _with_small_ones(anew, held, manifest.dealt)
        total = sum(int(counts.sum()) for _, counts in held) + rows
        folded = sum(int(counts[anew[numbers]].sum()) for numbers, counts in held) + rows
        return cls(before, anew, max(1, min(manifest.dealt, -(-manifest.dealt * folded // max(total, 1)))))

    @cached_property
    def live(self) -> list[Slices]:
        """The slices of each bucket of the snapshot before, without those that it has elsewhere."""
        if self.before is None:
            return []
        sliced = [held for held in self.before.manifest.held if held.sliced]
        found = each(self.before.folder, partial(slices_in, self.before.files), sliced)
        return [slices.without(held.without) for slices, held in zip(found, sliced, strict=True)]

    def taken_over(self) -> list[tuple[HeldBucket, Slices]]:
        """The buckets that the new snapshot holds, without slices that are folded, and the slices left in each."""
        if self.before is None or not all(held.sliced for held in self.before.manifest.held):
            return []
        found = []
        for held, slices in zip(self.before.manifest.held, self.live, strict=True):
            going = slices.numbers[self.anew[slices.numbers]].tolist()
            if len(going) < len(slices.numbers):
                without = tuple(sorted({*held.without, *going}))
                found.append((replace(held, without=without), slices.without(going)))
        return found

    @property
    def bits(self) -> bytes | None:
        """The slices that are folded, a bit each, None for all."""
        return None if self.anew.all() else np.packbits(self.anew).tobytes()

    def sources(self, wanted: Int64s) -> tuple[Source, ...]:
        """Where the snapshot before has the rows of some slices."""
        if self.before is None or not len(wanted):
            return ()
        found, live = [], iter(self.live)
        buckets = self.before.manifest.dealt
        for held in self.before.manifest.held:
            if held.sliced:
                slices = next(live)
                chosen = np.isin(slices.numbers, wanted)
                files = replace(held, without=())
                if chosen.all() and not held.without:
                    found.append(Source(files))
                elif chosen.any():
                    # As the files have them, beside slices that the snapshot does not have there.
                    whole, numbers = slices_in(self.before.files, held), slices.numbers[chosen]
                    found.append(Source(files, whole.spans(PEOPLE, numbers), whole.spans(HISTORIES, numbers)))
            elif COUNT % buckets:
                found.append(Source(held, slices=tuple(wanted.tolist())))
            elif (wanted % buckets == held.number).any():
                found.append(Source(held))
        return tuple(found)


def _still_holds(before: Manifest, manifest: Manifest) -> bool:
    """Whether what was folded before is what would be folded now."""
    return (
        all(held.sliced for held in before.held)
        and before.charges == manifest.charges
        and before.version == manifest.version
    )


def _with_small_ones(anew: Bools, held: Sequence[tuple[Int64s, Int64s]], dealt: int) -> None:
    """Have buckets folded, too, that are small, or too many.

    held: of each bucket, its slices and how many of their rows stay.
    """
    while True:
        left = [int(rows[~anew[numbers]].sum()) for numbers, rows in held]
        small = [place for place, rows in enumerate(left) if rows < FEWEST_ROWS and not anew[held[place][0]].all()]
        if not small:
            break
        for place in small:
            anew[held[place][0]] = True
    staying = sorted((place for place, rows in enumerate(left) if rows), key=lambda place: -left[place])
    if len(staying) >= MOST_BUCKETS * dealt:
        for place in staying[dealt:]:
            anew[held[place][0]] = True
