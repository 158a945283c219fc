"""Find where a text orders its reader about: words in a transcript that are meant to steer a language model."""

from __future__ import annotations

import re

# What may be overridden, whom such words address, and what they want written. Leaders say "I'd say that" all day
# long: an order to say something counts only at the head of a sentence, to be followed by what is to be said.
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
    """Where a text begins to order its reader about, such as 'ignore your instructions'; None if nowhere."""
    found = ORDERS.search(text)
    return found.start() if found else None
