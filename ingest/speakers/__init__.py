"""Find out who says what, and when."""
