"""Ingest: read transcript files into turns, cut them into passages, and store them in the knowledge base."""

import logging

# An error reaches its reader as one line; tracebacks are for programs that set up a log.
logging.getLogger(__name__).addHandler(logging.NullHandler())
