"""Puts this folder on the path of all tests: `reference`, `fabricate` and `samples` are imported by name."""
