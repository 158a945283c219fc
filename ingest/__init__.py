"""The way in: transcript files become turns, passages, and rows of the knowledge base."""
