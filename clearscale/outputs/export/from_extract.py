"""One extract decided for one county without a store: in memory that grows with its rows' numbers, not its text."""

import contextlib
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa

from clearscale.errors import ExtractError
from clearscale.extract import (
    BlockReader,
    BlockSpan,
    Cut,
    Encoded,
    Form,
    MalformedError,
    Workspace,
    by_position,
    changed,
    code_block,
    encode,
    parse_cut,
)
from clearscale.extract.contradictions import Told, contradictions
from clearscale.extract.doubts import LOOKED_AT, doubt
from clearscale.extract.form import without_surplus
from clearscale.extract.headers import notice_headers
from clearscale.extract.looking import Look
from clearscale.extract.noticed import Noticed
from clearscale.extract.noticing import notice
from clearscale.extract.reading import FindForm
from clearscale.extract.subject_facts import subject_facts
from clearscale.histories.candidates import candidates_of, county_codes, decidable
from clearscale.histories.dictionaries import Dictionaries
from clearscale.histories.folding import Folded, fold_histories
from clearscale.histories.merging import EncodedRows, merge
from clearscale.io.read_ahead import ahead
from clearscale.io.source import Source
from clearscale.law import state
from clearscale.law.offense_texts import Offenses
from clearscale.policy import DISMISS_ALL, DISMISS_ALL_AND_RELATED, AnyPolicy
from clearscale.policy.caseload import caseload_of
from clearscale.policy.model import CODE_SECTION
from clearscale.policy.outcomes import filled_in
from clearscale.runs.evaluate import evaluate
from clearscale.runs.tally import Tally, tally
from clearscale_cluster import ProgressCallback
from clearscale_kernels import flag
from clearscale_kernels.arrays import Bytes, Int32s

from .columns import DecidedRows
from .county import ready_rows
from .other_offenses import OtherOffenses, OtherOffensesCollector, find_other_offenses
from .result_files import CONDENSED_COLUMNS, Copied, ResultFiles

SMALL_BLOCK_BYTES = 8 * 2**20
"""Length of a block here: smaller than in a store's tasks, since several are in memory at a time."""


@dataclass(frozen=True)
class DecidedExtract:
    """lines: records of the extract without its header. convictions: of all counties.

    decided, others: what the result files add to records.

    spans: where the extract's blocks lie. form: how its records stand in them. stamp: that of the file. noticed:
    what is odd in it. cleared: how many of the decided convictions an earlier proceeding cleared, as a record says.
    """

    lines: int
    convictions: int
    tally: Tally
    decided: DecidedRows
    others: OtherOffenses
    spans: list[BlockSpan]
    form: Form
    stamp: str
    noticed: Noticed
    cleared: int


class BadRecordError(ExtractError):
    """Records of the extract cannot be used; the message is that of the first."""


THREADS = 2
"""Threads that read, encode and write an extract's blocks; beside them the caller's keeps the order."""

_BLOCKS_AHEAD = 3
"""Blocks that are in memory beside the one in use."""


def _reported(cuts: Iterable[Cut], source: Source, action: str, progress: ProgressCallback | None) -> Iterator[Cut]:
    """Yield the blocks and report to `progress` how far they reach in kilobytes, if the length is known."""
    length = None if progress is None else source.length()
    for cut in cuts:
        yield cut
        if progress is not None and length:
            progress((cut.span.offset + cut.span.length) // 1000, length // 1000, f"{action} {source.name}")


def _recorded(cuts: Iterable[Cut], spans: list[BlockSpan]) -> Iterator[Cut]:
    for cut in cuts:
        spans.append(cut.span)
        yield cut


@dataclass(frozen=True)
class _EncodedBlock:
    """others: (rows, codes, texts) of the records that have a possible other charge, for `OtherOffensesCollector`.

    unusable: the message of the first record that cannot be used, None if all can. noticed: what is odd in it.
    told: what it says of its subjects, None if some record cannot be used.
    """

    encoded: Encoded
    others: tuple[Int32s, Int32s, list[bytes]]
    unusable: str | None
    noticed: Noticed
    told: Told | None = None


def _encoded(cut: Cut, reader: BlockReader, workspace: Workspace, spare: deque[Bytes]) -> _EncodedBlock:
    """Raise MalformedError if the block has a malformed record. The cut's content is spare afterwards.

    reader: of the cut.
    """
    block = parse_cut(cut, LOOKED_AT, workspace, judge=False, form=reader.form)
    coding = code_block(block, LOOKED_AT, workspace)
    roles = state().format.roles
    codes, texts = find_other_offenses(*coding.coded(roles.offense), *coding.coded(roles.comment))
    places = np.flatnonzero(codes)
    others = (block.rows[places], codes[places], texts)
    encoded = encode(block, coding)
    if block.bad:
        spare.append(cut.content)
        return _EncodedBlock(encoded, others, block.bad[0].message, Noticed())
    noticed = Noticed()
    look = Look(coding, encoded, reader.form.header_lines, noticed)
    notice(look)
    doubt(look)
    noticed.of["lines"] = block.rows.size
    notice_headers(coding, reader.form.header_lines, noticed)
    ids = encoded.subjects["subject_id"]
    told = Told(pa.array(ids, pa.binary()), np.arange(ids.size), subject_facts(look))
    spare.append(cut.content)  # the next block is read into it, so not before all was looked at
    return _EncodedBlock(encoded, others, None, noticed, told)


def _parts(
    blocks: Iterable[_EncodedBlock], dictionaries: Dictionaries, others: OtherOffensesCollector, noticed: Noticed
) -> Iterator[EncodedRows]:
    """Yield the extract's rows with codes of the dictionaries. Raises BadRecordError for unusable records."""
    unusable: str | None = None
    told: list[Told] = []
    for block in blocks:
        encoded, unusable = block.encoded, unusable or block.unusable
        others.add(*block.others)
        noticed.add(block.noticed)
        told += [block.told] if block.told else []
        for name in ("race", "sex"):
            encoded.subjects[name] = dictionaries.encode(name, encoded.subjects[name].tolist())
        remaps = {
            name: dictionaries.encode(name, encoded.texts[name]) for name in ("offense", "county", "count_order")
        }
        yield EncodedRows(0, encoded.rows, encoded.subjects, remaps, encoded.case_numbers)
    if unusable is not None:
        raise BadRecordError(unusable)
    noticed.add(contradictions(told))


def _first_malformed(source: Source, block_bytes: int, find_form: FindForm) -> BadRecordError:
    """Return the error for the first malformed record. Cuts do not lead to it, so all before it are parsed."""
    with contextlib.closing(iter(BlockReader(source, block_bytes, find_form=find_form))) as blocks:
        for block in blocks:
            if block.bad:
                return BadRecordError(block.bad[0].message)
    return BadRecordError(str(changed(source)))


@dataclass(frozen=True)
class _ReadExtract:
    """spans, form, noticed: see `DecidedExtract`."""

    spans: list[BlockSpan]
    folded: Folded
    dictionaries: Dictionaries
    others: OtherOffenses
    form: Form
    noticed: Noticed

    @property
    def records(self) -> int:
        return sum(span.rows for span in self.spans)


def _read_extract(
    source: Source, block_bytes: int, progress: ProgressCallback | None, find_form: FindForm = by_position
) -> _ReadExtract:
    spans: list[BlockSpan] = []
    dictionaries, others, noticed = Dictionaries(), OtherOffensesCollector(), Noticed()
    spare: deque[Bytes] = deque()
    reader = BlockReader(source, block_bytes, find_form=find_form, spare=spare)
    encoded = partial(_encoded, reader=reader, workspace=Workspace(), spare=spare)
    try:
        with contextlib.closing(reader.cuts()) as cuts:
            seen = _reported(_recorded(cuts, spans), source, "read", progress)
            with contextlib.closing(ahead(encoded, seen, THREADS, _BLOCKS_AHEAD)) as blocks:
                histories = merge(_parts(blocks, dictionaries, others, noticed))
    except MalformedError:
        if reader.form.surplus:  # not on every line: then it is none
            return _read_extract(source, block_bytes, progress, without_surplus)
        raise _first_malformed(source, block_bytes, find_form) from None
    folded = fold_histories(histories, dictionaries)
    return _ReadExtract(spans, folded, dictionaries, others.all(), reader.form, noticed)


def fold_extract(source: Source, block_bytes: int = SMALL_BLOCK_BYTES) -> tuple[int, Folded, Dictionaries]:
    """Return (records, convictions and people, dictionaries) of an extract.

    Raises BadRecordError, ExtractError and the OSErrors of the file system. Malformed records are reported before
    those that cannot be used.
    """
    read = _read_extract(source, block_bytes, None)
    return read.records, read.folded, read.dictionaries


def decide_extract(
    source: Source,
    county: str,
    policy: AnyPolicy,
    as_of: int,
    block_bytes: int = SMALL_BLOCK_BYTES,
    *,
    progress: ProgressCallback | None = None,
) -> DecidedExtract:
    """Decide the county's convictions in an extract. as_of: day number. Raises as `fold_extract` does.

    Of a policy map the county's own policy decides.
    """
    policy = policy.of_county(county)
    stamp = source.stamp()
    read = _read_extract(source, block_bytes, progress)
    folded, dictionaries = read.folded, read.dictionaries
    found = candidates_of(folded, dictionaries, county_codes([county], dictionaries))
    offenses = Offenses(dictionaries.texts["offense"])
    caseload = caseload_of([found], *folded.charges, extracts=1, offenses=offenses)
    decisions = [evaluate(caseload, compared, as_of) for compared in (policy, DISMISS_ALL, DISMISS_ALL_AND_RELATED)]
    chosen = decisions[0].in_scope & caseload.own
    places, rules = np.flatnonzero(decidable(folded))[chosen], decisions[0].rules[chosen]
    determinations, reasons = ([texts[rule] for rule in rules] for texts in policy.texts)
    codes = caseload.candidates["offense"][chosen].tolist()
    reasons = [
        filled_in(reason, offenses.written(code)) if CODE_SECTION in reason else reason
        for reason, code in zip(reasons, codes, strict=True)
    ]
    decided = ready_rows(folded.convictions, folded.people, places, determinations, reasons, as_of)
    counted = tally(caseload, decisions, as_of)[0]
    return DecidedExtract(
        lines=read.records,
        convictions=folded.convictions.num_rows,
        tally=counted,
        decided=decided,
        others=read.others,
        spans=read.spans,
        form=read.form,
        stamp=stamp,
        noticed=read.noticed,
        cleared=int(np.count_nonzero(caseload.candidates["flags"][chosen] & flag.CLEARED)),
    )


def write_results(
    source: Source,
    extract: DecidedExtract,
    folder: Path,
    ending: str,
    *,
    progress: ProgressCallback | None = None,
) -> list[Path]:
    """Read the extract again and write its three result files; returns their paths."""
    files = ResultFiles(folder, ending, extract.decided)
    spare: deque[Bytes] = deque()
    workspace = Workspace()

    def copied(cut: Cut) -> Copied:
        try:
            block = parse_cut(cut, CONDENSED_COLUMNS.tolist(), workspace, resolve=False, form=extract.form)
        except MalformedError:
            raise changed(source) from None
        result = files.copied(block, *extract.others.of(block.rows))
        spare.append(cut.content)
        return result

    with files, contextlib.closing(BlockReader(source, spare=spare).cuts_again(extract.spans)) as again:
        cuts = _reported(again, source, "write results of", progress)
        with contextlib.closing(ahead(copied, cuts, THREADS, _BLOCKS_AHEAD)) as ready:
            for lines in ready:
                files.write_copied(lines)
        if source.stamp() != extract.stamp:
            raise changed(source)
    return files.paths
