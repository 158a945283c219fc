"""Rank passages for a question."""
