"""Run a language model through llama-index and stream its words."""

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

    from kb.storage.http_limits import HttpLimits

log = logging.getLogger(__name__)

MAX_PIECES = 900  # maximum tokens of an answer: about 600 words
CONTEXT_PIECES = 8_192  # context window of a local model: passages, rules and its own words
MAX_CHARACTERS = 8_000  # hard limit, if a server ignores MAX_PIECES
MAX_BYTES = 8_000_000  # of one answer as it is sent, with what a model thinks before it: about 300 a token
MAX_SECONDS = 300.0  # for one answer
EXTRA = "pip install 'fusion-kb[{extra}]'"
FINISHED = object()


class LanguageModel(Protocol):
    """Interface of a language model."""

    @property
    def name(self) -> str:
        """Display name of the model."""

    def stream(self, prompt: Prompt) -> Iterator[str]:
        """Stream the answer. Raises LanguageModelFailed when it is silent, breaks off or does not end."""


@dataclass(frozen=True, slots=True)
class LlamaIndexModel:
    """A model accessed through a llama-index class."""

    name: str
    address: str  # for messages; empty: the provider's default
    timeout: float  # maximum seconds without a new word
    open: Callable[[], LLM]

    def load(self) -> None:
        """Import the client classes, which takes seconds. Raises LanguageModelFailed when they are not installed."""
        self.open()

    def stream(self, prompt: Prompt) -> Iterator[str]:
        """Stream the answer. Raises LanguageModelFailed when it is silent, breaks off or does not end."""
        from kb.storage.http_limits import HttpLimits

        model, limits = self.open(), HttpLimits(MAX_BYTES, MAX_SECONDS)
        words = _pump(lambda: self._chunks(model, prompt, limits), self.timeout, limits.cut)
        yield from _limit(words, MAX_CHARACTERS)

    def _chunks(self, model: LLM, prompt: Prompt, limits: HttpLimits) -> Iterator[str]:
        """Stream the answer in chunks; every failure becomes LanguageModelFailed."""
        from llama_index.core.llms import ChatMessage, MessageRole

        said = [
            ChatMessage(role=MessageRole.SYSTEM, content=prompt.rules),
            ChatMessage(role=MessageRole.USER, content=prompt.request),
        ]
        ending = ""
        try:
            limits.install(_find_client(model)._client)
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
        """Explain a client error in one line that says what to do, without the key or the server's message."""
        status = getattr(error, "status_code", None)
        if status in (401, 403):
            return f"The language model refused the key (HTTP {status}); set KB_LLM_KEY"
        if isinstance(status, int) and 300 <= status < 400:
            return f"The language model's server sends to another address (HTTP {status}); set KB_LLM_URL to that one"
        if status == 404:
            return f"The language model {self.name} is not there (HTTP 404); check KB_LLM_MODEL and KB_LLM_URL"
        if isinstance(status, int) and status > 0:
            return f"The language model answered with an error (HTTP {status}); try again later"
        if isinstance(error, ValueError | TypeError):
            return f"The language model {self.name} cannot be asked as it is set; check KB_LLM_MODEL and KB_LLM_URL"
        if refused := _find_refusal(error):
            return f"The language model {self.name} was stopped: {refused}"
        names = {one.__name__ for one in type(error).__mro__}
        if any("Timeout" in name for name in names):
            return _explain_silence(self.timeout)
        if names & {"APIConnectionError", "ConnectError", "ConnectionError"}:
            where = f" at {self.address}" if self.address else ""
            return f"The language model cannot be reached{where}; start it, or check KB_LLM_URL"
        return f"The language model {self.name} broke off before it was done; ask again, the log tells more"


def open_language_model(settings: LanguageModelSettings) -> LlamaIndexModel:
    """Open the model of the settings. Nothing is imported or sent before its first use."""
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


def _find_client(model: LLM) -> Any:
    """Return the provider's client, made if it is not yet; each keeps its HTTP client in `_client`."""
    if hasattr(model, "_get_client"):  # OpenAILike
        return model._get_client()
    return getattr(model, "client", None) or model._client  # type: ignore[attr-defined]  # Ollama; Anthropic


def _hang_up(model: LLM) -> None:
    """Close the connection, so that the server stops generating. All the classes keep their client in `_client`."""
    client = getattr(model, "_client", None)
    if client is not None:
        client.close()


def _find_refusal(error: BaseException | None) -> str:
    """Return which limit a response broke; '' if none. Clients wrap the error in theirs."""
    from kb.storage.http_limits import ResponseRefused

    while error is not None and not isinstance(error, ResponseRefused):
        error = error.__cause__
    return str(error or "")


def _read_ending(raw: Any) -> str:
    """Return the stop reason in a chunk, in the provider's words; '' if the model continues."""
    if isinstance(raw, dict):
        delta = raw.get("delta")
        return str(raw.get("done_reason") or raw.get("stop_reason") or getattr(delta, "stop_reason", "") or "")
    choices = getattr(raw, "choices", None) or []
    reason = choices[0].finish_reason if choices else getattr(getattr(raw, "delta", None), "stop_reason", None)
    return str(reason or "")


def _pump(start: Callable[[], Iterator[str]], timeout: float, cut: Callable[[], None]) -> Iterator[str]:
    """Read a source that may hang in a separate thread, and cut it at the end, whoever ends it.

    Raises LanguageModelFailed after `timeout` silent seconds.
    """
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
        cut()


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
