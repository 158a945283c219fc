"""Note pins whose words no longer stand as they were pinned: they are kept, and nothing is broken."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kb.quotes.collections.desk import Collections
from kb.quotes.collections.refinding import KeptQuotation
from kb.storage.doctor import NAMED, Finding


def examine_pins(collections: Collections) -> Iterator[Finding]:
    """Note each collection with quotations that have changed or are gone, in one line."""
    for collection in collections.list():
        kept = collections.refind(collections.pins(collection.id))
        lost = [(number, one) for number, one in enumerate(kept, 1) if not one.is_verbatim]
        if lost:
            what = "; ".join(filter(None, (_tell(lost, "changed"), _tell(lost, "gone"))))
            yield Finding(f'collection "{collection.name}": {what}; see: kb collections "{collection.name}"', "nothing")


def _tell(lost: Sequence[tuple[int, KeptQuotation]], state: str) -> str:
    numbers = [number for number, one in lost if one.state == state]
    if not numbers:
        return ""
    more = f" and {len(numbers) - NAMED:,} more" if len(numbers) > NAMED else ""
    named = f"quotation{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers[:NAMED]))}{more}"
    is_one = len(numbers) == 1
    if state == "gone":
        return f"{named} no longer stand{'s' if is_one else ''} in the interview"
    return f"the words of {named} have changed in the interview"
