"""Train the adapter and the judge of relevance again."""
