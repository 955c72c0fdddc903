"""The repository's own checks: its documents, its privacy, its benchmarks."""
