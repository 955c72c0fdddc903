"""Records copied as they stand in an extract, against the same records written anew from their values."""

import random
from pathlib import Path

import numpy as np
import pytest

from clearscale.extract import BlockReader, Cut, parse_cut
from clearscale.extract.form import Form
from clearscale.io.source import Source
from clearscale_kernels.jit import vectors
from clearscale_kernels.text.copying import Copies, copy_records, record_scratch, room_for
from clearscale_kernels.text.records import Records, Suffixes
from tests.kernels.test_lines import LONG_HEADER, PLAIN, SURPLUS, WIDTH, as_given, naive, record

SUFFIXES = (b",one", b',"two, or more"', b",")


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("block_bytes", [1, 2000, 2**20])
def test_copied_records_are_as_written_anew(tmp_path: Path, seed: int, block_bytes: int) -> None:
    rng = random.Random(seed)
    records = [record(rng) for _ in range(40)]
    surplus = seed % 3 == 0
    ends = [rng.choice(SURPLUS if surplus else (*PLAIN, b"\n\r\n")) for _ in records]
    path = tmp_path / "extract.csv"
    content = b"".join(as_given(values, rng) + end for values, end in zip(records, ends, strict=True))
    content = LONG_HEADER * surplus + content
    path.write_bytes(content if seed % 2 else content.removesuffix(b"\n"))
    columns = rng.sample(range(WIDTH), 20)
    of_record = np.array([rng.randrange(len(SUFFIXES)) for _ in records], np.int32)
    decided = np.array([rng.random() < 0.2 for _ in records])
    found: tuple[bytes, ...] = (b"", b"", b"")
    reader = BlockReader(Source(str(path)), block_bytes)
    for cut in reader.cuts():
        rows = slice(cut.span.first_row, cut.span.first_row + cut.span.rows)
        written = copied(cut, reader.form, columns, of_record[rows], decided[rows])
        found = tuple(before + more for before, more in zip(found, written, strict=True))
    # A quoted CRLF is read as LF.
    fields = [[naive(value.replace(b"\r\n", b"\n")) for value in values] for values in records]
    added = [SUFFIXES[place] + b"\n" for place in of_record]
    full = [b",".join(values) + more for values, more in zip(fields, added, strict=True)]
    some = [b",".join(values[c] for c in columns) + more for values, more in zip(fields, added, strict=True)]
    assert found == (
        b"".join(full),
        b"".join(some),
        b"".join(line for line, wanted in zip(full, decided, strict=True) if wanted),
    )


def copied(
    cut: Cut, form: Form, columns: list[int], of_record: np.ndarray, decided: np.ndarray
) -> tuple[bytes, ...]:
    block = parse_cut(cut, columns, resolve=False, form=form)
    content = np.frombuffer(b"".join(SUFFIXES) + bytes(vectors.WIDTH), np.uint8)
    suffixes = Suffixes(content, np.cumsum([0, *map(len, SUFFIXES)]), of_record)
    room = room_for(cut.span.length, suffixes)
    outs = tuple(np.full(room + vectors.WIDTH, 0xAA, np.uint8) for _ in range(3))
    sizes = copy_records(
        Records(block.data, block.starts, block.ends, block.extents, block.canonical),
        np.array(columns),
        suffixes,
        decided,
        record_scratch(WIDTH),
        Copies(*outs),
    )
    assert max(sizes) <= room
    return tuple(out[:size].tobytes() for out, size in zip(outs, sizes, strict=True))
