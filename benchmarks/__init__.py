"""Benchmarks: `make bench` measures the pipeline beside its peers and its limits."""
