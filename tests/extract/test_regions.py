"""Extracts read a region at a time, against who reads them as a whole."""

import random
from contextlib import suppress
from itertools import chain
from pathlib import Path

import numpy as np
import pytest

from clearscale.errors import ExtractError
from clearscale.extract import Block, BlockReader, MalformedError, by_names, parsing, reading, regions
from clearscale.extract.coding import EVERYTHING
from clearscale.extract.digest import digest_of
from clearscale.extract.parsing import Workspace
from clearscale.extract.regions import LostError, RegionFound, RegionReader, joined, regions_of
from clearscale.io.source import Source
from clearscale.law import state
from tests.support.examples import examples, seeds

from .test_borders import HEADER, Small

VALUES = [b"", b"a", b"word", b'"in quotes"', b'"say ""no"""', b'"a, comma"', b"\xff", b"x" * 70]
LINE_FEEDS = [b'"two\nlines"', b'"\r\n"', b'"\n\n"']
ENDS = [b"\n", b"\r\n", b"\n\n", b"\r\n\r\n", b"\n\r\n"]
COLUMNS = len(state().format.columns)


def text(rng: random.Random) -> bytes:
    """Records, most of them as they should be."""
    content = rng.choice([b"", b"\xef\xbb\xbf"]) + rng.choice([HEADER + b"\n", HEADER + b"\r\n"])
    values = VALUES + (LINE_FEEDS if rng.random() < 0.3 else [])
    ends = ENDS if rng.random() < 0.2 else ENDS[:2]
    for _ in range(rng.randrange(1, 60)):
        fields = rng.choices(values, k=rng.choice([0, 3, 3, 20])) + [b""] * COLUMNS
        content += b",".join(fields[:COLUMNS]) + rng.choice(ends)
    if rng.random() < 0.1:
        content += rng.choice([b"too,few\n", b'a"b', b'"never closed', b"\n", b"y" * 700])
    return content[:-1] if rng.random() < 0.2 else content


def values_of(block: Block) -> list[tuple[bytes, ...]]:
    columns = [block.column(place) for place in range(COLUMNS)]
    return [
        tuple(bytes(block.data[starts[row] : ends[row]]) for starts, ends in columns)
        for row in range(block.rows.size)
    ]


def test_regions_of_any_length_give_the_records_of_a_whole_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = 0
    outcomes = {"joined": 0, "lost": 0, "malformed": 0}
    for seed in seeds(1500):
        rng = random.Random(seed)
        small = Small(rng, monkeypatch)
        monkeypatch.setattr(parsing, "LONGEST_RECORD", 2500)
        monkeypatch.setattr(regions, "PIECE_BYTES", small.piece)
        monkeypatch.setattr(regions, "_LOOKED_BACK", rng.choice([50, 1000, 3000]))
        block_bytes = rng.choice([1000, 3000, 6000])
        (tmp_path / "extract.csv").write_bytes(text(rng))
        source = Source(str(tmp_path / "extract.csv"))
        whole = BlockReader(source, block_bytes, find_form=by_names, checksum=True)
        try:
            blocks = list(whole)
        except ExtractError:
            continue
        length = source.length()
        assert length is not None
        cut = regions_of(length, whole.form.skip, block_bytes, rng.choice([1, 2, 5]))
        read: list[RegionFound] = []
        values: list[list[tuple[bytes, ...]]] = []
        lines: list[np.ndarray] = []
        try:
            for region in cut:
                with source.open() as file:
                    reader = RegionReader(file, source, region, whole.form, length, Workspace())
                    found = [(values_of(block), block.lines.copy()) for block in reader.blocks(EVERYTHING)]
                    assert reader.found is not None
                    read.append(RegionFound.of(reader.found.document()))
                    assert read[-1] == reader.found
                    values.append([*chain.from_iterable(records for records, _ in found)])
                    lines.append(np.concatenate([of for _, of in found]) if found else np.empty(0, np.int64))
        except LostError:
            outcomes["lost"] += 1
            continue
        except MalformedError:
            outcomes["malformed"] += 1
            continue
        spans = joined(cut, read)
        if spans is None:
            continue
        outcomes["joined"] += 1
        told += len(cut) > 1
        assert spans == tuple(block.span for block in blocks), seed
        assert not any(block.bad for block in blocks), seed
        assert list(chain(*values)) == list(chain(*map(values_of, blocks))), seed
        before = np.cumsum([0, *(found.lines for found in read)])
        counted = [of + first for of, first in zip(lines, before, strict=False)]
        assert np.concatenate(counted).tolist() == [line for block in blocks for line in block.lines], seed
        assert digest_of([piece for found in read for piece in found.digests]) == whole.digest, seed
    assert told > examples(1500) / 20, outcomes
    assert min(outcomes.values()) > examples(1500) / 50, outcomes


def test_a_region_that_begins_within_quotes_is_noticed_though_all_in_it_looks_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut at the wrong line feed, these records look the same as at the right one."""
    commas = b"," * (COLUMNS - 1)
    content = HEADER + b"\n" + (b'"' + commas + b'\n"' + commas + b"\n") * 25
    (tmp_path / "extract.csv").write_bytes(content)
    monkeypatch.setattr(reading, "_LONGEST_OPENING", len(HEADER))
    source = Source(str(tmp_path / "extract.csv"))
    outcomes = set()
    for block_bytes in range(len(HEADER) + 300, len(HEADER) + 500):
        whole = BlockReader(source, block_bytes, find_form=by_names)
        spans = tuple(cut.span for cut in whole.cuts())
        cut = regions_of(len(content), whole.form.skip, block_bytes, 1)
        read = []
        with suppress(MalformedError):  # of the last region, which would end within quotes
            for region in cut:
                with source.open() as file:
                    reader = RegionReader(file, source, region, whole.form, len(content), Workspace())
                    for _ in reader.blocks(EVERYTHING):
                        pass
                    assert reader.found is not None
                    read.append(reader.found)
        if len(read) < len(cut):
            continue
        told = joined(cut, read)
        assert told in (spans, None)
        outcomes.add(told is None)
    assert outcomes == {True, False}, outcomes
