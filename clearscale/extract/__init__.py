"""Extracts: reading the DOJ's files in blocks, and encoding their rows as numbers."""

from .coding import Coding, code_block, values_of
from .encoding import ENCODED, Encoded, encode
from .parsing import BadRecord, Block, BlockSpan, Cut, MalformedError, Workspace, parse_cut
from .reading import BLOCK_BYTES, BlockReader, changed, read_block, read_cut

__all__ = [
    "BLOCK_BYTES",
    "ENCODED",
    "BadRecord",
    "Block",
    "BlockReader",
    "BlockSpan",
    "Coding",
    "Cut",
    "Encoded",
    "MalformedError",
    "Workspace",
    "changed",
    "code_block",
    "encode",
    "parse_cut",
    "read_block",
    "read_cut",
    "values_of",
]
