"""Extracts scanned in stretches, against who reads them as a whole."""

import hashlib
import random
from pathlib import Path

import numpy as np
import pytest

from clearscale.errors import ExtractError
from clearscale.extract import BlockReader, MalformedError, by_names, digest, parsing, reading, stretches
from clearscale.extract.borders import blocks_of
from clearscale.extract.digest import digest_of
from clearscale.extract.stretches import Expected, Stretch, scan_stretch
from clearscale.io.source import Source
from clearscale.law import state
from clearscale_kernels.text.cutting import LineEnds, line_ends
from tests.support.examples import examples, seeds

HEADER = ",".join(state().format.columns).encode()
OPENING = len(HEADER) + 100

ENDS = [b"\n", b"\r\n", b"\n\n", b"\r\n\r\n", b"\n\r\n", b"\n\r", b"\r", b""]
PIECES = [b",", b"a", b"word", b'"two\nlines"', b'"say ""no"""', b'"\r\n"', b'""', b"\xff", b"x" * 70]
DAMAGE = [b'"', b'\n"', b'",\n', b"\r"]


def text(rng: random.Random) -> bytes:
    """Records of any length, mostly well formed."""
    content = rng.choice([b"", b"\xef\xbb\xbf"]) + rng.choice([b"", HEADER + b"\n", HEADER + b"\r\n"])
    likely = rng.choice([(9, 0), (9, 9), (3, 9)])
    for _ in range(rng.randrange(1, 60)):
        content += b"".join(rng.choices(PIECES, k=rng.choice([0, 1, 3, 12])))
        content += rng.choice(ENDS if rng.random() * 10 > likely[0] else ENDS[:2])
        if rng.random() * 10 > likely[1]:
            content += rng.choice(DAMAGE)
    if rng.random() < 0.1:
        content += b"y" * rng.choice([700, 5000]) + rng.choice(ENDS)
    return content + rng.choice([b"", b"\n", b"\r", b"end", b'"'])


class Small:
    """Everything in bytes instead of megabytes."""

    def __init__(self, rng: random.Random, patch: pytest.MonkeyPatch) -> None:
        self.piece = rng.choice([7, 16, 64, 100])
        self.stretch = self.piece * rng.choice([1, 2, 5])
        self.block = rng.choice([1, 40, 90, 300, 1500])
        patch.setattr(reading, "_LONGEST_OPENING", OPENING)
        patch.setattr(parsing, "LONGEST_RECORD", 500)
        patch.setattr(digest, "PIECE_BYTES", self.piece)
        patch.setattr(stretches, "PIECE_BYTES", self.piece)
        patch.setattr(stretches, "_SLACK", rng.choice([0, 20, 200, 10**6]))


def scanned(source: Source, small: Small, first_record: int) -> list[Stretch]:
    length = source.length()
    assert length is not None
    expected = Expected(reading.first_border(small.block), small.block)
    # The header is within the first stretch.
    first = -(-(first_record + 2) // small.stretch) * small.stretch
    starts = [0, *range(first, length, small.stretch)]
    with source.open() as file:
        return [
            scan_stretch(file, source, start, min(end, length), first_record, expected)
            for start, end in zip(starts, [*starts[1:], length], strict=True)
        ]


def test_stretches_of_any_length_give_the_blocks_of_a_whole_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = malformed = 0
    for seed in seeds(1800):
        rng = random.Random(seed)
        small = Small(rng, monkeypatch)
        content = text(rng)
        (tmp_path / "extract.csv").write_bytes(content)
        source = Source(str(tmp_path / "extract.csv"))
        whole = BlockReader(source, small.block, find_form=by_names, checksum=True)
        if len(content) <= reading.first_border(small.block):
            continue
        try:
            spans = tuple(cut.span for cut in whole.cuts())
        except ExtractError:
            continue
        except MalformedError:
            spans = None
            malformed += 1
        found = scanned(source, small, whole.form.skip)
        pieces = [piece for stretch in found for piece in stretch.digests]
        blocks = blocks_of(found, len(content), whole.form.skip, small.block)
        if spans is None:
            assert blocks is None, seed
            continue
        assert digest_of(pieces) == whole.digest, seed
        if blocks is not None:
            assert blocks == (spans, whole.rows), seed
            known += 1
        elif len(content) < stretches._SLACK:
            pytest.fail(f"not all ends are listed: {seed}")
    assert known > examples(1800) / 4
    assert malformed


def slowly(data: bytes, opens: bool, returned: bool) -> LineEnds:
    """The line ends of a text, byte by byte."""
    odd, feeds = 0, 0
    ends, blank, last = [0, 0], [0, 0], [-1, -1]
    for place, byte in enumerate(data):
        begins, follows = opens, returned
        opens, returned = byte == ord("\n"), byte == ord("\r") and begins
        odd ^= byte == ord('"')
        if opens:
            feeds += 1
            ends[odd] += 1
            blank[odd] += begins or follows
            last[odd] = place + 1
    return LineEnds(odd, feeds, ends[0], blank[0], last[0], ends[1], blank[1], last[1])


def test_line_ends_are_counted_for_both_ways_in_which_a_piece_may_begin() -> None:
    rng = random.Random(1)
    for _ in range(400):
        alphabet = b'"\n\r,' + b"a" * rng.choice([0, 10, 60])
        data = bytes(rng.choices(alphabet, k=rng.choice([0, 1, 5, 63, 64, 65, 128, 200])))
        opens, returned = rng.choice([(False, False), (True, False), (False, True)])
        found = line_ends(np.frombuffer(data, np.uint8), opens, returned)
        assert found == slowly(data, opens, returned), (data, opens, returned)


@pytest.mark.parametrize("length", [0, 1, 15, 16, 17, 48, 50])
def test_a_digest_is_that_of_the_list_of_pieces(length: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digest, "PIECE_BYTES", 16)
    content = bytes(range(length))
    pieces = [content[start : start + 16] for start in range(0, max(length, 1), 16)]
    lines = b"".join(hashlib.sha256(piece).hexdigest().encode() + b"\n" for piece in pieces)
    wanted = f"{hashlib.sha256(lines).hexdigest()}-{len(pieces)}"
    if length <= 16:
        wanted = hashlib.sha256(content).hexdigest()
    for step in (1, 7, 16, 64):
        taken = digest.Digesting()
        for start in range(0, length, step):
            taken.update(np.frombuffer(content[start : start + step], np.uint8))
        assert taken.digest() == wanted
    assert digest_of([hashlib.sha256(piece).digest() for piece in pieces]) == wanted


def test_a_file_that_became_shorter_is_told(tmp_path: Path) -> None:
    path = tmp_path / "extract.csv"
    path.write_bytes(b"a,b\n" * 100)
    with path.open("rb") as file, pytest.raises(ExtractError, match=r"extract\.csv: the file changed"):
        scan_stretch(file, Source(str(path)), 0, 401, 0, Expected(100, 100))
