"""A speech that is held again is a second talk; a talk that is written down again is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.pipeline import ingest_paths
from kb.knowledge_base import KnowledgeBase

HEAD = "---\ntitle: A report\nleaders:\n  - {name: Mara Quill}\nhost: Tom Verity\ndate: 2020-05-04\n---\n\n"

REPORT = (
    "Good morning from {town}. This {quarter} we sold {loaves} loaves, and {share} percent of them before {hour} in the"
    " morning. Our bakers in {town} asked for a second oven, which costs {price} crowns, and {name} found a way to pay"
    " for it within {weeks} weeks without a loan from the bank of the harbour.",
    "The street was flooded again, and we carried every sack of flour up the stairs by hand, as neighbours do for each"
    " other when nobody else comes. I told them that the bread belongs to those who bake it, and that I would rather"
    " close the shop than let one of them go. They laughed, and then they went back to work.",
    "What I have learnt is that people stay for each other, not for the wage. In {quarter} {leavers} of them had other"
    " offers, and all of them are still here. I thank {name} for that, and the whole kitchen, and I will see you again"
    " when the apples are ripe and the new oven is warm enough to bake for the children of the school. Until then the"
    " window stays open late, and whoever is hungry may knock, as it was in the days of my grandmother, who never asked"
    " anybody for a coin before they had eaten.",
)
SPRING = {"town": "Larkfield", "quarter": "March", "loaves": "41,300", "share": "62", "hour": "seven", "price": "8,500",
          "name": "Orla", "weeks": "14", "leavers": "eleven"}  # fmt: skip
SUMMER = {"town": "Tidepool", "quarter": "July", "loaves": "56,100", "share": "71", "hour": "six", "price": "12,900",
          "name": "Bram", "weeks": "23", "leavers": "nineteen"}  # fmt: skip


def report(facts: dict[str, str], *, times: bool) -> str:
    said = [("Tom Verity", "How was it?"), *(("Mara Quill", part.format(**facts)) for part in REPORT)]
    stamps = [f"[00:0{place}:00] " if times else "" for place in range(len(said))]
    return HEAD + "\n\n".join(f"**{name}:** {stamp}{text}" for (name, text), stamp in zip(said, stamps, strict=True))


def ingest_both(knowledge_base: KnowledgeBase, folder: Path, changed: dict[str, str]) -> list[str]:
    """Ingest the report, and one that is changed, on the same day; returns the ids."""
    (folder / "a.md").write_text(report(SPRING, times=False), encoding="utf-8")
    (folder / "b.md").write_text(report(changed, times=True), encoding="utf-8")
    told = ingest_paths([folder / "a.md", folder / "b.md"], knowledge_base)
    is_told = any("same talk as a.md" in one for file in told for one in file.warnings)
    found = sorted(interview.id for interview in knowledge_base.interviews())
    assert is_told == (len(found) == 2)  # two talks in the same words are told
    return found


@pytest.mark.parametrize(
    "changed",
    [
        SUMMER,
        {**SPRING, "loaves": "56,100", "share": "71", "price": "12,900", "weeks": "23"},  # numbers alone
        {**SPRING, "town": "Tidepool", "quarter": "July", "name": "Bram"},  # names and dates alone
        {**SPRING, "loaves": "fifty-six thousand", "share": "seventy-one", "price": "twelve thousand", "weeks": "9"},
    ],
    ids=["all", "numbers", "names", "spelled"],
)
def test_a_speech_that_is_held_again_with_other_numbers_dates_or_names_stays_two(
    knowledge_base: KnowledgeBase, tmp_path: Path, changed: dict[str, str]
) -> None:
    assert ingest_both(knowledge_base, tmp_path, changed) == ["a", "b"]


@pytest.mark.parametrize(
    "changed",
    [
        {**SPRING, "price": "8,600", "name": "Ottilie"},  # two corrections
        {**SPRING, "loaves": "41300", "share": "sixty-two", "hour": "7", "weeks": "fourteen", "leavers": "11"},
        {**SPRING, "town": "Larkfeld", "name": "Orlah", "quarter": "march"},  # misheard
        {key: value.lower() for key, value in SPRING.items()},
    ],
    ids=["corrected", "spelled", "misheard", "small"],
)
def test_a_talk_that_is_written_down_otherwise_stays_one(
    knowledge_base: KnowledgeBase, tmp_path: Path, changed: dict[str, str]
) -> None:
    assert ingest_both(knowledge_base, tmp_path, changed) == ["a"]
