"""The stores: catalog, vectors, token vectors."""
