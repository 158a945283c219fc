"""Ingest: read transcript files into turns, cut them into passages, and store them in the knowledge base."""
