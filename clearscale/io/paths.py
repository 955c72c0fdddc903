"""Paths as callers give them."""

import os

StrPath = str | os.PathLike[str]
"""A path, or as a text also any URL that fsspec understands. What is no text becomes one by `os.fspath`."""
