"""Passages become a cited answer."""
