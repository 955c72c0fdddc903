"""Extracts: reading the DOJ's files in blocks, and encoding their rows as numbers."""

from .coding import Coding, code_block, values_of
from .columns import COLUMN, COLUMNS, CONDENSED
from .encoding import Encoded, encode
from .reading import (
    BLOCK_BYTES,
    BadRecord,
    Block,
    BlockReader,
    BlockSpan,
    Cut,
    MalformedError,
    Workspace,
    parse_cut,
    read_block,
)

__all__ = [
    "BLOCK_BYTES",
    "COLUMN",
    "COLUMNS",
    "CONDENSED",
    "BadRecord",
    "Block",
    "BlockReader",
    "BlockSpan",
    "Coding",
    "Cut",
    "Encoded",
    "MalformedError",
    "Workspace",
    "code_block",
    "encode",
    "parse_cut",
    "read_block",
    "values_of",
]
