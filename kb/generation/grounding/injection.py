"""Detect prompt injection: text in a transcript that tries to instruct a language model."""

from __future__ import annotations

import re

# Patterns: instructions to override, addressees, and demanded output. Leaders often say "I'd say that", so a demand to
# say something counts only at the start of a sentence, followed by what to say.
ORDERS = re.compile(
    r"""(?ix)
    \b(?:ignore|disregard|forget|override|bypass|skip|drop)\s+(?:\w+\s+){0,4}?
        (?:instructions?|prompts?|rules?|guidelines?|directives?|(?:other|these|those|above|previous)\s+passages?)\b
    | \b(?:system\s+prompt|(?:large\s+)?language\s+models?|chat\s?bots?)\b
        (?=[^.!?]{0,80}\b(?:you|your|must|should|please)\b)
    | \b(?:you\s+are|act\s+as|as)\s+(?:now\s+)?an?\s+(?:\w+\s+)?(?:ai|assistant|language\s+model|chat\s?bot)\b
    | \b(?:dear|hey|attention|note\s+to|message\s+(?:to|for)|instructions?\s+(?:to|for))[\s,:]+(?:the\s+|any\s+|all\s+)?
        (?:ai|a\.i\.|assistants?|models?|language\s+models?|chat\s?bots?|llms?)\b
    | \b(?:in|as|of|begin|start|end)\s+your\s+(?:answer|reply|response|output|summary)\b
    | \bnew\s+instructions?\b\s*:
    | (?:^|[.!?:]\s+)(?:and\s+|now\s+|instead,?\s+|please,?\s+|you\s+(?:must|should|will)\s+(?:now\s+|only\s+)?)*
        (?:say|write|answer|reply|respond|output|print|repeat|state|claim|conclude|report|tell\s+(?:the\s+)?
        (?:user|reader|researcher)s?)\s+(?:only\s+|exactly\s+|instead\s+)?(?:that\s+(?!again)|with\b|:\s)
    | <\s*/?\s*(?:system|assistant|user|passage|instructions?)\b
    """
)


def find_prompt_injection(text: str) -> int | None:
    """Return the offset of the first prompt injection, such as 'ignore your instructions'; None if there is none."""
    found = ORDERS.search(text)
    return found.start() if found else None
