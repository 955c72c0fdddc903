"""Benchmarks: how long clearscale takes and how much memory, beside peers measured in the same run."""
