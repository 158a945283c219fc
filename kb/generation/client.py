"""Run a language model: a prompt in, words out as they come, through llama-index's classes."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from kb.errors import LanguageModelFailed
from kb.generation.prompt import Prompt
from kb.settings import LanguageModelSettings

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

log = logging.getLogger(__name__)

MAX_PIECES = 900  # word pieces a model may write: about 600 words
CONTEXT_PIECES = 8_192  # what a local model must keep in view: the passages, the rules and its own words
MAX_CHARACTERS = 8_000  # whatever it was told
MAX_SECONDS = 300.0  # for one answer
EXTRA = "pip install 'fusion-kb[{extra}]'"
FINISHED = object()


class LanguageModel(Protocol):
    """What the knowledge base asks of a language model."""

    @property
    def name(self) -> str:
        """The name a person knows the model by."""

    def stream(self, prompt: Prompt) -> Iterator[str]:
        """Its words as they come; LanguageModelFailed when they stay away, break off or never end."""


@dataclass(frozen=True, slots=True)
class LlamaIndexModel:
    """A model behind one of llama-index's classes."""

    name: str
    address: str  # for messages; empty: the maker's own
    timeout: float  # seconds without a new word
    open: Callable[[], LLM]

    def load(self) -> None:
        """Import its classes, which takes seconds; LanguageModelFailed where they are not installed."""
        self.open()

    def stream(self, prompt: Prompt) -> Iterator[str]:
        """Its words as they come; LanguageModelFailed when they stay away, break off or never end."""
        model = self.open()
        yield from _limit(_pump(lambda: self._chunks(model, prompt), self.timeout), MAX_CHARACTERS)

    def _chunks(self, model: LLM, prompt: Prompt) -> Iterator[str]:
        """What the model says, chunk by chunk, with every failure in our words."""
        from llama_index.core.llms import ChatMessage, MessageRole

        said = [
            ChatMessage(role=MessageRole.SYSTEM, content=prompt.rules),
            ChatMessage(role=MessageRole.USER, content=prompt.request),
        ]
        ending = ""
        try:
            for response in model.stream_chat(said):
                ending = _read_ending(response.raw) or ending
                yield response.delta or ""
        except Exception as error:
            failure = LanguageModelFailed(self._explain(error))
            raise failure.logged(log, error, logging.WARNING) from error
        finally:
            _hang_up(model)
        if not ending:
            raise LanguageModelFailed(f"The language model {self.name} broke off before it was done")
        if ending in ("length", "max_tokens"):
            raise LanguageModelFailed(f"The language model {self.name} wrote until it was cut off")

    def _explain(self, error: Exception) -> str:
        """An error of a client as one line that says what to do, without the key and without the server's words."""
        status = getattr(error, "status_code", None)
        if status in (401, 403):
            return f"The language model refused the key (HTTP {status}); set KB_LLM_KEY"
        if status == 404:
            return f"The language model {self.name} is not there (HTTP 404); check KB_LLM_MODEL and KB_LLM_URL"
        if isinstance(status, int) and status > 0:
            return f"The language model answered with an error (HTTP {status}); try again later"
        if isinstance(error, ValueError | TypeError):
            return f"The language model {self.name} cannot be asked as it is set; check KB_LLM_MODEL and KB_LLM_URL"
        names = {one.__name__ for one in type(error).__mro__}
        if any("Timeout" in name for name in names):
            return _explain_silence(self.timeout)
        if names & {"APIConnectionError", "ConnectError", "ConnectionError"}:
            where = f" at {self.address}" if self.address else ""
            return f"The language model cannot be reached{where}; start it, or check KB_LLM_URL"
        return f"The language model {self.name} broke off before it was done ({type(error).__name__})"


def open_language_model(settings: LanguageModelSettings) -> LlamaIndexModel:
    """The model that the settings name; nothing is loaded or asked before its first word is wanted."""
    makers: dict[str, Callable[[LanguageModelSettings], LLM]] = {
        "openai-like": _open_openai_like,
        "ollama": _open_ollama,
        "anthropic": _open_anthropic,
    }
    make = makers[settings.kind]
    return LlamaIndexModel(settings.model, settings.url or "", settings.timeout, lambda: make(settings))


def _open_openai_like(settings: LanguageModelSettings) -> LLM:
    try:
        from llama_index.llms.openai_like import OpenAILike
    except ImportError as error:
        raise _missing("openai-like", "llm") from error
    model: LLM = OpenAILike(
        model=settings.model,
        api_base=settings.url,
        api_key=settings.key or "none",
        is_chat_model=True,
        temperature=0.0,
        max_tokens=MAX_PIECES,
        max_retries=0,
        timeout=settings.timeout,
    )
    return model


def _open_ollama(settings: LanguageModelSettings) -> LLM:
    try:
        from llama_index.llms.ollama import Ollama
    except ImportError as error:
        raise _missing("ollama", "llm") from error
    model: LLM = Ollama(
        model=settings.model,
        base_url=settings.url or "http://127.0.0.1:11434",
        request_timeout=settings.timeout,
        temperature=0.0,
        context_window=CONTEXT_PIECES,
        additional_kwargs={"num_predict": MAX_PIECES},
    )
    return model


def _open_anthropic(settings: LanguageModelSettings) -> LLM:
    try:
        from llama_index.llms.anthropic import Anthropic
    except ImportError as error:
        raise _missing("anthropic", "anthropic") from error
    model: LLM = Anthropic(
        model=settings.model,
        base_url=settings.url,
        api_key=settings.key,
        temperature=0.0,
        max_tokens=MAX_PIECES,
        max_retries=0,
        timeout=settings.timeout,
    )
    return model


def _missing(kind: str, extra: str) -> LanguageModelFailed:
    return LanguageModelFailed(f"KB_LLM={kind} needs a package that is not installed; run: {EXTRA.format(extra=extra)}")


def _hang_up(model: LLM) -> None:
    """Close the connection, so that a server stops writing; each of the classes keeps its maker's client so."""
    client = getattr(model, "_client", None)
    if client is not None:
        client.close()


def _read_ending(raw: Any) -> str:
    """Why a model stopped, where a chunk tells it, in the words of each maker; '' where it goes on."""
    if isinstance(raw, dict):
        delta = raw.get("delta")
        return str(raw.get("done_reason") or raw.get("stop_reason") or getattr(delta, "stop_reason", "") or "")
    choices = getattr(raw, "choices", None) or []
    reason = choices[0].finish_reason if choices else getattr(getattr(raw, "delta", None), "stop_reason", None)
    return str(reason or "")


def _pump(start: Callable[[], Iterator[str]], timeout: float) -> Iterator[str]:
    """Words of a source that may hang: read in a thread of its own, given up after `timeout` seconds without one."""
    words: queue.Queue[object] = queue.Queue()
    stop = threading.Event()
    threading.Thread(target=_read_into, args=(words, start, stop), daemon=True).start()
    ends = time.monotonic() + MAX_SECONDS
    silent_at = time.monotonic() + timeout
    try:
        while True:
            now = time.monotonic()
            if now >= ends:
                raise LanguageModelFailed(f"The language model was stopped after {MAX_SECONDS:g} seconds")
            try:
                item = words.get(timeout=max(0.0, min(ends, silent_at) - now))
            except queue.Empty:
                if time.monotonic() < ends:
                    raise LanguageModelFailed(_explain_silence(timeout)) from None
                continue
            if item is FINISHED:
                return
            if isinstance(item, LanguageModelFailed):
                raise item
            silent_at = time.monotonic() + timeout
            yield str(item)
    finally:
        stop.set()


def _read_into(words: queue.Queue[object], start: Callable[[], Iterator[str]], stop: threading.Event) -> None:
    chunks = start()
    try:
        for chunk in chunks:
            if stop.is_set():
                break
            if chunk:
                words.put(chunk)
    except LanguageModelFailed as error:
        words.put(error)
    finally:
        words.put(FINISHED)
        close = getattr(chunks, "close", None)
        if close:
            close()


def _limit(words: Iterator[str], characters: int) -> Iterator[str]:
    left = characters
    for word in words:
        left -= len(word)
        if left < 0:
            raise LanguageModelFailed(f"The language model was stopped after {characters:,} characters")
        yield word


def _explain_silence(timeout: float) -> str:
    return f"The language model said nothing for {timeout:g} seconds; set KB_LLM_TIMEOUT to wait longer"
