"""Puts this folder on the path of its tests: `judges` and `made_up` are imported by name."""
