"""Read records: words or utterances in fields, as programs write them."""
