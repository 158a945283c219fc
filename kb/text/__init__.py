"""English text: sentences, words, stop words, normalised forms, numbers."""
