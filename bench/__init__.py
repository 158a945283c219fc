"""Benchmarks: how well and how fast we read and find, against the usual pipelines on the same machine."""
