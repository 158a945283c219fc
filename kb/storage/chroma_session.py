"""A client of a Chroma server, limited before its first request: Chroma sets no timeout and reads without end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import chromadb.api.client
from chromadb.auth import UserIdentity
from chromadb.config import Settings

from kb.storage.http_limits import HttpLimits

MAX_BYTES = 100_000_000  # of an answer; the largest that is asked for has 1,000 texts and vectors, of 4,096 dimensions
CLIENT = "chromadb.api.fastapi.FastAPI"


def open_http_client(
    host: str, port: int = 8000, *, ssl: bool, headers: dict[str, str] | None, settings: Settings, limits: HttpLimits
) -> chromadb.api.client.Client:
    """Connect to a server as `chromadb.HttpClient` does, with limits. Raises what Chroma and its HTTP client raise."""
    settings.chroma_api_impl = CLIENT
    settings.chroma_server_host, settings.chroma_server_http_port = host, port
    settings.chroma_server_ssl_enabled, settings.chroma_server_headers = ssl, headers
    return _LimitedClient(settings, limits)


def list_sessions(client: Any) -> Iterator[Any]:
    """Yield the HTTP sessions of a client: Chroma neither limits nor closes them."""
    for part in (client, getattr(client, "_admin_client", None)):
        session = getattr(getattr(part, "_server", None), "_session", None)
        if session:
            yield session


class _LimitedClient(chromadb.api.client.Client):
    """A client whose two sessions are limited as soon as each is there, before anything is sent."""

    def __init__(self, settings: Settings, limits: HttpLimits) -> None:
        self._limits = limits
        super().__init__(settings=settings)

    def get_user_identity(self) -> UserIdentity:
        self._limit_sessions()
        return super().get_user_identity()

    def _validate_tenant_database(self, tenant: str, database: str) -> None:
        self._limit_sessions()
        super()._validate_tenant_database(tenant, database)

    def _limit_sessions(self) -> None:
        for session in list_sessions(self):
            self._limits.install(session)
            session.timeout = self._limits.max_seconds
