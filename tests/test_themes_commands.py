"""kb themes, the timeline of kb lens, and pictures that are kept."""

from __future__ import annotations

import json
import struct
import sys
from contextlib import closing
from pathlib import Path

import pytest
from defusedxml import ElementTree
from theme_talks import write_talks

from ingest.cli.main import main as ingest
from kb.cli.main import main
from kb.knowledge_base import KnowledgeBase
from kb.model import Span
from kb.settings import Settings


@pytest.fixture
def talks(app_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A home with talks of four leaders, of which a person said that one shows a shared cause."""
    assert ingest([str(write_talks(tmp_path / "talks"))]) == 0
    with closing(KnowledgeBase.open(Settings(home=app_home))) as opened:
        turn = next(one for one in opened.transcript("ada-vance").turns if one.role == "leader")
        opened.lens.tags.judge("Ann", "ada-vance", Span(turn.index, 0, len(turn.text)), "A1", holds=True)
    capsys.readouterr()
    return app_home


def read_json(capsys: pytest.CaptureFixture[str]) -> dict[str, list[dict[str, object]]]:
    read: dict[str, list[dict[str, object]]] = json.loads(capsys.readouterr().out)
    return read


def test_themes_are_listed_by_cluster_with_the_start_of_a_quotation(
    talks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["themes"]) == 0
    printed = capsys.readouterr().out
    assert "A machine chose them" in printed.splitlines()[0]
    assert main(["themes", "--json"]) == 0
    shown = read_json(capsys)
    for one in shown["themes"]:
        assert f"({one['id']})" in printed
        assert {"name", "leaders", "passages", "learnt", "quotation"} <= set(one)
    assert all(str(one["name"]) in printed for one in shown["clusters"])
    assert main(["themes", "--year", "1901"]) == 1
    assert "no theme" in capsys.readouterr().out


def test_a_theme_is_printed_with_its_quotations_and_its_years(talks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["themes", "--json"])
    first = str(read_json(capsys)["themes"][0]["id"])
    assert main(["themes", first, "--limit", "2"]) == 0
    printed = capsys.readouterr().out
    assert main(["themes", first, "--limit", "2", "--json"]) == 0
    quoted = read_json(capsys)["quotations"]
    assert 0 < len(quoted) <= 2
    assert all(f"“{one['quote']}”" in printed for one in quoted)
    assert main(["themes", first, "--timeline"]) == 0
    assert "year   leaders  passages  interviews" in capsys.readouterr().out
    assert main(["themes", first, "--timeline", "--json"]) == 0
    assert {"year", "leaders", "passages", "interviews"} == set(read_json(capsys)["years"][0])


def test_tensions_are_printed_one_side_after_the_other_or_said_to_be_none(
    talks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["themes", "investors", "--tensions"]) == 0
    printed = capsys.readouterr().out
    assert printed.index("Possible tension: read both") < printed.index("Take investors' money")
    assert printed.index("Take investors' money") < printed.index("Grow without it") < printed.index("Bo Lind")
    assert main(["themes", "investors", "--tensions", "--json"]) == 0
    (_, other), *_ = read_json(capsys)["tensions"]
    assert other["speaker"] == "Bo Lind"  # type: ignore[index]
    assert main(["themes", "layoffs", "--tensions"]) == 1
    assert "No two leaders" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ["themes", "no such theme"],
        ["themes", "--timeline"],
        ["themes", "--tensions"],
        ["themes", "layoffs", "--timeline", "--tensions"],
        ["themes", "layoffs", "--picture", "a.png"],
        ["themes", "layoffs", "--limit", "0"],
        ["themes", "--picture", "a.gif"],
        ["lens", "--picture", "a.jpg"],
        ["lens", "--timeline", "Z9"],
    ],
)
def test_what_cannot_be_shown_is_refused_in_one_line(
    arguments: list[str], filled_app_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_behaviour_is_lined_up_by_year_and_both_sides_are_weighed(
    talks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["lens", "--balance", "leader", "--json"])
    assert {"value", "attracts", "drives_away"} == set(read_json(capsys)["weights"][0])
    main(["lens", "--balance", "year"])
    assert "drives away" in capsys.readouterr().out
    assert main(["lens", "--timeline", "A1"]) == 0
    assert "2019         1         1           1" in capsys.readouterr().out
    main(["lens", "--timeline", "A1", "--json"])
    assert json.loads(capsys.readouterr().out)["name"] == "Shared cause"


def test_pictures_are_kept_as_png_and_svg_with_their_words(
    talks: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("vl_convert")
    for number, arguments in enumerate((["themes"], ["lens"], ["lens", "--balance", "leader"])):
        png, svg = tmp_path / f"{number}.png", tmp_path / f"{number}.svg"
        assert main([*arguments, "--picture", str(png)]) == 0
        assert main([*arguments, "--picture", str(svg)]) == 0
        width, height = struct.unpack(">II", png.read_bytes()[16:24])
        assert png.read_bytes().startswith(b"\x89PNG")
        assert min(width, height) > 100
        drawn = ElementTree.fromstring(svg.read_bytes())
        assert "".join(drawn.itertext()).strip()
        assert "http" not in svg.read_text(encoding="utf-8").replace("http://www.w3.org/", "")
    capsys.readouterr()
    assert main(["themes", "--year", "1901", "--picture", str(tmp_path / "none.png")]) == 1
    assert "nothing to draw" in capsys.readouterr().err
    assert main(["themes", "--picture", str(tmp_path / "0.png")]) == 2
    assert "name another" in capsys.readouterr().err


def test_without_the_extra_one_line_tells_what_to_install(
    filled_app_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    for command in ("lens", "themes"):
        assert main([command, "--picture", str(tmp_path / "a.png")]) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert '".[pictures]"' in line
    assert list(tmp_path.glob("*.png")) == []
