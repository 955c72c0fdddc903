"""What a dry run says of all files together, those that a store has already among them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from clearscale.charges.tables import NO_DAY
from clearscale.io.files import Folder
from clearscale_kernels.arrays import Int32s

from .folding import CONTRADICTORY, COUNTS, REPEATED
from .gists import Gist, UInt64s
from .groups import ROWS, TEXTS_FILE, group_path, known_in


@dataclass(frozen=True)
class GistTask:
    """A group that a store keeps. bounds: where in its rows each bucket begins, and the end."""

    store: Folder
    file: str
    group: int
    bounds: tuple[int, ...]


def gist_of_group(task: GistTask) -> Gist:
    """The gist of a group that a store keeps."""
    rows, texts = (task.store.read(group_path(task.file, task.group, ending)) for ending in (ROWS, TEXTS_FILE))
    tables = [
        pa.ipc.open_stream(rows[first:end]).read_all()
        for first, end in zip(task.bounds, task.bounds[1:], strict=False)
    ]
    return Gist.of(pa.concat_tables(tables), known_in(pa.ipc.open_file(texts).read_all()))


def counted(gists: Iterable[Gist]) -> Mapping[str, int]:
    """What all charges together count, as buckets count it that are folded; cases are not counted."""
    found: Sequence[Gist] = list(gists)
    keys = np.concatenate([np.empty(0, np.uint64), *(gist.keys for gist in found)])
    people = np.concatenate([np.empty(0, np.uint64), *(gist.people for gist in found)])
    births = np.concatenate([np.empty(0, np.int32), *(gist.births for gist in found)])
    return dict.fromkeys(COUNTS, 0) | {
        "charges": sum(gist.charges for gist in found),
        "people": int(np.unique(people).size),
        REPEATED: int(keys.size - np.unique(keys).size),
        CONTRADICTORY: _with_several(people[births != NO_DAY], births[births != NO_DAY]),
    }


def _with_several(people: UInt64s, births: Int32s) -> int:
    """How many people have several birth dates. Shapes (n,), a pair each."""
    order = np.lexsort((births, people))
    people, births = people[order], births[order]
    later = (people[1:] == people[:-1]) & (births[1:] != births[:-1])
    return int(np.unique(people[1:][later]).size)
