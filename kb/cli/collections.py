"""kb collections, kb pin and kb export: keep quotations, list, order, note and tag them, write them to a file."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kb.answering.attribution import format_place
from kb.cli.arguments import read_query
from kb.cli.terminal import complain, say, say_json, say_line
from kb.errors import BadCollection
from kb.exports.formats import KINDS, export
from kb.knowledge_base import KnowledgeBase
from kb.quotes.collections.refinding import KeptQuotation
from kb.storage.collection_table import Collection
from kb.text.display import strip_remarks

MOST_DIGITS = 9  # of a number that is typed
CHANGES = ("rename", "delete", "unpin", "move", "note", "tag")  # options that change a collection


def add_commands(commands: Any, add_filters: Callable[[argparse.ArgumentParser], None]) -> None:
    """Add the commands to those of kb."""
    collections = commands.add_parser("collections", help="the collections, or the quotations of one")
    collections.add_argument("name", nargs="?", metavar="COLLECTION")
    changes = collections.add_mutually_exclusive_group()
    changes.add_argument("--rename", metavar="NAME", help="give it another name")
    changes.add_argument("--delete", action="store_true", help="delete it with its pins")
    changes.add_argument("--unpin", type=int, metavar="N", help="remove its quotation N")
    changes.add_argument("--move", type=int, nargs=2, metavar=("N", "TO"), help="move its quotation N to place TO")
    changes.add_argument("--note", nargs=2, metavar=("N", "TEXT"), help="replace the note of its quotation N")
    changes.add_argument(
        "--tag", nargs=2, metavar=("N", "TAGS"), help="replace the tags of its quotation N, with commas between them"
    )
    changes.add_argument("--json", action="store_true", help="print one JSON object")
    collections.set_defaults(run=_run_collections)
    pin = commands.add_parser("pin", help="keep a quotation that kb quote finds, in a collection")
    pin.add_argument("name", metavar="COLLECTION", help="made if there is none")
    pin.add_argument("text")
    pin.add_argument("--number", type=int, default=1, metavar="N", help="the one that kb quote gives this number (1)")
    pin.add_argument("--note", default="")
    pin.add_argument("--tag", action="append", default=[], help="may be given more than once")
    add_filters(pin)
    pin.set_defaults(run=_run_pin)
    written = commands.add_parser("export", help="write a collection to a new file")
    written.add_argument("name", metavar="COLLECTION")
    written.add_argument("--to", choices=tuple(KINDS), required=True)
    written.add_argument("file", type=Path, metavar="FILE")
    written.set_defaults(run=_run_export)


def _run_collections(knowledge_base: KnowledgeBase, options: argparse.Namespace) -> int:
    if options.name is None:
        return _list_collections(knowledge_base, options)
    collections = knowledge_base.collections
    collection = collections.find(options.name)
    if options.rename is not None:
        collections.rename(collection.id, options.rename)
    elif options.delete:
        collections.delete(collection.id)
    elif options.unpin is not None:
        collections.unpin(_choose_pin(knowledge_base, collection, options.unpin))
    elif options.move or options.note or options.tag:
        _change_pin(knowledge_base, collection, options)
    elif options.json:
        kept = collections.refind(collections.pins(collection.id))
        say_json({**asdict(collection), "quotations": [_to_json(one) for one in kept]})
    else:
        for number, one in enumerate(collections.refind(collections.pins(collection.id)), 1):
            _print_kept(number, one)
    return 0


def _list_collections(knowledge_base: KnowledgeBase, options: argparse.Namespace) -> int:
    if any(getattr(options, name) not in (None, False) for name in CHANGES):
        raise BadCollection("Name the collection that is to be changed; list them: kb collections")
    found = knowledge_base.collections.list()
    if options.json:
        say_json({"collections": [asdict(one) for one in found]})
        return 0
    for one in found:
        say_line(f"{one.pins:5,} {one.name}")
    if not found:
        say('There is no collection yet; make one: kb pin COLLECTION "words"')
    return 0


def _change_pin(knowledge_base: KnowledgeBase, collection: Collection, options: argparse.Namespace) -> None:
    """Move, note or tag a quotation, and print it as it is now."""
    collections = knowledge_base.collections
    number, value = options.move or options.note or options.tag
    pin_id = _choose_pin(knowledge_base, collection, _read_number(number))
    if options.move:
        _choose_pin(knowledge_base, collection, value)
        collections.move(pin_id, value - 1)
    elif options.note:
        collections.annotate(pin_id, note=value)
    else:
        collections.annotate(pin_id, tags=value.split(","))
    for place, pin in enumerate(collections.pins(collection.id), 1):
        if pin.id == pin_id:
            _print_kept(place, collections.refind([pin])[0])


def _read_number(text: str | int) -> int:
    if not str(text).strip().isdecimal() or len(str(text)) > MOST_DIGITS:
        raise BadCollection(
            f"{str(text)[:40]!r} is no number of a quotation; name it as kb collections COLLECTION does"
        )
    return int(text)


def _choose_pin(knowledge_base: KnowledgeBase, collection: Collection, number: int) -> str:
    pins = knowledge_base.collections.pins(collection.id)
    if not 1 <= number <= len(pins):
        raise BadCollection(f"There is no quotation {number} in {collection.name!r}, which has {len(pins)}")
    return pins[number - 1].id


def _print_kept(number: int, one: KeptQuotation) -> None:
    card = one.interview
    company = strip_remarks(one.leader.company or "")
    say(f"{number}. “{one.quote}”")
    said = ", ".join(filter(None, (one.leader.name, company, card.title, card.when, format_place(one))))
    say_line(f"   — {said}{' [invented sample interview]' if card.sample else ''}")
    if one.warning:
        say_line(f"   {one.warning}")
    if one.pin.tags:
        say_line(f"   tags: {', '.join(one.pin.tags)}")
    if one.pin.note:
        say_line(f"   note: {one.pin.note}")


def _to_json(one: KeptQuotation) -> dict[str, Any]:
    pin = asdict(one.pin)
    del pin["collection_id"], pin["position"]
    return {**pin, "state": one.state, "words_now": one.words_now or None, "start": one.start, "page": one.page}


def _run_pin(knowledge_base: KnowledgeBase, options: argparse.Namespace) -> int:
    """Exit code 1 when there is no such quotation."""
    number = max(1, options.number)
    found = knowledge_base.quotes.find(read_query(options, options.text, number))
    if len(found) < number:
        complain(f"kb: {len(found)} found; look first: kb quote" if found else "kb: no interview holds these words")
        return 1
    chosen = found[number - 1]
    collection = _find_or_create(knowledge_base, options.name)
    words = {"note": options.note, "tags": options.tag}
    knowledge_base.collections.pin(collection.id, chosen.interview.id, chosen.place.span, **words)
    say(f"“{chosen.quote}”")
    say_line(f"   — {chosen.leader.name}, {chosen.interview.title}; kept in {collection.name}")
    return 0


def _find_or_create(knowledge_base: KnowledgeBase, name: str) -> Collection:
    try:
        return knowledge_base.collections.find(name)
    except BadCollection:
        return knowledge_base.collections.create(name)


def _run_export(knowledge_base: KnowledgeBase, options: argparse.Namespace) -> int:
    if options.file.exists():
        raise BadCollection(f"There is a file {options.file} already; name another")
    collections = knowledge_base.collections
    collection = collections.find(options.name)
    kept = collections.refind(collections.pins(collection.id))
    written = export(collection, kept, options.to, knowledge_base.transcript, datetime.now(UTC).date())
    try:
        options.file.write_bytes(written)
    except OSError as error:
        raise BadCollection(f"The file {options.file} cannot be written: {error.strerror or error}") from error
    say_line(f"Written to {options.file}: {len(kept):,} quotations")
    for number, one in enumerate(kept, 1):
        if one.warning:
            complain(f"kb: quotation {number}: {one.warning}")
    return 0
