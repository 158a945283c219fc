"""Public collections: where each lies, under which licence, and how its files are cut into interviews."""
