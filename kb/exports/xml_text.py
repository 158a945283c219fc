"""Text as XML can hold it."""

from __future__ import annotations

import re

UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # not allowed in XML


def clean_xml(text: str) -> str:
    """Replace characters that XML does not allow."""
    return UNWRITABLE.sub("\ufffd", text)
