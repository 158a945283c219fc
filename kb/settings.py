"""Settings: where data is stored and which components are used; read once from the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from kb.errors import BadSetting

DEFAULT_HOME = Path(".kb")
TIMEOUT = 30.0  # seconds: a model on a laptop may need long before its first word; a store never does
UPLOAD_MB = 200  # millions of bytes: the files of one upload; two hundred interviews have some 20
UPLOADS_MB = 5_000  # all uploads that are kept
KINDS = ("openai-like", "ollama", "anthropic")


@dataclass(frozen=True, slots=True)
class LanguageModelSettings:
    """Which language model is used, and how it is reached. Raises BadSetting for an address that cannot be used."""

    kind: str  # one of KINDS
    model: str
    url: str | None = None  # base address; None: the default address of this kind
    key: str | None = field(default=None, repr=False)
    timeout: float = TIMEOUT  # maximum seconds without a new word

    def __post_init__(self) -> None:
        if self.url and not _is_address(self.url):
            raise BadSetting(
                "KB_LLM_URL must look like http://127.0.0.1:8080/v1, with http:// or https:// before it and nothing"
                " behind the path; a key goes into KB_LLM_KEY"
            )

    @classmethod
    def from_env(cls, environment: Mapping[str, str]) -> LanguageModelSettings | None:
        """Read the KB_LLM* variables; None if KB_LLM is not set. Raises BadSetting when they cannot be used."""
        kind = environment.get("KB_LLM")
        if not kind:
            return None
        if kind not in KINDS:
            raise BadSetting(f"KB_LLM is {kind!r}; set it to one of {', '.join(KINDS)}, or leave it out")
        model, url, key = (environment.get(f"KB_LLM_{name}") or None for name in ("MODEL", "URL", "KEY"))
        if not model:
            raise BadSetting(f"KB_LLM={kind} needs the name of a model; set KB_LLM_MODEL")
        if kind == "openai-like" and not url:
            raise BadSetting(
                "KB_LLM=openai-like needs a base address; set KB_LLM_URL, such as http://127.0.0.1:8080/v1"
            )
        if kind == "anthropic" and not key:
            raise BadSetting("KB_LLM=anthropic needs a key; set KB_LLM_KEY")
        return cls(kind, model, url, key, _read_seconds("KB_LLM_TIMEOUT", environment))


@dataclass(frozen=True, slots=True)
class Settings:
    """How a knowledge base is opened.

    Raises BadSetting for an address that cannot be used, and for a shared catalog without a Chroma server.
    """

    home: Path = DEFAULT_HOME  # folder of all stored data
    embed_model: str | None = None  # a sentence-transformers name or folder; None: the bundled all-MiniLM-L6-v2
    reranker: str | None = None  # name or folder of a cross-encoder that reranks the best passages; None: no reranking
    lexicon: Path | None = None  # a custom theme file, in addition to the bundled themes
    framework: Path | None = None  # a custom file of behaviours, in place of the bundled "Fusion and power"
    user: str | None = None  # name under which passages are judged, until a reader types another one
    # Address of a PostgreSQL database, with password; None: SQLite in the home folder
    catalog_url: str | None = field(default=None, repr=False)
    catalog_timeout: float = TIMEOUT  # maximum seconds for PostgreSQL to connect, and without a byte of a response
    chroma_url: str | None = None  # address of a Chroma server; None: embedded Chroma in the home folder
    chroma_token: str | None = field(default=None, repr=False)  # sent to the Chroma server as a bearer token
    chroma_timeout: float = TIMEOUT  # maximum seconds for a response of the Chroma server
    language_model: LanguageModelSettings | None = None  # None: answers consist of the leaders' own sentences only
    upload_mb: int = UPLOAD_MB  # maximum size of one upload's files, in millions of bytes
    uploads_mb: int = UPLOADS_MB  # maximum size of all uploads that are kept
    links_private: bool = False  # links may lead to machines of this network, and to this one
    audio_model: str | None = None  # folder or name of a Whisper model that transcribes recordings; None: none are

    def __post_init__(self) -> None:
        if self.chroma_url and not (_is_address(self.chroma_url) and urlsplit(self.chroma_url).path in ("", "/")):
            raise BadSetting(
                "KB_CHROMA_URL must look like http://127.0.0.1:8000, with http:// or https:// before it and nothing"
                " behind the port; a token goes into KB_CHROMA_TOKEN"
            )
        if self.catalog_url and not self.chroma_url:
            raise BadSetting(
                "KB_CATALOG_URL shares the catalog between hosts, and Chroma inside KB_HOME cannot be shared;"
                " set KB_CHROMA_URL to a Chroma server too"
            )

    @classmethod
    def from_env(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read the KB_* variables; an empty value counts as unset. Raises BadSetting when one cannot be used."""
        return cls(
            home=Path(environment.get("KB_HOME") or DEFAULT_HOME),
            embed_model=environment.get("KB_EMBED_MODEL") or None,
            reranker=environment.get("KB_RERANKER") or None,
            lexicon=Path(own) if (own := environment.get("KB_LEXICON")) else None,
            framework=Path(own) if (own := environment.get("KB_LENS")) else None,
            user=environment.get("KB_USER") or None,
            catalog_url=environment.get("KB_CATALOG_URL") or None,
            catalog_timeout=_read_seconds("KB_CATALOG_TIMEOUT", environment),
            chroma_url=environment.get("KB_CHROMA_URL") or None,
            chroma_token=environment.get("KB_CHROMA_TOKEN") or None,
            chroma_timeout=_read_seconds("KB_CHROMA_TIMEOUT", environment),
            language_model=LanguageModelSettings.from_env(environment),
            upload_mb=_read_size("KB_UPLOAD_MB", environment, UPLOAD_MB),
            uploads_mb=_read_size("KB_UPLOADS_MB", environment, UPLOADS_MB),
            links_private=_read_flag("KB_LINKS_PRIVATE", environment),
            audio_model=environment.get("KB_AUDIO_MODEL") or None,
        )


def _is_address(url: str) -> bool:
    """Whether a URL names a web server, and nothing that a client would drop: a query, a fragment, a password."""
    try:
        address = urlsplit(url)
        is_complete = address.scheme in ("http", "https") and bool(address.hostname) and address.port != 0
    except ValueError:
        return False
    is_printable = url.isprintable() and " " not in url  # urlsplit drops line ends
    return is_complete and is_printable and "@" not in address.netloc and not {"?", "#"} & set(url)


def _read_seconds(name: str, environment: Mapping[str, str]) -> float:
    text = environment.get(name) or str(TIMEOUT)
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= 3600:
        raise BadSetting(f"{name} is {text!r}; set it to a number of seconds from 1 to 3600")
    return seconds


def _read_size(name: str, environment: Mapping[str, str], default: int) -> int:
    text = environment.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not 0 < int(text[:12]) <= 10**9:
        raise BadSetting(f"{name} is {text!r}; set it to a number of megabytes, such as {default}")
    return int(text)


def _read_flag(name: str, environment: Mapping[str, str]) -> bool:
    text = environment.get(name) or "0"
    if text not in ("0", "1"):
        raise BadSetting(f"{name} is {text!r}; set it to 1 or leave it out")
    return text == "1"
