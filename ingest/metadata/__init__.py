"""Facts about an interview, apart from its words: cards, tables of facts, corrections."""
