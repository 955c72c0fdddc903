"""Benchmarks: what is measured and how, what got worse, and the command that starts them."""
