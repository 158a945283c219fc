"""Parse XML safely, and read the text of its elements."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from xml.etree.ElementTree import Element, ParseError, fromstring

from kb.errors import UnreadableFile

MOST_ELEMENTS = 2_000_000  # words of more than 100 hours
DEEPEST = 60  # levels of elements
DECLARATION = re.compile(r"\A\s*<\?xml[^>]{0,200}\?>")
# A document type that declares no entity is harmless, and is removed with what it says about attributes. Entities, and
# with them every known attack by XML, need a declaration. Without one the parser in C is safe, and it is three times
# as fast as the hardened ones in Python.
PLAIN_TYPE = re.compile(
    r"""<!DOCTYPE\s{1,9}[\w:.-]{1,100}
    (?:\s{1,9}(?:SYSTEM|PUBLIC)(?:\s{1,9}(?:"[^"<>]{0,300}"|'[^'<>]{0,300}')){1,2})?
    \s{0,9}(?:\[(?:(?!<!ENTITY)[^\]%]){0,20000}\]\s{0,9})?>""",
    re.X | re.I,
)
DOCUMENT_TYPE = re.compile(r"<!\s*(?:DOCTYPE|ENTITY)", re.I)
ID = "{http://www.w3.org/XML/1998/namespace}id"
CLOSING = re.compile(r"[^\w\s(\[{\"'“‘«¿¡$€£#@&-]+$")  # a token of punctuation that belongs to the word before
UNSPACED = r"\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uff60\u0e00-\u0e7f"  # scripts without blanks between words
SEAM = re.compile(rf"(?<=[{UNSPACED}]) (?=[{UNSPACED}])")


def parse_tree(text: str) -> Element:
    """Parse a decoded file. Raises UnreadableFile when it is broken, too large or too deep, or declares entities."""
    if text.count("<") > 2 * MOST_ELEMENTS:
        raise UnreadableFile("the XML holds more elements than any transcript")
    plain = PLAIN_TYPE.sub("", text, count=1)
    if DOCUMENT_TYPE.search(plain):
        raise UnreadableFile("the XML declares entities or a document type; save it without them")
    try:
        # The declaration is removed, because the text is decoded already.
        root = fromstring(DECLARATION.sub("", plain, count=1).strip())  # noqa: S314  # see PLAIN_TYPE
    except ParseError as error:
        raise UnreadableFile(f"the XML is broken: {error}") from error
    refuse_depth(root)
    return root


@lru_cache(maxsize=1024)
def local(name: str) -> str:
    """Return a name without its namespace."""
    return name.rpartition("}")[2]


def tag_of(element: Element) -> str:
    """Return an element's name without its namespace; '' for a comment."""
    return local(element.tag) if isinstance(element.tag, str) else ""


def find_all(root: Element, *names: str) -> Iterator[Element]:
    """Yield the elements of these names, at any depth, in any namespace."""
    return (element for element in root.iter() if tag_of(element) in names)


def find_first(root: Element, *names: str) -> Element | None:
    """Return the first element of these names."""
    return next(find_all(root, *names), None)


def find_outermost(root: Element, *names: str) -> Iterator[Element]:
    """Yield the elements of these names that lie in no other of them, so that no word comes twice."""
    for child in root:
        if tag_of(child) in names:
            yield child
        else:
            yield from find_outermost(child, *names)


def words_of(element: Element | None, skip: frozenset[str] = frozenset()) -> str:
    """Return an element's words with single blanks, without those of the elements to skip."""
    if element is None:
        return ""
    return " ".join("".join(_pieces(element, skip)).split())


def join_tokens(tokens: Iterator[str]) -> str:
    """Join single words with blanks where their script has them, and closing punctuation without."""
    joined: list[str] = []
    for token in filter(None, map(str.strip, tokens)):
        joined += [token] if not joined or CLOSING.match(token) else [" ", token]
    return SEAM.sub("", "".join(joined))


def _pieces(element: Element, skip: frozenset[str]) -> Iterator[str]:
    """Yield the text of an element in order; what follows an element to skip is kept."""
    yield element.text or ""
    for child in element:
        if tag_of(child) and tag_of(child) not in skip:
            yield from _pieces(child, skip)
        yield child.tail or ""


def refuse_depth(root: Element) -> None:
    """Raise UnreadableFile when elements lie deeper in each other than in any transcript."""
    level = [root]
    for _ in range(DEEPEST + 1):
        level = [child for element in level for child in element]
        if not level:
            return
    raise UnreadableFile("the XML is nested deeper than any transcript")
