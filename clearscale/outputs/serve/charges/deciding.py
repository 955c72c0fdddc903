"""Charges that stay in memory and are decided anew for each question, by the code that a run decides with."""

import operator
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import reduce
from typing import TypeVar

import numpy as np

from clearscale.charges.tables import Tables
from clearscale.outputs.serve.opening import buckets_of, names_of
from clearscale.relief import OUTCOMES, ChargePolicy, Decider
from clearscale.relief.many import Asked, ManyDecider
from clearscale.runs.charges.counted import Counted, count_decided, counted
from clearscale.runs.charges.packing import Packing
from clearscale.store.charge_store import ChargeStore
from clearscale.whatif.sweep.charges.counting import Scopes, count_scopes, counties
from clearscale_cluster import ProgressCallback
from clearscale_kernels.arrays import Int64s

ALL = tuple(OUTCOMES.values())
"""Outcomes that are counted, whatever policies can give."""

Court = tuple[str, str]
"""(county, court)."""

Found = TypeVar("Found")


class Deciding:
    """A store's charges, read once. progress: of reading.

    counties, courts: those that charges are of, in order. untold: what no record says of people: race, sex.
    """

    def __init__(self, store: ChargeStore, progress: ProgressCallback | None = None) -> None:
        self._names = names_of(store)
        self._buckets = [*buckets_of(store, progress)]
        self._words = store.words
        self._lock = threading.Lock()
        self.counties = tuple(sorted(self._words.counties))
        told = {"race": self._words.races, "sex": self._words.sexes}
        self.untold = frozenset(dimension for dimension, texts in told.items() if not texts)
        self.courts: tuple[Court, ...] = tuple(sorted({pair for part in self._over(self._courts) for pair in part}))

    def decide(self, policy: ChargePolicy, as_of: int) -> Counted:
        """Decide everything by a policy. as_of: day number."""
        decider, packing = Decider(policy, as_of), Packing(self._names, policy)
        counts = reduce(operator.add, self._over(lambda tables: count_decided(tables, decider, packing)))
        return counted(counts, policy, as_of, self._names)

    def figures(self, asked: Sequence[Asked], court: Court | None) -> Int64s:
        """Count under each of some policies: a court; or counties by codes, charges without one, and the state.

        Shape (policies, 2 or counties + 2, figures), of `figures_of(ALL)`; of a court the first is that, the second
        all others.
        """
        decider = ManyDecider(asked)

        def count(tables: Tables) -> Int64s:
            scopes = counties(tables) if court is None else self._of_court(court)
            return count_scopes(tables, decider, (len(asked), ALL), scopes)

        found: Int64s = np.sum(self._over(count), axis=0)
        return found

    def code_of(self, county: str) -> int:
        """Return the code of a county."""
        return self._words.counties.index(county)

    def _over(self, work: Callable[[Tables], Found]) -> list[Found]:
        with self._lock, ThreadPoolExecutor() as threads:
            return list(threads.map(work, self._buckets))

    def _of_court(self, court: Court) -> Scopes:
        county, name = self._words.counties.index(court[0]), self._words.courts.index(court[1])

        def of(tables: Tables) -> Int64s:
            elsewhere: Int64s = ((tables.charges.county != county) | (tables.charges.court != name)).astype(
                np.int64
            )
            return elsewhere

        return Scopes(2, of)

    def _courts(self, tables: Tables) -> list[Court]:
        """The courts of a bucket's charges that name one, and their county."""
        charges, many = tables.charges, len(self._words.courts)
        named = (charges.county >= 0) & (charges.court >= 0)
        pairs = np.unique(charges.county[named].astype(np.int64) * max(many, 1) + charges.court[named])
        return [(self._words.counties[pair // many], self._words.courts[pair % many]) for pair in pairs.tolist()]
