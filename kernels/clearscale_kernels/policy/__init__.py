"""Deciding convictions and counting what was decided."""
