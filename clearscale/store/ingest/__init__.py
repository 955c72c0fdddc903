"""Extracts to a new snapshot: `ingest.ingest` makes one."""
