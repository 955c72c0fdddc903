"""Benchmarks: how long clearscale takes and how much memory, beside peers measured in the same run.

`suite` holds what is measured, as tests that pytest runs; `clearscale bench` starts them.
"""
