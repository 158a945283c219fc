"""Collections as files: for an editor, a table, a reference manager, a program for qualitative analysis."""
