"""Extracts: reading the DOJ's files in blocks, and encoding their rows as numbers."""

from .columns import COLUMN, COLUMNS, CONDENSED
from .encoding import Encoded, encode, values_of
from .reading import BLOCK_BYTES, BadRecord, Block, BlockReader, BlockSpan, read_block

__all__ = [
    "BLOCK_BYTES",
    "COLUMN",
    "COLUMNS",
    "CONDENSED",
    "BadRecord",
    "Block",
    "BlockReader",
    "BlockSpan",
    "Encoded",
    "encode",
    "read_block",
    "values_of",
]
