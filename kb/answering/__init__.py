"""Turn ranked passages into a cited answer."""
