"""Coded rows to people, convictions and candidates; no store is needed."""
