"""What a dry run keeps of charges that it reads, to say what is doubtful about all files together.

A fold sees all charges of a person side by side. A dry run stores none, so each group of blocks leaves a number of
64 bits for each key of a charge and each person: some megabytes of millions of charges. Of as many keys, two have
one number with a chance of one in a million.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clearscale.charges.coding import Known
from clearscale.charges.tables import UNKNOWN, Mark
from clearscale_kernels.arrays import Int32s

UInt64s = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Gist:
    """What is left of some charges.

    Attributes
    ----------
    charges
        How many there are.
    keys
        A number for each case and number in it, of the charges that have both.
    people, births
        A number for each person with a key, and their birth date: each pair once.
    """

    charges: int
    keys: UInt64s
    people: UInt64s
    births: Int32s

    @classmethod
    def of(cls, coded: pa.Table, known: Known) -> "Gist":
        """The gist of charges. known: what their codes stand for."""
        counties = pa.array([*known.texts["county"], ""], pa.string())
        county = coded.column("county").to_numpy()
        codes = pa.array(np.where(county == UNKNOWN, len(counties) - 1, county), pa.int32())
        identity = coded.column("identity").combine_chunks()
        parts = [identity, counties.take(codes), coded.column("number"), coded.column("sequence")]
        keys = pc.binary_join_element_wise(*(_plain(part) for part in parts), "\0").drop_null()
        marks = coded.column("marks").to_numpy()
        known_people = pa.table(
            {"identity": _plain(identity), "birth": coded.column("birth_date").combine_chunks()}
        ).filter(pa.array((marks & Mark.NO_KEY) == 0))
        pairs = known_people.group_by(["identity", "birth"], use_threads=False).aggregate([])
        return cls(
            coded.num_rows,
            _numbers(keys),
            _numbers(pairs.column("identity")),
            pairs.column("birth").to_numpy().astype(np.int32),
        )


def _plain(column: Any) -> pa.Array:
    joined = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return joined.cast(pa.string())


def _numbers(texts: Any) -> UInt64s:
    """A number for each text. Shape (n,)."""
    digests = b"".join(hashlib.blake2b(text.encode(), digest_size=8).digest() for text in texts.to_pylist())
    return np.frombuffer(digests, np.uint64)
