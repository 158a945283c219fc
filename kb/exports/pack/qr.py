"""A QR code as a picture: the address of a recording at its second, or of a page."""

from __future__ import annotations

import io

import segno
from segno.encoder import DataOverflowError

LONGEST = 500  # characters that a telephone still reads from a slide
SCALE = 8  # dots of a module
DARK = "#16213a"


def draw_qr(address: str) -> bytes | None:
    """Draw an address as PNG; None where there is none, or it is too long to be read."""
    if not address or len(address) > LONGEST:
        return None
    written = io.BytesIO()
    try:
        segno.make_qr(address, error="m").save(written, kind="png", scale=SCALE, border=2, dark=DARK, light="white")
    except DataOverflowError:
        return None
    return written.getvalue()
