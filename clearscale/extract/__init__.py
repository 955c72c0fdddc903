"""Extracts: reading the DOJ's files in blocks, and encoding their rows as numbers."""

from .bad_records import BadRecord
from .coding import Coding, code_block, values_of
from .encoding import ENCODED, Encoded, encode
from .form import Form, by_names, by_position
from .parsing import Block, BlockSpan, Cut, MalformedError, Workspace, parse_cut
from .reading import BLOCK_BYTES, BlockReader, block_of, changed, cut_of, opened, read_block, read_cut

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
    "Form",
    "MalformedError",
    "Workspace",
    "block_of",
    "by_names",
    "by_position",
    "changed",
    "code_block",
    "cut_of",
    "encode",
    "opened",
    "parse_cut",
    "read_block",
    "read_cut",
    "values_of",
]
