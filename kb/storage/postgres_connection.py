"""A connection to a PostgreSQL server that may be none: bounded in time and memory, with the driver's errors alone.

The driver reads as many bytes as a message announces, waits for each as long as for the last, and fails in its own ways
at a message that it does not know.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pg8000.dbapi

MAX_MESSAGE = 64_000_000  # bytes; a message is a row, and the largest is a turn
# SQLAlchemy gives up a connection by the first two words.
FAULT = "network error: the server does not answer as PostgreSQL does"


def connect(_dialect: Any, _record: Any, arguments: list[Any], options: dict[str, Any]) -> Any:
    """Connect for SQLAlchemy's event `do_connect`. Raises errors of the driver alone."""
    return _LimitedConnection(*arguments, **options)


class _LimitedConnection(pg8000.dbapi.Connection):  # type: ignore[misc]  # the driver has no types
    """A connection whose messages are limited, and which is up within its timeout or given up."""

    def __init__(self, *arguments: Any, timeout: float, **options: Any) -> None:
        self._is_late = False
        self._deadline = threading.Timer(timeout, self._give_up)
        self._deadline.daemon = True
        try:
            with _as_driver_error():
                super().__init__(*arguments, timeout=timeout, **options)
        except pg8000.dbapi.Error:
            if not self._is_late:
                raise
            raise pg8000.dbapi.InterfaceError("network error") from TimeoutError("timed out")
        finally:
            self._deadline.cancel()

    @property
    def _sock(self) -> Any:
        return self._limited

    @_sock.setter
    def _sock(self, file: Any) -> None:
        """Limit the file that the driver reads from, which it opens before it says a word."""
        self._limited = _LimitedFile(file) if file else None
        if file:  # else it is closed
            self._deadline.start()

    def handle_messages(self, context: Any) -> None:
        with _as_driver_error():
            super().handle_messages(context)

    def _give_up(self) -> None:
        self._is_late = True
        with suppress(OSError):  # closed meanwhile
            socket.socket.shutdown(self._usock, socket.SHUT_RDWR)


class _LimitedFile:
    """A file that reads no more at once than a message may have."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def read(self, size: int) -> bytes:
        if not 0 <= size <= MAX_MESSAGE:
            raise pg8000.dbapi.InterfaceError(FAULT)
        found: bytes = self._file.read(size)
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


@contextmanager
def _as_driver_error() -> Iterator[None]:
    try:
        yield
    except pg8000.dbapi.Error:
        raise
    except OSError as error:
        raise pg8000.dbapi.InterfaceError("network error") from error
    except Exception as error:
        raise pg8000.dbapi.InterfaceError(FAULT) from error
