"""Rephrase a question about leaders in general in the second person, as a host asks a leader."""

from __future__ import annotations

import re

KIND = r"(?:(?:good|great|best|successful|new|young|experienced) )?"
PEOPLE = rf"{KIND}(?:leaders|founders|ceos|chief executives|executives|entrepreneurs|bosses|managers|owners)"
PERSON = rf"(?:an?|the) {KIND}(?:leader|founder|ceo|chief executive|executive|entrepreneur|boss|manager|owner)"
SUBJECT = re.compile(
    rf"(?i)\b(do|does|did|can|could|should|would|must|will|when|if|why|how) (?:{PEOPLE}|{PERSON})\b(?!['’-])"
)
OWN = re.compile(r"(?i)\b(?:their|his|her)\b")
THEM = re.compile(r"(?i)\b(?:they|them|he|she|him)\b")
SELF = re.compile(r"(?i)\b(?:themselves|himself|herself)\b")


def to_second_person(question: str) -> str:
    """Turn 'How do leaders win their people?' into 'How do you win your people?'; '' for other questions.

    Interviews answer questions to one person: the words of such a question are closer to the answers.
    """
    addressed = SUBJECT.sub(r"\1 you", question)
    if addressed == question:
        return ""
    return SELF.sub("yourself", THEM.sub("you", OWN.sub("your", addressed)))
