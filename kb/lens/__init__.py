"""The lens: which behaviours draw people to a shared cause and which drive them away, with the evidence for each."""
