"""The containers: they start what the project has, are open to this machine alone, and hold no secret."""

import re

import pytest
import yaml
from conftest import ROOT

from kb.settings import Settings

COMPOSE = (ROOT / "docs" / "compose.yaml").read_text(encoding="utf-8")
SERVICES = yaml.safe_load(COMPOSE)["services"]


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_watched_keeps_its_state_and_is_open_to_this_machine_at_most(name: str) -> None:
    service = SERVICES[name]
    assert service["healthcheck"]["test"][0] == "CMD"
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))
    volumes = {volume.partition(":")[0] for volume in service["volumes"]}
    assert volumes <= set(yaml.safe_load(COMPOSE)["volumes"])


def test_secrets_come_from_the_environment_alone() -> None:
    given = {key: value for one in SERVICES.values() for key, value in one.get("environment", {}).items()}
    secrets = [value for key, value in given.items() if key.endswith(("PASSWORD", "KEY", "TOKEN"))]
    within = [re.sub(r".*//kb:(.*)@.*", r"\1", value) for key, value in given.items() if "//kb:" in str(value)]
    assert len(secrets) == 2
    assert len(within) == 1
    assert all(re.fullmatch(r"\$\{KB_\w+:[-?][^}]*\}", value) for value in secrets + within)


def test_the_settings_of_the_app_can_be_read() -> None:
    given = {
        key: re.sub(r"\$\{\w+(?::-([^}]*)|:\?[^}]*)?\}", r"\1", str(value))
        for key, value in SERVICES["app"]["environment"].items()
    }
    settings = Settings.from_env({key: value.replace("//kb:@", "//kb:secret@") for key, value in given.items()})
    assert settings.chroma_url == "http://chroma:8000"
    assert settings.catalog_url == "postgresql://kb:secret@postgres:5432/kb?sslmode=disable"
    assert settings.chroma_timeout == 30
    assert settings.language_model is None


def test_the_image_copies_what_is_there() -> None:
    lines = (ROOT / "docs" / "Dockerfile").read_text(encoding="utf-8").splitlines()
    copied = [name for line in lines if line.startswith("COPY") for name in line.split()[1:-1]]
    assert {"constraints.txt", "pyproject.toml", "app.py", "kb", "ingest", ".streamlit"} <= set(copied)
    assert all((ROOT / name).exists() for name in copied)
    let_in = (ROOT / "docs" / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    assert all(f"!{name}" in let_in for name in copied)
