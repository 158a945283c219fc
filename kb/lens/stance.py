"""Tell whether a leader does what a passage shows, warns of it, or tells of others who do it."""

from __future__ import annotations

from typing import Literal

from kb.text.words import SPOKEN_WORD

Stance = Literal["does", "warns", "tells", ""]

# Words of a hundred: a passage with few of its own and many about others tells of others. Measured in LENS.md.
OWN, OTHERS = 2.0, 4.0
OWN_WORDS = frozenset("i i'm i've i'd i'll me my mine myself we we're we've we'd we'll us our ours ourselves".split())
OTHERS_WORDS = frozenset("he he's he'd him his she she's she'd her hers they they're they'd they've them their".split())


def tell_stance(text: str, *, attracts: bool) -> Stance:
    """Return the stance of a passage that shows a behaviour: what drives people away is mostly told to warn of it."""
    words = [word.lower().replace("’", "'") for word in SPOKEN_WORD.findall(text)]
    hundreds = max(len(words), 1) / 100
    own = sum(word in OWN_WORDS for word in words) / hundreds
    others = sum(word in OTHERS_WORDS for word in words) / hundreds
    if own < OWN and others > OTHERS:
        return "tells"
    return "does" if attracts else "warns"
