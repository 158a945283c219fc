"""Write a pack in one of its formats, each quotation checked at that moment."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Literal

from kb.errors import BadPack
from kb.exports.formats import FileKind
from kb.exports.pack.markdown import write_pack_markdown
from kb.exports.pack.plan import Plan
from kb.exports.pack.printed import write_guide, write_handout
from kb.exports.pack.standing import CheckedPlan, Verifier, check_plan

PackFormat = Literal["slides", "handout", "guide", "pdf", "md"]

NO_PDF = 'PDF needs the extra "pdf"; install it: pip install -c constraints.txt -e ".[pdf]"'
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
PACK_KINDS: dict[PackFormat, FileKind] = {
    "slides": FileKind("Slides (PowerPoint)", "-slides.pptx", PPTX),
    "handout": FileKind("Handout (Word)", "-handout.docx", DOCX),
    "guide": FileKind("Facilitator's guide (Word)", "-guide.docx", DOCX),
    "pdf": FileKind("Handout (PDF)", "-handout.pdf", "application/pdf"),
    "md": FileKind("Markdown", ".md", "text/markdown"),
}


def write_pack(plan: Plan, to: PackFormat, verify: Verifier) -> bytes:
    """Check each quotation of a plan and write it as a file; what no longer stands is left out, and the file says so.

    Raises BadPack when nothing stands any more.
    """
    return WRITERS[to](check_plan(plan, verify))


def write_checked(checked: CheckedPlan, to: PackFormat) -> bytes:
    """Write a plan that was checked just now."""
    return WRITERS[to](checked)


def name_pack(plan: Plan, to: PackFormat) -> str:
    """Name the file of a pack: its title, with what a file system refuses replaced."""
    kept = "".join(one if one.isalnum() or one in " -_" else " " for one in plan.title)
    return f"{'-'.join(kept.split())[:60].strip('-') or 'workshop'}{PACK_KINDS[to].suffix}"


def _write_slides(checked: CheckedPlan) -> bytes:
    from kb.exports.pack.slides import write_slides  # loads python-pptx, when slides are written

    return write_slides(checked)


def _write_pdf(checked: CheckedPlan) -> bytes:
    if not is_pdf_there():
        raise BadPack(NO_PDF)
    from kb.exports.pack.pdf import write_pdf  # loads reportlab, when a PDF is written

    return write_pdf(checked)


def is_pdf_there() -> bool:
    """Whether the extra that writes PDF is installed."""
    return find_spec("reportlab") is not None


def find_pdf_problem(checked: CheckedPlan) -> str:
    """Say in one line why no PDF can be written; '' if one can."""
    if not is_pdf_there():
        return NO_PDF
    from kb.exports.pack.typeset import find_problem

    return find_problem(write_pack_markdown(checked).decode("utf-8"))


WRITERS: dict[PackFormat, Callable[[CheckedPlan], bytes]] = {
    "slides": _write_slides,
    "handout": write_handout,
    "guide": write_guide,
    "pdf": _write_pdf,
    "md": write_pack_markdown,
}
