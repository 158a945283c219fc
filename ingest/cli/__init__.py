"""The command `kb-ingest`: reads files, links and recordings, and says what became of each."""
