"""The look of the slides: their size, colours and boxes, drawn by code over the plain template of python-pptx."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, MSO_AUTO_SIZE, PP_ALIGN
from pptx.util import Inches, Pt

from kb.exports.pack.fit import FONT, INCH, LEADING, Box, count_lines, set_text, shorten
from kb.exports.xml_text import clean_xml

WIDTH, HEIGHT = 13.333, 7.5  # inches
EDGE = 0.85  # inches left free on both sides
BODY = WIDTH - 2 * EDGE
TITLE_ONLY = 5  # the layout of the plain template
BOTTOM = 6.98  # where the line at the foot of a slide stands
SMALLEST = 12  # points of any text


@dataclass(frozen=True, slots=True)
class Look:
    """The colours of a slide."""

    ground: str
    text: str
    quiet: str
    accent: str  # of small headings
    bar: str  # of shapes without text


LIGHT = Look(ground="FBFAF7", text="16213A", quiet="4A5568", accent="0B5C63", bar="0F8B8D")
DARK = Look(ground="16213A", text="FFFFFF", quiet="D5DBE6", accent="F6C453", bar="F6C453")
BADGE, ON_BADGE = "8A1C1C", "FFFFFF"  # that an interview is invented


@dataclass(frozen=True, slots=True)
class Place:
    """Where a box stands, in inches."""

    left: float
    top: float
    width: float
    height: float

    @property
    def box(self) -> Box:
        """Its room for text."""
        return Box(self.width, self.height)


def open_deck(title: str) -> Any:
    """Open a deck of wide slides."""
    deck = Presentation()
    scale = Inches(WIDTH) / deck.slide_width
    for layout in (deck.slide_master, *deck.slide_layouts):  # drawn for narrow slides
        for shape in layout.placeholders:
            shape.left, shape.width = int(shape.left * scale), int(shape.width * scale)
            shape.top, shape.height = shape.top, shape.height
    deck.slide_width, deck.slide_height = Inches(WIDTH), Inches(HEIGHT)
    properties = deck.core_properties
    properties.title, properties.author, properties.comments = clean_xml(title)[:255], "Fusion", ""
    return deck


def save_deck(deck: Any) -> bytes:
    """Write a deck."""
    written = io.BytesIO()
    deck.save(written)
    return written.getvalue()


def add_slide(deck: Any, look: Look, title: str, place: Place, size: int, *, color: str = "", least: int = 20) -> Any:
    """Add a slide with its title, set smaller where it is long, and cut where it still is too long."""
    slide = deck.slides.add_slide(deck.slide_layouts[TITLE_ONLY])
    slide.background.fill.solid()
    slide.background.fill.fore_color.rgb = RGBColor.from_string(look.ground)
    sizes = [size, *(one for one in range(size - 4, least - 1, -4)), *([least] if least < size else [])]
    setting = set_text(title, place.box, sizes, bold=True)
    shown = title if len(setting.pieces) == 1 else shorten(title, place.box, setting.size, bold=True)
    _fill(slide.shapes.title, place, shown, setting.size, color or look.text, bold=True)
    return slide


def add_text(
    slide: Any,
    place: Place,
    text: str,
    size: int,
    color: str,
    *,
    bold: bool = False,
    align: str = "left",
    anchor: str = "top",
) -> Any:
    """Add a box of text, which the caller has measured."""
    box = slide.shapes.add_textbox(0, 0, 0, 0)
    _fill(box, place, text, size, color, bold=bold, align=align, anchor=anchor)
    return box


def add_line(
    slide: Any, place: Place, text: str, size: int, color: str, *, bold: bool = False, align: str = "left"
) -> Any:
    """Add a text of ours, cut where it is too long for its box."""
    return add_text(slide, place, shorten(text, place.box, size, bold=bold), size, color, bold=bold, align=align)


def add_bar(slide: Any, place: Place, color: str, *, rounded: bool = False) -> Any:
    """Add a plain shape, which says nothing to a screen reader."""
    kind = MSO_SHAPE.ROUNDED_RECTANGLE if rounded else MSO_SHAPE.RECTANGLE
    shape = slide.shapes.add_shape(kind, *_to_units(place))
    shape.fill.solid()
    shape.fill.fore_color.rgb = RGBColor.from_string(color)
    shape.line.fill.background()
    shape.shadow.inherit = False
    return shape


def add_picture(slide: Any, place: Place, png: bytes, alternative: str, address: str) -> None:
    """Add a picture that leads to an address, with its text for those who do not see it."""
    picture = slide.shapes.add_picture(io.BytesIO(png), *_to_units(place))
    picture._element._nvXxPr.cNvPr.set("descr", clean_xml(alternative))
    picture.click_action.hyperlink.address = clean_xml(address)


def add_list(
    slide: Any, place: Place, lines: Sequence[str], sizes: Sequence[int], look: Look, gap: float = 0.6
) -> None:
    """Add numbered lines, as large as all of them fit; `gap` is the space between them, in sizes."""
    size = next((one for one in sizes if _measure_list(lines, place, one, gap) <= place.height), sizes[-1])
    top = place.top
    room = (place.height - _measure_gaps(lines, size, gap)) / max(1, len(lines))
    for number, line in enumerate(lines, 1):
        own = Place(place.left + 0.75, top, place.width - 0.75, _measure_line(line, place, size))
        if _measure_list(lines, place, size, gap) > place.height:
            own = Place(own.left, own.top, own.width, room)
            line = shorten(line, own.box, size)
        add_text(slide, Place(place.left, top, 0.6, own.height), f"{number}", size, look.accent, bold=True)
        add_text(slide, own, line, size, look.text)
        top += own.height + gap * size / INCH


def write_notes(slide: Any, paragraphs: Sequence[str]) -> None:
    """Write the notes of the speaker."""
    slide.notes_slide.notes_text_frame.text = clean_xml("\n".join(one for one in paragraphs if one))


def _measure_list(lines: Sequence[str], place: Place, size: int, gap: float) -> float:
    return sum(_measure_line(one, place, size) for one in lines) + _measure_gaps(lines, size, gap)


def _measure_gaps(lines: Sequence[str], size: int, gap: float) -> float:
    return max(0, len(lines) - 1) * gap * size / INCH


def _measure_line(line: str, place: Place, size: int) -> float:
    return count_lines(line, place.width - 0.75, size) * size * LEADING / INCH + 0.02


def _fill(
    shape: Any,
    place: Place,
    text: str,
    size: int,
    color: str,
    *,
    bold: bool = False,
    align: str = "left",
    anchor: str = "top",
) -> None:
    shape.left, shape.top, shape.width, shape.height = _to_units(place)
    frame = shape.text_frame
    frame.word_wrap, frame.auto_size = True, MSO_AUTO_SIZE.NONE
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    frame.vertical_anchor = {"top": MSO_ANCHOR.TOP, "middle": MSO_ANCHOR.MIDDLE, "bottom": MSO_ANCHOR.BOTTOM}[anchor]
    for number, line in enumerate(clean_xml(text).replace("\r", "").split("\n")):
        paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        paragraph.alignment = {"left": PP_ALIGN.LEFT, "right": PP_ALIGN.RIGHT, "center": PP_ALIGN.CENTER}[align]
        paragraph.line_spacing = Pt(size * LEADING)
        paragraph.space_before = paragraph.space_after = Pt(0)
        run = paragraph.add_run()
        run.text = line
        run.font.size, run.font.bold, run.font.name = Pt(size), bold, FONT
        run.font.color.rgb = RGBColor.from_string(color)


def _to_units(place: Place) -> tuple[int, int, int, int]:
    return Inches(place.left), Inches(place.top), Inches(place.width), Inches(place.height)
