"""kb pack: a workshop from a question, a theme or a collection, as slides, a handout, a guide and Markdown."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from kb.cli.arguments import read_query
from kb.cli.terminal import complain, say, say_json, say_line
from kb.errors import BadPack
from kb.exports.pack import wording
from kb.exports.pack.draft import draft_plan, tell_left_out
from kb.exports.pack.formats import PackFormat, name_pack, write_checked
from kb.exports.pack.material import NothingToQuote, gather
from kb.exports.pack.plan import SHAPES, Plan, Slot
from kb.exports.pack.quotation import PackQuotation
from kb.exports.pack.standing import CheckedPlan, check_plan
from kb.knowledge_base import KnowledgeBase

# What each format of the command writes into a folder; a file takes the first.
FORMATS: dict[str, tuple[PackFormat, ...]] = {
    "pptx": ("slides",),
    "docx": ("handout", "guide"),
    "md": ("md",),
    "pdf": ("pdf",),
}
USUAL = ("pptx", "docx", "md")  # PDF needs an extra


def add_commands(commands: Any, add_filters: Callable[[argparse.ArgumentParser], None]) -> None:
    """Add the command to those of kb."""
    pack = commands.add_parser("pack", help="a workshop from a question: slides, a handout, a guide, Markdown")
    pack.add_argument("question", nargs="?", default="")
    pack.add_argument("--theme", default="", metavar="NAME", help="of the lexicon, in place of a question")
    pack.add_argument("--collection", default="", metavar="NAME", help="your pinned quotations, in place of a question")
    pack.add_argument("--minutes", type=int, choices=tuple(SHAPES), default=90, help="length (default 90)")
    pack.add_argument("--people", type=int, default=12, metavar="N", help="how many take part (default 12)")
    pack.add_argument("--title", default="", help="of the workshop (default: the question)")
    pack.add_argument("--out", type=Path, required=True, metavar="FOLDER|FILE", help="a folder, or a new file")
    pack.add_argument(
        "--format", metavar="LIST", help="of pptx, docx, md, pdf, with commas (default: all but pdf, or that of FILE)"
    )
    add_filters(pack)
    pack.add_argument("--json", action="store_true", help="print one JSON object")
    pack.set_defaults(run=_run_pack)


def _run_pack(knowledge_base: KnowledgeBase, options: argparse.Namespace) -> int:
    """Exit code 1 when there is nothing to quote."""
    if sum(map(bool, (options.question.strip(), options.theme, options.collection))) != 1:
        raise BadPack("Give one thing to make a pack from: a question, --theme NAME or --collection NAME")
    formats = _choose_formats(options.out, options.format)
    if options.out.suffix and options.out.exists():
        raise _refuse(options.out)
    try:
        material = gather(knowledge_base, read_query(options, options.question), options.theme, options.collection)
    except NothingToQuote as error:
        complain(f"kb: {error}")
        return 1
    plan = draft_plan(material, options.minutes, options.people, options.title)
    checked = check_plan(plan, knowledge_base.quotes.verify)
    files = _write_files(checked, options.out, formats)
    warnings = [*material.warnings, *tell_left_out(material, plan), *checked.left_out]
    if options.json:
        say_json({**_plan_to_json(checked), "files": [str(one) for one in files], "warnings": warnings})
        return 0
    _print_plan(checked.plan)
    for file in files:
        say_line(f"Written to {file}: {file.stat().st_size:,} bytes")
    for warning in warnings:
        complain(f"kb: {warning}")
    return 0


def _choose_formats(out: Path, wanted: str | None) -> tuple[PackFormat, ...]:
    """Choose what is written: the formats that are asked for, else that of the file, else all."""
    own = out.suffix.removeprefix(".").casefold()
    names = [one.strip().casefold() for one in wanted.split(",")] if wanted else [own] if own else list(USUAL)
    unknown = [one for one in names if one not in FORMATS]
    if unknown:
        raise BadPack(f"{unknown[0][:40]!r} is no format of a pack; use {', '.join(FORMATS)}, or a folder for all")
    if own and names != [own]:
        raise BadPack(f"The file {out.name} takes one format, that of its name; name a folder for others")
    kinds = [kind for one in dict.fromkeys(names) for kind in FORMATS[one]]
    return tuple(kinds[:1] if own else kinds)


def _write_files(checked: CheckedPlan, out: Path, formats: Sequence[PackFormat]) -> list[Path]:
    """Write into a folder, which is made, or to a file; nothing is written over. Raises BadPack."""
    files = [out] if out.suffix else [out / name_pack(checked.plan, one) for one in formats]
    for file in files:
        if file.exists():
            raise _refuse(file)
    written = [write_checked(checked, one) for one in formats]
    try:
        files[0].parent.mkdir(parents=True, exist_ok=True)
        for file, data in zip(files, written, strict=True):
            with file.open("xb") as opened:
                opened.write(data)
    except FileExistsError as error:
        raise _refuse(Path(error.filename)) from error
    except OSError as error:
        raise BadPack(f"{error.filename or out} cannot be written: {error.strerror or error}") from error
    return files


def _refuse(file: Path) -> BadPack:
    return BadPack(f"There is a file {file} already; name another")


def _print_plan(plan: Plan) -> None:
    say_line(plan.title)
    say_line(f"{plan.origin} · {wording.describe_length(plan)}")
    for slot in plan.agenda:
        say_line(f"{wording.format_clock(slot.start):>5} {slot.minutes:3} min  {wording.name_slot(slot)}")
        for one in _list_quoted(plan, slot):
            say_line(f"               {one.name}: {_shorten(one.quote)}")
    say()


def _list_quoted(plan: Plan, slot: Slot) -> tuple[PackQuotation, ...]:
    if slot.segment:
        return slot.segment.quotations
    return (plan.opening,) if slot.part == "opening" else ()


def _shorten(quote: str, most: int = 70) -> str:
    line = " ".join(quote.split())
    return f"“{line}”" if len(line) <= most else f"“{line[:most].rpartition(' ')[0] or line[:most]}” …"


def _plan_to_json(checked: CheckedPlan) -> dict[str, Any]:
    plan = checked.plan
    return {
        "title": plan.title,
        "origin": plan.origin,
        "minutes": plan.minutes,
        "people": plan.people,
        "leaders": list(plan.leaders),
        "agenda": [_slot_to_json(plan, slot) for slot in plan.agenda],
    }


def _slot_to_json(plan: Plan, slot: Slot) -> dict[str, Any]:
    segment = slot.segment
    return {
        "start": slot.start,
        "minutes": slot.minutes,
        "part": slot.part,
        "heading": wording.name_slot(slot),
        "lens": segment.lens or None if segment else None,
        "questions": list(segment.questions) if segment else [],
        "quotations": [_quotation_to_json(one) for one in _list_quoted(plan, slot)],
    }


def _quotation_to_json(one: PackQuotation) -> dict[str, Any]:
    return {
        "quote": one.quote,
        "speaker": one.speaker,
        "interview": one.interview.id,
        "source": one.interview.source,
        "turn": one.span.turn,
        "start_offset": one.span.start,
        "end_offset": one.span.end,
        "start": one.start,
        "page": one.page,
        "link": one.link or None,
        "sample": one.interview.sample,
    }
