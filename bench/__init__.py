"""Benchmarks: how well and how fast we read and find, beside the usual pipelines on the same machine."""
