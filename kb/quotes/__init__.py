"""Quotations: find them in the transcripts, and check those of a draft."""
