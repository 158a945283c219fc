"""The report on a draft as Markdown and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from kb.exports.draft_entry import INVENTED, DraftEntry, DraftReport, Source
from kb.exports.markdown import IN_ADDRESS, escape, escape_line
from kb.exports.tables import disarm
from kb.quotes.judgement import MEANING

COLUMNS = (
    "number", "verdict", "quotation", "given to", "true words", "told", "nearest true line", "speaker", "where", "link",
    "turn", "invented", "source",
)  # fmt: skip


def write_report_markdown(report: DraftReport) -> bytes:
    """Write a report as Markdown: a table of the verdicts, then each quotation."""
    rows = [f"| {MEANING[verdict]} | {number} |" for verdict, number in report.counts]
    table = "\n".join(["| Verdict | Quotations |", "|---|---|", *rows, f"| All | {len(report.entries)} |"])
    blocks = [f"# Quotations of {escape_line(report.name)}", table]
    return ("\n\n".join([*blocks, *(block for one in report.entries for block in _write_entry(one))]) + "\n").encode()


def _write_entry(entry: DraftEntry) -> Iterator[str]:
    yield f"## {entry.number}. {entry.meaning}"
    yield "\n".join(f"> {line.strip()}".rstrip() for line in escape(entry.quotation.text).splitlines())
    lines = [
        f"Given to {escape_line(entry.attributed_to)}." if entry.attributed_to else "",
        f"**True words:** “{_go_on(escape(entry.true_words))}”" if entry.true_words else "",
        *map(escape_line, entry.told),
        f"**Nearest true line:** “{_go_on(escape(entry.nearest))}”" if entry.nearest else "",
        *map(_write_source, entry.sources),
    ]
    yield "\n".join(f"- {line}" for line in lines if line)


def _go_on(text: str) -> str:
    """Set the further lines of an entry of a list in."""
    return text.replace("\n", "\n  ")


def _write_source(source: Source) -> str:
    link = f" [Recording](<{IN_ADDRESS.sub('', source.link)}>)" if source.link else ""
    return f"{escape_line(source.who)}: {escape_line(source.where)}.{link}"


def write_report_csv(report: DraftReport) -> bytes:
    """Write a report as CSV in UTF-8 with its signature; what could run gets an apostrophe before it."""
    written = io.StringIO(newline="")
    table = csv.writer(written)
    table.writerow(COLUMNS)
    table.writerows([disarm(cell) for cell in _make_row(entry)] for entry in report.entries)
    return written.getvalue().encode("utf-8-sig")


def _make_row(entry: DraftEntry) -> list[str]:
    first = entry.sources[0] if entry.sources else None
    words = (entry.quotation.text, entry.attributed_to, entry.true_words, " ".join(entry.told), entry.nearest)
    if first is None:
        return [str(entry.number), entry.verdict, *words, *[""] * 6]
    wheres = "; ".join(one.where for one in entry.sources)
    card = first.interview
    place = (str(first.place.turn.index), INVENTED if card.sample else "", card.source)
    return [str(entry.number), entry.verdict, *words, first.who, wheres, first.link, *place]
