"""Rewrite follow-up questions, such as "And what about layoffs?", into questions that stand alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kb.retrieval.question import check_typed
from kb.text.words import content_words

# `\W*+` and `\s++` give nothing back: a long run of spaces is read once, and not once for each of its ends.
# Opening words without content: "And how ...", "But what about ...".
OPENING = re.compile(r"(?i)^\W*+(?:(?:and|but|or|so|then|also|ok(?:ay)?|well|plus|now|yes|no|hm+)\b[\s,]*)+")
SWAP = re.compile(
    r"""(?ix) ^\W*+ (?:
    (?:what|how)\s+about\s+ | what\s+of\s+ | (?:the\s+)?same\s+(?:question\s+)?(?:for|about|on)\s+
    )"""
)
MORE = re.compile(
    r"""(?ix) ^\W*+ (?:
    (?:(?:can\s+you|please)\s++)? (?:tell\s+me|say|show\s+me|give\s+me)? \s* (?:a\s+bit\s+|some\s+)? more
        (?:\s+(?:about|on)\s+(?:that|this|it))? (?:\s+please)?
    | go\s+on | continue | such\s+as(?:\s+what)? | like\s+(?:what|who)
    | for\s+(?:example|instance) | (?:(?:any|some|an)\s+)?examples?
    | (?:who|anyone|anybody|someone|anything|what|where)\s+else
        (?:\s+(?:says?|said|thinks?|agrees?)(?:\s+(?:so|that|this))?)?
    | (?:who|does\s+any(?:one|body)|do\s+(?:any|some)(?:\s+of\s+them)?|is\s+there\s+any(?:one|body)\s+who)
        \s+(?:disagrees?|objects?|thinks?\s+(?:otherwise|differently)|sees?\s+(?:it|this|that)\s+differently|agrees?)
    | (?:(?:can|could)\s+you\s+)?(?:please\s+)?(?:give|show|tell|find)(?:\s+me)?\s+
        (?:an?(?:other)?|some|(?:a\s+few|more|two|three))\s+(?:more\s+)?(?:concrete\s+|real\s+|good\s+)?
        (?:examples?|stories|story|cases?|quotes?|quotations?)(?:\s+(?:of|for)\s+(?:that|this|it))?
    | (?:any\s+|some\s+)?(?:other|opposite|different|contrary)\s+(?:views?|voices?|opinions?|examples?)
    ) \W*+$"""
)
BARE = re.compile(
    r"(?i)^\W*+(?:why|how|when|where|who|which|what|how so|how come|why not|really|in what way)(?: not)?\W*+$"
)
ASKS = (
    "who|whom|whose|what|when|where|why|which|how|do|does|did|is|are|was|were|can|could|should|would|will|has|have|had"
    "|must|may|might"
)
CLAUSE = re.compile(rf"(?i)^\W*+(?:{ASKS}|tell|show|find|give|name|list|explain|describe|compare)\b|,\s*(?:{ASKS})\b")
# A place or a time: it narrows the previous question and is no question of its own.
SETTING = re.compile(
    r"(?i)^(?:in|at|for|with|without|under|during|after|before|among|as|when|while|if|once|early (?:on|in))(?=\s)"
)
# People and organisations that a question can be limited to.
AMONG = re.compile(
    r"(?i)\b(?:teams?|companies|company|firms?|organi[sz]ations?|start-?ups?|corporations?|hospitals?|schools?|charities"
    r"|agencies|agency|governments?|non-?profits?|banks?|factories|volunteers|founders|managers|executives|women|men"
    r"|beginners|newcomers|engineers|teachers|doctors|nurses|families|family businesses|countries)$"
)
SUBJECT = re.compile(r"(?i)\b(?:leaders|founders|ceos|chief executives|executives|bosses|managers|entrepreneurs)\b")
# Pronouns that refer to an earlier question, unless their antecedent is in the same question.
PERSON = re.compile(r"(?i)\b(?:he|she|him|his|her|hers|himself|herself)\b")
SEVERAL = re.compile(r"(?i)\b(?:they|them|their|theirs|themselves)\b|\b(?:these|those)\b(?!\s+[a-z]+s\b)")
THING = re.compile(
    r"(?i)\b(?:it|its|itself)\b(?!['’]?s?\s+(?:takes?|costs?|means?|like|worth|better|best|hard|easy|important|possible|okay"
    r"|ok|right|wrong|time|true|matter|mean)\b)"
    r"|\b(?:that|this)(?=\W*$|\s+(?:is|was|are|were|did|does|do|had|has|would|could|should|can|will|happen(?:ed|s)?"
    r"|work(?:ed|s)?|matter(?:ed|s)?|mean(?:s|t)?|change(?:d|s)?|go|went|feel|felt)\b)"
    r"|\bthe (?:former|latter|same|other ones?|first one|second one|opposite)\b"
)
PEOPLE = re.compile(
    r"(?i)\b(?:founders?|leaders?|ceos?|executives?|bosses|boss|managers?|people|person|someone|somebody|anyone|everyone"
    r"|engineers?|employees?|teams?|women|woman|men|man|parents?|children|customers?|investors?|candidates?|hires?)\b"
)
PLURAL = re.compile(
    r"(?i)\b(?!(?:this|was|is|has|does|its|his|as|us|always|perhaps|business|success|less|process)\b)[a-z]{3,}s\b"
)
NOUN_BEFORE = re.compile(r"(?i)\b(?:a|an|the|my|your|our|every|each|one's)\s+[a-z]{3,}")

Namer = Callable[[str], Sequence[tuple[int, int]]]  # question -> (start, end) of the people and companies it names


def rewrite_follow_up(question: str, earlier: Sequence[str], find_names: Namer) -> RewrittenQuestion:
    """Rewrite a question to stand alone; `earlier` holds the conversation, oldest first.

    Raises BadQuestion when one of them is too long or no text.
    """
    for one in (question, *earlier):
        check_typed(one)
    before = ""
    for one in earlier:
        before = _stand_alone(one, before, find_names)
    return RewrittenQuestion(question, _stand_alone(question, before, find_names))


def _stand_alone(question: str, before: str, find_names: Namer) -> str:
    asked = question.strip()
    if not before:
        return asked
    rest = OPENING.sub("", asked)
    if MORE.match(rest) or not rest:
        return before
    if SWAP.match(rest):
        return _swap(SWAP.sub("", rest), before, find_names)
    if BARE.match(rest) or _points_back(rest, find_names):
        return f"{_strip(before)}: {rest}"
    if not CLAUSE.match(rest) and (rest != asked or len(content_words(rest)) < 2):
        return _swap(rest, before, find_names)
    return rest if CLAUSE.match(rest) else asked


def _swap(new: str, before: str, find_names: Namer) -> str:
    """Put a new name, topic or setting into the previous question, or ask about a new topic alone."""
    new = _strip(new)
    if not any(map(str.isalnum, new)):
        return before
    old_names = _names(before, find_names)
    new_names = _names(new, find_names)
    if new_names and _is_all_names(new, new_names):
        return _replace_names(before, old_names, new) if old_names else f"{_strip(before)}: {new}"
    if old_names:
        return f"{', '.join(before[start:end] for start, end in old_names)}: {new}"
    if SETTING.match(new):
        return f"{_strip(before)} {new}?"
    if AMONG.search(new):
        return f"{_strip(before)} with {new}?"
    subject = SUBJECT.search(before)
    return f"What do {subject.group() if subject else 'leaders'} say about {new}?"


def _replace_names(before: str, names: Sequence[tuple[int, int]], new: str) -> str:
    """Replace the first name in the previous question and drop the others."""
    (start, end), *others = names
    text = before
    for first, last in sorted(others, reverse=True):
        text = text[:first].rstrip(" ,").removesuffix(" and").removesuffix(" or") + text[last:]
    return text[:start] + new + text[end:]


def _points_back(text: str, find_names: Namer) -> bool:
    """Whether a pronoun has no antecedent in the same question."""
    names = _names(text, find_names)
    for pattern, antecedents in ((PERSON, (PEOPLE,)), (SEVERAL, (PEOPLE, PLURAL)), (THING, (NOUN_BEFORE, PLURAL))):
        for found in pattern.finditer(text):
            said = text[: found.start()]
            is_named = any(end <= found.start() for _, end in names)
            if not is_named and not any(one.search(said) for one in antecedents):
                return True
    return False


def _names(text: str, find_names: Namer) -> list[tuple[int, int]]:
    return sorted(find_names(text))


def _is_all_names(text: str, names: Sequence[tuple[int, int]]) -> bool:
    left = text
    for start, end in reversed(names):
        left = left[:start] + left[end:]
    return not content_words(left)


def _strip(text: str) -> str:
    return text.strip().rstrip("?!. ").strip()


@dataclass(frozen=True, slots=True)
class RewrittenQuestion:
    """A question and its rewritten, stand-alone form."""

    question: str  # original wording
    text: str  # stand-alone wording

    @property
    def is_rewritten(self) -> bool:
        """Whether the question was changed."""
        return self.text != self.question.strip()
