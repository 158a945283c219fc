"""English stop words and function words."""

from __future__ import annotations

# Left out of keyword search.
STOPWORDS = frozenset(
    "a about after all also am an and any are as at be because been before being but by can could did do does doing "
    "don't for from get had has have having he her here hers him his how i i'm if in into is it it's its just like me "
    "more most my no nor not of on one or other our ours out over own said say says she should so some such than that "
    "that's the their theirs them then there these they thing things this those through to too under until up us very "
    "was we were what when where which while who whom why will with would you your yours".split()
)
# Also ignored when a claim is compared with a passage: words that mostly connect others.
FUNCTION_WORDS = STOPWORDS | frozenset(
    "according again against although always another anybody anyone anything aren't around away back became "
    "become becomes behind between both came cannot can't come comes couldn't didn't doesn't don done down during "
    "each either else even ever every everybody everyone everything few further gets getting give given go goes "
    "going gone got hence herself he's himself however indeed instead isn't itself i've keep kept kind last least "
    "less let let's lot lots made make makes making many may maybe mean might mine much must myself near need "
    "never new next nobody none nothing now off often once ones one's only onto others part people per perhaps "
    "put quite rather really right s same saying see seem seems several shall she's since somebody someone "
    "something sometimes sort still take taken takes themselves therefore there's they're though thus together "
    "toward towards upon used via want wants wasn't way ways well went weren't we're whatever whether whole whose "
    "within without won't wouldn't yet yourself you're".split()
)
