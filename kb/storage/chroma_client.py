"""Open Chroma, embedded or on a server, and convert its errors to one line."""

from __future__ import annotations

import logging
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from kb.errors import IndexMismatch, KBError, StoreUnavailable
from kb.settings import TIMEOUT
from kb.storage.chroma_files import FOLDER, find_damaged_files
from kb.storage.chroma_rows import MEND

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.collection_configuration import CreateHNSWConfiguration
    from chromadb.api.models.Collection import Collection

log = logging.getLogger(__name__)

COLLECTION = "passages"
OPENING = "opening.lock"  # in Chroma's folder, held while it is opened
RETRY = (
    f"if the disk is full or the server away, change that and run it again: what was there is kept; if neither, {MEND}"
)
MAX_REASON = 300  # characters of what a server says
# With these, recall at 50 against exact search is .992 at 200,000 vectors, for 2 ms a query more than the defaults.
HNSW: CreateHNSWConfiguration = {"space": "cosine", "ef_construction": 200, "ef_search": 400, "max_neighbors": 32}
_openings = count(1)


@dataclass(frozen=True, slots=True)
class OpenedClient:
    """A client with its collection, and the temporary copy that it reads if the folder is read-only."""

    client: ClientAPI | None = None  # None: it could not be opened
    collection: Any = None
    copy: TemporaryDirectory[str] | None = None

    def with_collection(self, fingerprint: str) -> OpenedClient:
        """Open or create the current collection. Raises IndexMismatch or StoreUnavailable."""
        return replace(self, collection=_open_collection(self.client, fingerprint)) if self.client else self

    def close(self) -> None:
        """Close the client and delete its copy."""
        if self.client is None:
            return
        from kb.storage.chroma_session import list_sessions

        self.client.close()  # type: ignore[attr-defined]  # it exists, but not in the interface
        for session in list_sessions(self.client):
            session.close()
        if self.copy:
            self.copy.cleanup()


def open_embedded(home: Path) -> OpenedClient:
    """Open a client of the home folder, or of a copy if it is read-only. Raises StoreUnavailable.

    Its files are checked first: Chroma trusts them. Each client has an engine of its own, so that
    reopening it reads the folder again whoever else has it open.
    """
    from chromadb.errors import ChromaError

    where = f"at {home / FOLDER} cannot be opened"
    try:
        if damage := find_damaged_files(home):
            raise StoreUnavailable(f"The vector store {where}: it is damaged, {damage}; {MEND}")
        with as_panic(), ExitStack() as opened:
            copy = _copy_unwritable(home / FOLDER)
            folder = opened.enter_context(copy) if copy else home / FOLDER
            client = _open_engine(folder)
            opened.pop_all()
        return OpenedClient(client, copy=copy)
    except OSError as error:
        raise _unavailable(where, error) from error
    except (ChromaError, ValueError, KeyError, TypeError) as error:
        raise _unavailable(where, error, MEND) from error


@contextmanager
def alone_opening(home: Path) -> Iterator[None]:
    """Keep other processes from opening the folder: Chroma creates its tables and collections without a lock.

    Raises StoreUnavailable.
    """
    from filelock import FileLock

    folder = home / FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
        held = FileLock(folder / OPENING).acquire(timeout=TIMEOUT) if os.access(folder, os.W_OK) else nullcontext()
    except OSError as error:
        raise _unavailable(f"at {folder} cannot be opened", error) from error
    with held:
        yield


def connect_server(url: str, token: str | None, timeout: float) -> ClientAPI:
    """Connect to a server, with a timeout for every response. Raises StoreUnavailable."""
    from chromadb.config import Settings as ChromaSettings

    from kb.storage.chroma_session import MAX_BYTES, open_http_client
    from kb.storage.http_limits import HttpLimits

    limits = HttpLimits(MAX_BYTES, timeout)
    address = urlsplit(url)
    is_secure = address.scheme == "https"

    def connect() -> ClientAPI:
        return open_http_client(
            # Complete, since Chroma takes a bare host that begins with "http" for an address without a port.
            f"{address.scheme}://{_bracket(address.hostname or '')}:{address.port or (443 if is_secure else 8000)}",
            ssl=is_secure,
            headers={"Authorization": f"Bearer {token}"} if token else None,
            settings=ChromaSettings(anonymized_telemetry=False),
            limits=limits,
        )

    try:
        return _finish_within(timeout, connect)
    except Exception as error:  # a server that is no Chroma makes its client raise anything
        limits.cut()  # else the thread that connects would go on
        raise _unavailable(f"at {url} cannot be opened", _find_cause(error)) from error


@contextmanager
def as_panic() -> Iterator[None]:
    """Convert a panic of Chroma's engine, which no `except Exception` sees, to a ValueError."""
    try:
        yield
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise ValueError(str(error)) from error


@contextmanager
def as_one_line() -> Iterator[None]:
    """Convert errors of Chroma to StoreUnavailable, in one line."""
    try:
        with as_panic():
            yield
    except KBError:
        raise
    except Exception as error:  # a server that is no Chroma makes its client raise anything
        raise _unavailable("cannot be used", _find_cause(error), RETRY) from error


def _find_cause(error: Exception) -> Exception:
    """Return the HTTP error behind an error that Chroma raises with the whole page of a proxy."""
    from httpx import HTTPStatusError

    cause: BaseException | None = error
    while cause and not isinstance(cause, HTTPStatusError):
        cause = cause.__context__
    return cause if isinstance(cause, HTTPStatusError) else error


def _bracket(host: str) -> str:
    """Write an IPv6 host as in an address."""
    return f"[{host}]" if ":" in host else host


def _open_collection(client: ClientAPI, fingerprint: str) -> Collection:
    from chromadb.errors import ChromaError
    from httpx import HTTPError

    try:
        with as_panic():
            collection = client.get_or_create_collection(
                COLLECTION,
                embedding_function=None,
                metadata={"fingerprint": fingerprint},
                configuration={"hnsw": HNSW},
            )
    except HTTPError as error:
        raise _unavailable("cannot be used", error, RETRY) from error
    except (ChromaError, ValueError) as error:
        raise _unavailable("cannot be read", error, MEND) from error
    except Exception as error:  # as in `as_one_line`
        raise _unavailable("cannot be used", _find_cause(error), RETRY) from error
    built = (collection.metadata or {}).get("fingerprint")
    if built != fingerprint:
        raise IndexMismatch(
            f"The vectors were built with {built or 'an unknown model'}, and this is {fingerprint};"
            " set KB_EMBED_MODEL as it was, or set KB_HOME to a new folder and ingest again"
        )
    return collection


def _open_engine(folder: str | Path) -> ClientAPI:
    """Open a folder under a spelling of its path that no other client has: Chroma shares an engine by the path."""
    import chromadb
    from chromadb.api.shared_system_client import SharedSystemClient
    from chromadb.config import Settings as ChromaSettings

    path = _respell(folder, next(_openings))
    try:
        return chromadb.PersistentClient(path, settings=ChromaSettings(anonymized_telemetry=False))
    except BaseException:
        SharedSystemClient._identifier_to_system.pop(path, None)  # Chroma keeps an engine that failed to start
        raise


def _respell(folder: str | Path, number: int) -> str:
    """Return the path of a folder in another spelling for each number: its binary digits as "/" and "/."."""
    return f"{folder}" + f"{number:b}".replace("1", "/.").replace("0", "/")


def _copy_unwritable(folder: Path) -> TemporaryDirectory[str] | None:
    """Copy a read-only folder: Chroma writes to its folder even when reading."""
    if not folder.exists() or all(os.access(path, os.W_OK) for path in (folder, *folder.iterdir())):
        return None
    copy = TemporaryDirectory(prefix="kb-chroma-")
    for path in folder.rglob("*"):
        target = Path(copy.name) / path.relative_to(folder)
        if path.is_dir():
            target.mkdir(parents=True, exist_ok=True)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)  # without its mode, so that the copy is writable
    return copy


def _finish_within(seconds: float, connect: Callable[[], ClientAPI]) -> ClientAPI:
    """Limit the time to connect: Chroma's client contacts the server before a timeout can be set."""
    made: Future[ClientAPI] = Future()

    def make() -> None:
        try:
            made.set_result(connect())
        except BaseException as error:  # noqa: BLE001 - raised in the thread that waits
            made.set_exception(error)

    threading.Thread(target=make, daemon=True).start()
    try:
        return made.result(timeout=seconds)
    except FutureTimeout:
        raise TimeoutError(f"no answer within {seconds:g} seconds; see whether the server is well") from None


def _unavailable(what: str, error: Exception, remedy: str = "") -> StoreUnavailable:
    """Describe an error in one line, even if it has no message."""
    said = str(error)
    cut = " …" if len(said) > MAX_REASON else ""
    reason = " ".join(said[:MAX_REASON].split()) + cut or "it gives no reason; the log tells more"
    line = f"The vector store {what}: {reason}" + (f"; {remedy}" if remedy else "")
    return StoreUnavailable(line).logged(log, error)
