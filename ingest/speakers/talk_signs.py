"""Judge whether a document in which nobody is named holds talk at all: people who talk say 'I' and 'you', and ask."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise

from ingest.script import Script
from ingest.speakers.format_traits import PARAGRAPHED, QUESTION_MARKS
from ingest.speakers.meeting_summary import has_summary_parts
from kb.model import PART_BREAK, Turn

LEAST_WORDS = 40  # fewer show nothing
KNOWN_SHARE = 0.08  # of the words are of the commonest ones, in a language whose pronouns are known
SUMMARY_TALK = 0.01  # share of pronouns in a document whose parts are those of a summary
SUMMARY_AND_TALK = 0.025
NO_TALK = 0.004  # share of pronouns; reports have hardly any, talk has four in a hundred
LITTLE_TALK = 0.015
GUIDE_SHARE = 0.6  # of the words in questions, and of the questions without an answer; an interview has answers
GUIDE_QUESTIONS = 5
WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
# The commonest words of a language, and those by which people speak of themselves and to others.
LANGUAGES = tuple(
    (frozenset(common.split()), frozenset(personal.split()))
    for common, personal in (
        (
            "the of and to in is that for on with as are by was a an be this from at or it",
            "i i'm i've i'd i'll me my mine myself we we're we've we'll us our you you're your yours yeah okay oh",
        ),
        (
            "der die das und ist von mit den zu im auf für ein eine des dem nicht",
            "ich mich mir mein meine wir uns unser unsere du dich dir dein sie ihnen ihr",
        ),
        (
            "el la los las de que en un una por con del se es al su para",
            "yo me mí mi mis nos nosotros nuestro nuestra tú te tu usted ustedes",
        ),
        (
            "le la les de des et est du une dans que pour sur au qui ce",
            "je j'ai j'étais moi mon ma mes nous notre nos vous votre tu on",
        ),
        ("il di che e per con della dei nel una è sono la", "io mi mio mia noi ci nostro nostra tu ti lei voi"),
        ("o a os as de do da em um uma para com não no na que e", "eu me meu minha nós nos nosso nossa você vocês"),
        ("de het een van en op te dat met voor is in", "ik mij mijn wij we ons onze jij je jouw u uw"),
        (
            "и в на не что с по из к для это как или все от если то их",
            "я мне меня мной мой моя моё мы нас нам наш наша ты тебя тебе вы вас вам ваш",
        ),
    )
)
NOBODY_TALKS = "nobody talks here: it reads as a report or a list, not as an interview; name the speakers if it is one"
ONLY_QUESTIONS = (
    "only questions were found, no answers: this reads as a guide for an interview; give the interview itself"
)
LIKE_A_REPORT = "few words here are speech: if this is a report, remove it"
SUMMARY = "this is a summary of a meeting, not the talk itself: export its transcript"
LIKE_A_SUMMARY = (
    "this reads as a summary of a meeting, not as the talk itself: add its transcript instead, if there is one"
)


class TalkSigns:
    """What shows whether a document holds talk; each share of words is measured once."""

    def __init__(self, script: Script, turns: Sequence[Turn]) -> None:
        self._script = script
        self._turns = turns

    def find_no_talk(self) -> str | None:
        """Say why the document holds no talk; None where it may hold some."""
        told = self._summary_share
        if told is not None and told < SUMMARY_TALK and not _is_dialogue(self._turns):
            return SUMMARY
        if self._unnamed and _is_guide(self._script):
            return ONLY_QUESTIONS
        share = self._unnamed_share
        is_asked = not QUESTION_MARKS.isdisjoint(self._unnamed)
        return NOBODY_TALKS if share is not None and share < NO_TALK and not is_asked else None

    def warn_of_report(self) -> tuple[str, ...]:
        """Warn of a document that may hold no talk."""
        if (told := self._summary_share) is not None:
            return (LIKE_A_SUMMARY,) if told < SUMMARY_AND_TALK else ()
        share = self._unnamed_share
        return (LIKE_A_REPORT,) if share is not None and share < LITTLE_TALK else ()

    @cached_property
    def _summary_share(self) -> float | None:
        """Share of speech in a document with the parts of a meeting's summary; None for any other.

        Where hardly anything counts as talk and nobody answers anybody, the whole text is measured.
        """
        if self._script.format not in PARAGRAPHED or not has_summary_parts(self._script.lines):
            return None
        talk = [turn for turn in self._turns if turn.kind == "talk"]
        text = PART_BREAK.join(turn.text for turn in talk)
        if text.count(" ") < LEAST_WORDS and len({turn.speaker for turn in talk if turn.speaker}) < 2:
            text = PART_BREAK.join(line.text for line in self._script.lines)
        return _personal_share(text)

    @cached_property
    def _unnamed(self) -> str:
        """The words of a document in which nobody is named; '' for any other, and where times show a recording."""
        is_named = any(turn.speaker or turn.start is not None for turn in self._turns)
        if is_named or self._script.format not in PARAGRAPHED:
            return ""
        return PART_BREAK.join(turn.text for turn in self._turns if turn.kind == "talk")

    @cached_property
    def _unnamed_share(self) -> float | None:
        return _personal_share(self._unnamed)


def _is_dialogue(turns: Sequence[Turn]) -> bool:
    """Whether two people speak more than once, and somebody asks: tasks that stand behind names ask nothing."""
    talk = [turn for turn in turns if turn.kind == "talk" and turn.speaker]
    spoken = Counter(turn.speaker for turn in talk)
    asks = any(not QUESTION_MARKS.isdisjoint(turn.text) for turn in talk)
    return asks and sum(count > 1 for count in spoken.values()) > 1


def _personal_share(text: str) -> float | None:
    """Measure the share of words by which people speak of themselves and to others; None if that shows nothing."""
    words = Counter(WORD.findall(text.lower().replace("’", "'")))
    size = words.total()
    shares = [(_share(words, common), _share(words, personal)) for common, personal in LANGUAGES]
    known, share = max(shares)
    return share if size >= LEAST_WORDS and known >= KNOWN_SHARE else None


def _share(words: Counter[str], known: frozenset[str]) -> float:
    return sum(words[word] for word in known) / max(1, words.total())


def _is_guide(script: Script) -> bool:
    """Whether questions follow one another, without answers."""
    paragraphs = [line.text.strip() for line in script.lines if line.text.strip()]
    asks = [paragraph[-1] in QUESTION_MARKS for paragraph in paragraphs]
    unanswered = sum(1 for one, two in pairwise((*asks, True)) if one and two)
    asked = sum(part.count(" ") + 1 for part, is_question in zip(paragraphs, asks, strict=True) if is_question)
    words = sum(part.count(" ") + 1 for part in paragraphs)
    return sum(asks) >= GUIDE_QUESTIONS and unanswered >= GUIDE_SHARE * sum(asks) and asked >= GUIDE_SHARE * words
