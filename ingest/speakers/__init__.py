"""Tell who says what, and when."""
