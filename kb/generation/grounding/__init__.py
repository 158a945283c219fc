"""Check generated text against its passages."""
