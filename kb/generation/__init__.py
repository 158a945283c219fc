"""Generate text from passages with a language model."""
