"""Generate text next to an answer with a language model, checked sentence by sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from kb.answering.citation import cite
from kb.embedding.protocol import Embedder
from kb.errors import LanguageModelFailed, UnfoundQuote, UnknownInterview
from kb.generation.client import LanguageModel
from kb.generation.grounding.evidence import Evidence
from kb.generation.grounding.gate import read_stream
from kb.generation.grounding.similarity import ClaimMatcher
from kb.generation.grounding.verdict import CheckedSentence, Source
from kb.generation.prompt import choose_sources, write_prompt
from kb.model import Answer, Turn

NO_MODEL = "No language model is set; set KB_LLM to openai-like, ollama or anthropic"
NOT_COVERED = "The interviews do not say; the language model was not asked"
NO_PASSAGE = "Every passage found gives orders to its reader; the language model was not asked"
CHANGED_MEANWHILE = "An interview was removed or replaced while the language model wrote; ask again"
SAID_NOTHING = "The language model answered without a word"


@dataclass(frozen=True, slots=True)
class Synthesis:
    """The text that a language model has written so far, with its checks."""

    sources: tuple[Source, ...]
    sentences: tuple[CheckedSentence, ...] = ()
    draft: str = ""  # the sentence being written, not checked yet
    problem: str = ""  # one line: why the model wrote nothing, or stopped early
    is_done: bool = False


def synthesize(
    model: LanguageModel | None, answer: Answer, embedder: Embedder, turn: Callable[[str, int], Turn]
) -> Iterator[Synthesis]:
    """Yield the text as it grows; the last item is done. `turn` returns a turn by interview id and index.

    Failures of the model are not raised: the `problem` of the last item describes them.
    """
    if model is None:
        yield Synthesis((), problem=NO_MODEL, is_done=True)
        return
    sources = choose_sources(answer) if answer.is_covered else ()
    if not sources:
        yield Synthesis((), problem=NO_PASSAGE if answer.is_covered else NOT_COVERED, is_done=True)
        return
    evidence = Evidence(sources, ClaimMatcher(embedder).match, partial(cite, turn=turn))
    words = model.stream(write_prompt(answer.query.text, sources))
    written = Synthesis(sources)
    yield written
    try:
        for reading in read_stream(words, evidence):
            written = Synthesis(sources, reading.sentences, reading.draft)
            yield written
    except LanguageModelFailed as failure:
        yield replace(written, draft="", problem=str(failure), is_done=True)
        return
    except (UnknownInterview, UnfoundQuote):  # its turns are read as they are now
        yield replace(written, draft="", problem=CHANGED_MEANWHILE, is_done=True)
        return
    yield replace(written, problem="" if written.sentences else SAID_NOTHING, is_done=True)
