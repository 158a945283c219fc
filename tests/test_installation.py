"""A distribution that installs a package named as one of ours is named by the doctor."""

from pathlib import Path

import pytest

from kb.cli.installation import find_name_clashes
from kb.cli.main import main

TOLD = (
    "the package kb is installed by other-notes too, and one overwrites the other;"
    " install fusion-kb into a virtual environment of its own"
)


def install(site: Path, name: str, *packages: str, declares: bool) -> None:
    """What pip leaves of a distribution, with the list of its packages or with that of its files alone."""
    folder = site / f"{name.replace('-', '_')}-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", encoding="utf-8")
    (folder / "RECORD").write_text("".join(f"{one}/__init__.py,,\n" for one in packages), encoding="utf-8")
    if declares:
        (folder / "top_level.txt").write_text("\n".join(packages), encoding="utf-8")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    return folder


@pytest.mark.parametrize("declares", [True, False])
def test_another_package_of_our_name_is_named(site: Path, declares: bool) -> None:
    assert find_name_clashes() == []
    install(site, "other-notes", "kb", "notes", declares=declares)
    assert find_name_clashes() == [TOLD]


def test_each_of_our_names_is_looked_for(site: Path) -> None:
    install(site, "other-notes", "kb", declares=True)
    install(site, "etl", "ingest", declares=True)
    install(site, "pipes", "ingest", declares=True)
    first, second = find_name_clashes()
    assert first == TOLD
    assert second.startswith("the package ingest is installed by etl and pipes too")


def test_our_own_distribution_is_no_clash(site: Path) -> None:
    install(site, "fusion-kb", "kb", "ingest", declares=True)
    assert find_name_clashes() == []


def test_the_doctor_tells_and_its_exit_code_says_so(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KB_HOME", str(tmp_path / "home"))
    install(site, "other-notes", "kb", declares=True)
    for arguments in (["doctor"], ["doctor", "--repair"]):
        assert main(arguments) == 1
        assert capsys.readouterr().out.splitlines() == [
            f"problem: {TOLD}",
            "1 found in the installation, which --repair does not mend",
        ]
