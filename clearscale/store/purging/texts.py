"""Texts of dictionaries that no row has any more: they may be one person's, so they are blotted out.

Codes stay what they are, so that nothing else changes: in the place of a text stands one that no record has.
"""

import numpy as np
import pyarrow as pa

from clearscale.histories.dictionaries import NAMES
from clearscale.io.seals import Seal
from clearscale.store.layout import DICTIONARIES, snapshot_path
from clearscale.store.opened import Store
from clearscale_kernels.arrays import Bools

from .work import Work

_BLOT = b"\0"
_LETTERS = bytes.maketrans(b"0123456789", b"abcdefghij")
_NO_SECTION = -1


def blot(code: int) -> bytes:
    """What stands in the place of a text: without digits, which would look like a code section."""
    return _BLOT + str(code).encode().translate(_LETTERS)


def blot_unused(work: Work, store: Store, new: str, used: dict[str, Bools]) -> tuple[dict[str, Seal], int]:
    """Prepare a snapshot's dictionaries without the texts of unused codes.

    new: name of the snapshot when all is done. used: by dictionary and code, in any kept snapshot. Returns the
    seals of the files, and how many texts go.
    """
    old = snapshot_path(store.manifest.snapshot)
    seals: dict[str, Seal] = {}
    count = 0
    for name in NAMES:
        texts = store.snapshot.read_parquet(f"{DICTIONARIES}/{name}.parquet").column("text").to_pylist()
        unused = [code for code in np.flatnonzero(~used[name][: len(texts)]).tolist() if texts[code] != blot(code)]
        if not unused:
            continue
        count += len(unused)
        for code in unused:
            texts[code] = blot(code)
        file = f"{DICTIONARIES}/{name}.parquet"
        target = f"{snapshot_path(new)}/{file}"
        table = pa.table({"text": pa.array(texts, pa.binary())})
        seals[target] = work.table(f"{old}/{file}", target, len(texts), table)
        if name == "offense":
            seals |= _no_charges(work, store, new, unused)
    return seals, count


def _no_charges(work: Work, store: Store, new: str, codes: list[int]) -> dict[str, Seal]:
    """Prepare what each offense is: the blotted ones are no charges."""
    file = f"{DICTIONARIES}/charges.parquet"
    table = store.snapshot.read_parquet(file)
    flags, section = (table.column(name).to_numpy().copy() for name in ("flags", "section"))
    flags[codes], section[codes] = 0, _NO_SECTION
    target = f"{snapshot_path(new)}/{file}"
    after = pa.table({"flags": flags, "section": section})
    return {target: work.table(f"{snapshot_path(store.manifest.snapshot)}/{file}", target, table.num_rows, after)}
