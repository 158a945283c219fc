"""Add interviews in the browser: the page, its preview, and the queue behind it."""
