"""The colours of the files of a pack, as hexadecimal red, green and blue."""

TEXT, QUIET, ACCENT, WARNING = "16213A", "4A5568", "0B5C63", "8A1C1C"
HEAD = "E4EEEE"  # ground of a row of headings
