"""Which themes of the lexicon the interviews speak of, when, and where leaders disagree."""
