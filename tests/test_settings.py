"""Addresses of servers: what a client would drop, or replace by this machine, is refused before anything is sent."""

from __future__ import annotations

import pytest

from kb.errors import BadSetting
from kb.settings import LanguageModelSettings, Settings

UNUSABLE = (
    "chroma.example.org",
    "chroma.example.org:9000",
    "localhost:8000",
    "//chroma.example.org:8000",
    "ftp://chroma.example.org",
    "http://",
    "http://:8000",
    "http:chroma.example.org:8000",
    "http:///chroma.example.org",
    "http://host:port",
    "http://host:0",
    "http://host:70000",
    "http://[::1",
    "http://user:hush@host:8000",
    "http://host:8000?tenant=x",
    "http://host:8000#x",
    "http://ho\nst:8000",
    " http://host:8000",
)


@pytest.mark.parametrize("url", [*UNUSABLE, "http://host:8000/tenant/x", "https://host/chroma"])
def test_an_address_of_chroma_that_names_no_server_or_more_than_one_is_refused(url: str) -> None:
    with pytest.raises(BadSetting, match=r"^KB_CHROMA_URL must look like http://127\.0\.0\.1:8000, with") as caught:
        Settings.from_env({"KB_CHROMA_URL": url, "KB_CHROMA_TOKEN": "hush"})
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("url", UNUSABLE)
@pytest.mark.parametrize("kind", ["openai-like", "ollama", "anthropic"])
def test_an_address_of_a_language_model_that_names_no_server_is_refused(kind: str, url: str) -> None:
    with pytest.raises(BadSetting, match=r"^KB_LLM_URL must look like http://127\.0\.0\.1:8080/v1, with") as caught:
        Settings.from_env({"KB_LLM": kind, "KB_LLM_MODEL": "x", "KB_LLM_URL": url, "KB_LLM_KEY": "hush"})
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8000", "https://chroma.example.org/", "http://[::1]:8000", "HTTP://host"]
)
def test_an_address_that_names_a_server_is_taken_as_it_is(url: str) -> None:
    assert Settings.from_env({"KB_CHROMA_URL": url}).chroma_url == url
    assert LanguageModelSettings("ollama", "x", f"{url.rstrip('/')}/v1").url == f"{url.rstrip('/')}/v1"
