"""Bytes to fields to bytes: cutting and reading records, numbering values, writing lines."""
