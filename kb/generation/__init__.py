"""A language model writes from passages."""

import logging

# What goes wrong here reaches the reader as the line of its error; its traceback is for who sets up a log.
logging.getLogger(__name__).addHandler(logging.NullHandler())
