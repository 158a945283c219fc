"""Read a person's name: its words without titles, degrees and brackets, and the title that stands before it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from ingest.speakers.vocabulary import CREDENTIALS, HONORIFICS
from kb.text.words import WORD

BRACKETS = re.compile(r"[\[(][^\[\]()]*[\])]")
MEN = frozenset("mr mister sir lord father brother congressman chairman herr monsieur señor senor".split())
WOMEN = frozenset(
    "mrs ms miss dame lady baroness sister madam madame congresswoman chairwoman frau señora senora".split()
)
# Titles that go with a surname. Those of the third group are names as well, so they are no titles by themselves.
TITLES = (
    HONORIFICS | MEN | WOMEN
    | frozenset(
        "mx viscount viscountess councillor cllr alderman minister mp mayor commissioner superintendent inspector"
        " sergeant sgt lieutenant colonel captain admiral maj brigadier commander cmdr reverend bishop archbishop rabbi"
        " imam pastor canon sheikh honourable honorable right rt hon"
        " attorney solicitor advocate doctor docteur professeur deputy".split()
    )
)  # fmt: skip
PEERS = frozenset("baron earl duke duchess countess count marquess marquis prince princess major dean".split())
POSTNOMINALS = CREDENTIALS | frozenset(
    "kc qc mp mep kcmg cmg gcmg gcb cb kcvo cvo msp mla mbe obe cbe kbe dbe gbe kcb dcb frs fba dphil msc bsc llb"
    " llm dds dvm usn usaf usmc retd".split()
)


@dataclass(frozen=True, slots=True)
class PersonName:
    """A name in lower case, without accents."""

    words: tuple[str, ...] = ()
    title: str = ""  # the last of the titles before the name

    @property
    def is_man(self) -> bool:
        """Whether the title is a man's."""
        return self.title in MEN

    @property
    def is_woman(self) -> bool:
        """Whether the title is a woman's."""
        return self.title in WOMEN


@lru_cache(maxsize=4096)
def read_name(text: str) -> PersonName:
    """Read a name; 'Lovelace, Ada' is reversed, and 'Baroness Byron of Ansel' is Baroness Byron."""
    plain = fold_letters(BRACKETS.sub(" ", text).strip() or text.strip(" []()"))
    last, comma, first = plain.partition(",")
    if comma and first.strip() and first.strip(" .") not in POSTNOMINALS:
        plain = f"{first} {last}"
    words = tuple(WORD.findall(plain.replace(".", " ").replace("-", " ")))
    bare = tuple(word for word in words if word not in CREDENTIALS)
    title = ""
    while len(bare) > 1 and (bare[0] in TITLES or (bare[0] == "the" and bare[1] in TITLES)):
        title, bare = bare[0], bare[1:]
    while len(bare) > 1 and bare[-1] in POSTNOMINALS:
        bare = bare[:-1]
    if title and "of" in bare[1:]:
        bare = bare[: bare.index("of", 1)]
    return PersonName(bare or words, title)


def fold_letters(text: str) -> str:
    """Write a text in lower case without accents."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in plain if not unicodedata.combining(sign)).casefold()
