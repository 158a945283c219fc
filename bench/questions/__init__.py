"""Questions for the benches, and the places in the interviews that answer them."""
