"""Quotations that people keep: in collections, in their order, with tags and notes."""
