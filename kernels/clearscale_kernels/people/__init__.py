"""Rows to people: dates, the fold over a history, and what stands beside a conviction."""
