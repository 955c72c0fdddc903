"""Formats: column maps, and reading files by them."""
