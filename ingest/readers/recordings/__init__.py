"""Recordings: words and their times, as captions; a speech model of this machine writes them where one is set."""
