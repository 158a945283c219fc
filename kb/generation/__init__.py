"""A language model writes from passages."""
