"""kb quote, kb words and kb check: find quotations, search words in transcripts, check the quotations of a draft."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from kb.answering.attribution import format_place, link_at
from kb.cli.arguments import read_query
from kb.cli.new_file import check_new, write_new
from kb.cli.terminal import complain, say, say_json, say_line
from kb.exports.draft_report import choose_format, export_report
from kb.knowledge_base import KnowledgeBase
from kb.quotes.desk import CheckedDraft, CheckedQuotation, FoundQuotation
from kb.quotes.draft_file import read_draft_bytes, read_draft_data
from kb.quotes.draft_fix import fix_draft
from kb.quotes.marks import list_marks
from kb.quotes.references import make_reference, to_bibtex, to_csl_json, to_ris
from kb.quotes.styles import NAMES, Style
from kb.quotes.turn_index import Place
from kb.quotes.word_search import WordsFound
from kb.text.display import strip_remarks

RECORDS = {"bibtex": to_bibtex, "ris": to_ris, "csl-json": to_csl_json}
SHOWN = 20  # places of words


def add_commands(commands: Any, add_filters: Callable[[argparse.ArgumentParser], None]) -> None:
    """Add the commands to those of kb."""
    quote = commands.add_parser("quote", help='a quotation to print: half remembered, "exact words", or a theme')
    quote.add_argument("text")
    quote.add_argument("--limit", type=int, default=5, metavar="N", help="quotations to show (default 5)")
    quote.add_argument("--cite", choices=(*NAMES, *RECORDS), help="print references by a style, or records, instead")
    quote.set_defaults(run=_run_quote)
    words = commands.add_parser("words", help="every place where somebody says these words, hosts too")
    words.add_argument("text")
    words.add_argument("--role", choices=("leader", "host", "other", "unknown"), help="said by these alone")
    words.add_argument("--limit", type=int, default=SHOWN, metavar="N", help=f"places to show (default {SHOWN})")
    words.set_defaults(run=_run_words)
    for command in (quote, words):
        add_filters(command)
        command.add_argument("--json", action="store_true", help="print one JSON object")
    check = commands.add_parser(
        "check", help="judge each quotation of a draft (.docx, .pdf, .md, .txt) against the transcripts"
    )
    check.add_argument("file", type=Path, metavar="FILE")
    check.add_argument("--json", action="store_true", help="print one JSON object")
    check.add_argument("--report", type=Path, metavar="REPORT", help="a new file: .docx with comments, .md, .csv")
    check.add_argument("--fix", type=Path, metavar="OUT", help="a new file: the draft with the true words in it")
    check.set_defaults(run=_run_check)


def _run_quote(knowledge_base: KnowledgeBase, options: argparse.Namespace) -> int:
    """Exit code 1 when there is no quotation."""
    found = knowledge_base.quotes.find(read_query(options, options.text, max(1, options.limit)))
    if options.cite:
        _print_references(found, options.cite)
        return 0 if found else 1
    if options.json:
        say_json({"text": options.text, "quotations": [_quotation_to_json(one) for one in found]})
        return 0 if found else 1
    for number, one in enumerate(found, 1):
        say(f"{number}. “{one.place.text}”")
        say_line(f"   — {_describe(one.place)}{_at(one)}")
        if marks := list_marks(one.place):
            say_line(f"   {', '.join(marks)}")
        for place in one.also:
            say_line(f"   also: {_describe(place)}")
    if not found:
        say(
            "No interview holds these words."
            if '"' in options.text or "“" in options.text
            else "Nothing like it is said."
        )
    return 0 if found else 1


def _print_references(found: Sequence[FoundQuotation], style: str) -> None:
    today = datetime.now(UTC).date()
    if style in RECORDS:
        say(RECORDS[style](found, today))
        return
    for one in found:
        reference = make_reference(one, cast(Style, style), today)
        say(f"“{one.quote}” {reference.in_text}")
        say_line(f"   {reference.entry}")


def _run_words(knowledge_base: KnowledgeBase, options: argparse.Namespace) -> int:
    """Exit code 1 when nobody says the words."""
    found = knowledge_base.quotes.search_words(
        read_query(options, options.text, max(1, options.limit)), options.role, most=max(1, options.limit)
    )
    if options.json:
        places = [_words_to_json(one) for one in found.shown]
        say_json({"text": options.text, "count": found.count, "interviews": found.interviews, "places": places})
        return 0 if found.count else 1
    say(f"{found.count:,} in {found.interviews:,} interview{'' if found.interviews == 1 else 's'}")
    for one in found.shown:
        say_line(f"{_describe(one.place)}: {one.before}[{one.place.text}]{one.after}")
    return 0 if found.count else 1


def _run_check(knowledge_base: KnowledgeBase, options: argparse.Namespace) -> int:
    """Exit code 1 when a quotation is not verbatim."""
    file: Path = options.file
    for wanted in filter(None, (options.report, options.fix)):
        check_new(wanted)
    to = choose_format(options.report) if options.report else None
    data = read_draft_data(file)
    draft = knowledge_base.quotes.check_draft(read_draft_bytes(data, file.name))
    if to:
        write_new(options.report, export_report(draft, file.name, to))
    if options.fix:
        _write_fixed(draft, data, options)
    checked = draft.quotations
    bad = [one for one in checked if one.judgement.verdict != "verbatim"]
    if options.json:
        say_json({"quotations": [checked_to_json(one) for one in checked]})
        return 1 if bad else 0
    for one in checked:
        _print_checked(one)
    counts = Counter(one.judgement.verdict for one in checked)
    say(", ".join(f"{number} {verdict}" for verdict, number in counts.most_common()) or "There is no quotation.")
    if not checked:
        complain("kb: no quotation of three words or more stands in the draft")
    return 1 if bad else 0


def _write_fixed(draft: CheckedDraft, data: bytes, options: argparse.Namespace) -> None:
    fixed = fix_draft(draft, data, options.file.name, options.fix.suffix)
    write_new(options.fix, fixed.data)
    left = f"; {len(fixed.left):,} need a person: {', '.join(map(str, fixed.left))}" if fixed.left else ""
    complain(f"kb: written to {options.fix}: {len(fixed.replaced):,} with the true words{left}")


def _print_checked(one: CheckedQuotation) -> None:
    judged = one.judgement
    say_line(f"{judged.verdict}: “{one.quotation.text}”")
    if judged.verdict in ("light edit", "stitched"):
        say_line(f"   true words: “{judged.true_words}”")
    if judged.next_words:
        say_line(f"   it goes on: “{judged.next_words}”")
    if judged.note:
        say_line(f"   {judged.note}")
    for place in judged.places[:3]:
        say_line(f"   — {_describe(place)}")
    if judged.nearest:
        say_line(f"   nearest: “{judged.nearest.text}” — {_describe(judged.nearest)}")


def checked_to_json(one: CheckedQuotation) -> dict[str, Any]:
    """A quotation of a draft with its judgement, as `kb check --json` prints it."""
    judged, quotation = one.judgement, one.quotation
    first = judged.places[0] if judged.places else None
    return {
        "quote": quotation.text,
        "verdict": judged.verdict,
        "attributed_to": quotation.attributed_to,
        "paragraph": quotation.paragraph,
        "source": first.interview.source if first else None,
        "speaker": first.turn.speaker if first else None,
        "true_words": judged.true_words or None,
        "edits": [{"written": edit.written, "said": edit.said} for edit in judged.edits],
        "next_words": judged.next_words or None,
        "note": judged.note or None,
        "places": [place_to_json(place) for place in judged.places],
        "nearest": place_to_json(judged.nearest) if judged.nearest else None,
    }


def place_to_json(place: Place) -> dict[str, Any]:
    """Words of a turn with their place."""
    mark = place.turn.mark_at(place.start)
    start = mark.start if mark and mark.start is not None else place.turn.start
    return {
        "text": place.text,
        "speaker": place.turn.speaker,
        "role": place.turn.role,
        "marks": list_marks(place),
        "interview": place.interview.id,
        "source": place.interview.source,
        "turn": place.turn.index,
        "start_offset": place.start,
        "end_offset": place.end,
        "start": start,
        "page": mark.page if mark and mark.page is not None else place.turn.page,
        "link": link_at(place.interview, start),
    }


def _quotation_to_json(one: FoundQuotation) -> dict[str, Any]:
    return {
        "quote": one.place.text,
        "exact": one.is_exact,
        **place_to_json(one.place),
        "start": one.start,
        "start_is_exact": one.start_is_exact,
        "page": one.page,
        "link": link_at(one.place.interview, one.start),
        "also": [place_to_json(place) for place in one.also],
    }


def _words_to_json(one: WordsFound) -> dict[str, Any]:
    return {"before": one.before, "after": one.after, **place_to_json(one.place)}


def _describe(place: Place) -> str:
    interview = place.interview
    leader = interview.leader(place.turn.speaker)
    who = ", ".join(
        filter(None, (place.turn.speaker or "not named", strip_remarks(leader.company or "") if leader else ""))
    )
    return ", ".join(filter(None, (who, interview.title, interview.when, interview.source)))


def _at(one: FoundQuotation) -> str:
    place = format_place(one)
    return f", {place}" if place else ""
