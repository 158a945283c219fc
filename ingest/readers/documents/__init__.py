"""Read documents: paragraphs and headings, as people type them."""
