"""Passages become a cited answer."""

import logging

# How long an answer took is for who sets up a log.
logging.getLogger(__name__).addHandler(logging.NullHandler())
