"""One extract decided for one county without a store: in memory that grows with its rows' numbers, not its text."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from clearscale_cluster import ProgressCallback

from ..ahead import ahead
from ..errors import ExtractError
from ..evaluate import CONVICTION_COLUMNS, PEOPLE_COLUMNS, Bucket, columns_of, evaluate
from ..extract import Block, BlockReader, encode
from ..files import Source
from ..policy import DISMISS_ALL, DISMISS_ALL_AND_RELATED, Policy
from ..store.dictionaries import Dictionaries
from ..store.folding import Folded, fold_histories
from ..store.merging import Part, merge
from ..tally import Tally, tally
from .columns import DecidedRows
from .county import ready_rows
from .files import Records, ResultFiles, write_all

SMALL_BLOCK_BYTES = 8 * 2**20
"""Length of a block here, where one is in memory at a time: smaller than a task's, since tasks are not paid for."""


@dataclass(frozen=True)
class Outcome:
    """lines: records of the extract without its header. decided: what the result files add to decided records."""

    lines: int
    tally: Tally
    decided: DecidedRows


class BadRecordError(ExtractError):
    """Records of the extract cannot be used; the message is that of the first."""


def _followed(reader: BlockReader, label: str, progress: ProgressCallback | None) -> Iterator[Block]:
    """The reader's blocks; `progress` is told how far they reach, in kilobytes, where the length is known."""
    length = None if progress is None else reader.source.length()
    for block in ahead(reader):
        yield block
        if progress is not None and length:
            progress((block.span.offset + block.span.length) // 1000, length // 1000, label)


def _parts(reader: BlockReader, dictionaries: Dictionaries, progress: ProgressCallback | None) -> Iterator[Part]:
    """The extract's rows, encoded. Malformed records are reported before those that cannot be used."""
    unusable: str | None = None
    for block in _followed(reader, f"read {reader.source.name}", progress):
        if block.bad:
            raise BadRecordError(block.bad[0].message)
        encoded = encode(block)
        if block.bad and unusable is None:
            unusable = block.bad[0].message
        for name in ("race", "sex"):
            encoded.subjects[name] = dictionaries.encode(name, encoded.subjects[name].tolist())
        remaps = {
            name: dictionaries.encode(name, encoded.texts[name]) for name in ("offense", "county", "count_order")
        }
        yield Part(0, encoded.rows, encoded.subjects, remaps, pa.array(encoded.texts["ofn"], pa.binary()))
    if unusable is not None:
        raise BadRecordError(unusable)


def fold_extract(
    source: Source, block_bytes: int = SMALL_BLOCK_BYTES, *, progress: ProgressCallback | None = None
) -> tuple[int, Folded, Dictionaries]:
    """(records, convictions and people, dictionaries) of an extract.

    Raises BadRecordError, ExtractError and the OSErrors of the file system.
    """
    dictionaries = Dictionaries()
    reader = BlockReader(source, block_bytes)
    folded = fold_histories(merge(_parts(reader, dictionaries, progress)), dictionaries)
    return reader.rows, folded, dictionaries


def decide_extract(
    source: Source,
    county: str,
    policy: Policy,
    as_of: int,
    block_bytes: int = SMALL_BLOCK_BYTES,
    *,
    progress: ProgressCallback | None = None,
) -> Outcome:
    """Decide the county's convictions in an extract. as_of: day number. Raises as `fold_extract` does."""
    lines, folded, dictionaries = fold_extract(source, block_bytes, progress=progress)
    charge_flags, sections = dictionaries.charges()
    bucket = Bucket(
        columns_of(folded.convictions, CONVICTION_COLUMNS),
        columns_of(folded.people, PEOPLE_COLUMNS),
        charge_flags,
        sections,
        np.array([dictionaries.code("county", county.encode("utf-8", "surrogateescape"))], np.int32),
    )
    decisions = [evaluate(bucket, each, as_of) for each in (policy, DISMISS_ALL, DISMISS_ALL_AND_RELATED)]
    chosen = bucket.own_county[decisions[0].places]
    places, rules = decisions[0].places[chosen], decisions[0].rules[chosen]
    determinations, reasons = ([texts[rule] for rule in rules] for texts in decisions[0].texts())
    decided = ready_rows(folded.convictions, folded.people, places, determinations, reasons, as_of)
    return Outcome(lines, tally(bucket, decisions, as_of), decided)


def write_results(
    source: Source,
    outcome: Outcome,
    folder: Path,
    ending: str,
    block_bytes: int = SMALL_BLOCK_BYTES,
    *,
    progress: ProgressCallback | None = None,
) -> list[Path]:
    """Read the extract again and write its three result files; returns their paths."""
    files = ResultFiles(folder, ending, outcome.decided)
    followed = _followed(BlockReader(source, block_bytes), f"write results of {source.name}", progress)
    blocks = (
        Records(block.data, block.starts, block.ends, block.extents, block.canonical, block.rows)
        for block in followed
    )
    write_all(files, blocks)
    return files.paths
