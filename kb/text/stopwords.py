"""English words that carry no meaning of their own: not searched for."""

from __future__ import annotations

STOPWORDS = frozenset(
    "a about after all also am an and any are as at be because been before being but by can could did do does doing "
    "don't for from get had has have having he her here hers him his how i i'm if in into is it it's its just like me "
    "more most my no nor not of on one or other our ours out over own said say says she should so some such than that "
    "that's the their theirs them then there these they thing things this those through to too under until up us very "
    "was we were what when where which while who whom why will with would you your yours".split()
)
