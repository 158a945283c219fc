"""Frameworks of behaviours: the bundled one, one's own, and what is wrong with a broken one."""

from pathlib import Path

import pytest

from kb.errors import BadFramework
from kb.lens.framework import BUNDLED, load_framework, parse_framework

OWN = """
name: Tides
attracts:
  - id: in
    name: Draws in
    description: Draws people in.
    phrasings: [Come and eat with us.]
drives_away:
  - id: out
    name: Sends away
    description: Sends people away.
    phrasings:
      - Get out of my kitchen.
"""


def test_the_bundled_framework_has_ten_behaviours_of_each_side() -> None:
    framework = load_framework()
    assert [one.id for one in framework.of("attracts")] == [f"A{number}" for number in range(1, 11)]
    assert [one.id for one in framework.of("drives_away")] == [f"D{number}" for number in range(1, 11)]
    assert all(len(one.phrasings) >= 3 for one in framework.behaviours)


def test_one_of_ones_own_is_read(tmp_path: Path) -> None:
    path = tmp_path / "tides.yaml"
    path.write_text(OWN, encoding="utf-8")
    framework = load_framework(path)
    assert (framework.name, [one.side for one in framework.behaviours]) == ("Tides", ["attracts", "drives_away"])
    sends = framework.behaviour("out")
    assert sends is not None
    assert sends.phrasings == ("Get out of my kitchen.",)
    assert framework.behaviour("none") is None


@pytest.mark.parametrize(
    ("broken", "problem"),
    [
        ("", "is empty"),
        ("name: [", "not YAML"),
        ("[" * 100_000, "nested too deep"),
        (OWN.replace("id: out", "id: in"), "two behaviours with the id 'in'"),
        (OWN.replace("    description: Draws people in.\n", ""), "line 4: description is missing"),
        (OWN.replace("phrasings: [Come and eat with us.]", "phrasings: Come"), "line 7: phrasings must be a list"),
        (OWN.replace("name: Tides", "name: Tides\nwhen: now"), "'when' is not known"),
        (OWN.replace("drives_away:", "drives_off:"), "drives_away is missing"),
        (OWN.replace("Sends away", "Sends\x07 away"), "line 10 is not YAML: a control character stands in it"),
        (OWN.replace("Sends away", '"Sends \\x1b[2Jaway"'), "line 10: name holds a character that cannot be shown"),
        (OWN.replace("Sends away", "Sends \u202eaway"), "line 10: name holds a character that cannot be shown"),
        (OWN.replace("Sends away", '"\\ud800"'), "line 10: name holds a character that cannot be shown"),
        (OWN.replace("id: out", f"id: {'o' * 41}"), "line 9: id has 41 characters; 40 are the most"),
        (OWN.replace("Get out of", "Get out " * 300), "line 13: a phrasing has .* characters; 2,000 are the most"),
        (OWN.replace("Get out of my kitchen.", '"!!!"'), "line 13: a phrasing must have words"),
        (OWN.replace("name: Tides", "name: Tides\nname: Ebb"), "line 3: here must stand name, .*, each once"),
    ],
)
def test_a_broken_one_is_refused_in_one_line_that_says_where(broken: str, problem: str) -> None:
    with pytest.raises(BadFramework, match=problem) as raised:
        parse_framework(broken, "tides.yaml")
    assert "\n" not in str(raised.value)


def test_one_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFramework, match="cannot be read"):
        load_framework(tmp_path / "none.yaml")
    assert BUNDLED.is_file()
