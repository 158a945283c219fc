"""The knowledge base: keeps interviews, finds passages, answers with cited quotations."""
