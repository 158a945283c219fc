"""Links: what a web address publishes that can be read, offered to choose from and fetched with what is known of it."""
