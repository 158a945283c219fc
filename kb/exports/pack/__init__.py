"""Workshop packs: a timed plan round quotations, as slides, a handout, a facilitator's guide and Markdown."""
