"""Invented talks that speak plainly of a few themes, for tests that need several leaders on one matter."""

from __future__ import annotations

from pathlib import Path

from test_lens import CAUSE

RAISED = (
    "We raised a seed round from venture capital, because without it we could not have grown fast enough. "
    "Take the venture money when you can get it, so that you can hire and move quickly. "
    "Our investors helped us a great deal, and raising money was the right decision for the company."
)
OWN_MONEY = (
    "We bootstrapped the company and never took outside money, so nobody tells us what to do. "
    "I did not want investors, I wanted to be profitable and stay independent. "
    "Venture capital forces you to grow at all costs, and I would rather grow slowly from our own revenue."
)
PITCHED = (
    "I pitched to forty venture capitalists before one of them invested, and fundraising took half a year of my life. "
    "When you raise a round from investors, they expect that you grow very fast. "
    "I send our investors an honest update every month, and the bad news goes first."
)
BRIDGE = (
    "An investor whom I hardly knew lent us the money by telephone when our second round of funding fell through. "
    "Choose your investors as you would choose a friend, since they will sit on your board for ten years."
)
REMOTE = (
    "We have never had an office, everybody works remotely from home, in eleven time zones. "
    "Working remotely means that you write everything down, since half of the company is asleep during your meetings. "
    "Remote work lets us hire the best people wherever they live."
)
FAMILY = (
    "I have two small children, and when the company was young I never saw my family. "
    "Now I am home for dinner with my kids every evening, and I do not work on weekends. "
    "My wife carried the family while I built the company, and I will not do that to her again."
)
MORE_REMOTE = (
    "My team is distributed over four countries and nobody sits in an office any more. "
    "With remote work you must meet in person twice a year, otherwise people who work from home begin to feel alone. "
    "We gave up the office in the pandemic, and remote work has been better for us."
)

# Leader, sector, year, and what they say.
TALKS = (
    ("Ada Vance", "software", 2019, (RAISED, FAMILY)),
    ("Bo Lind", "software", 2021, (OWN_MONEY, REMOTE)),
    ("Cy Marsh", "retail", 2021, (PITCHED, MORE_REMOTE)),
    ("Di Roe", "retail", None, (BRIDGE, CAUSE)),
)


def write_talks(folder: Path) -> Path:
    """Write all talks into a new folder."""
    folder.mkdir()
    for leader, sector, year, said in TALKS:
        write_talk(folder, leader, *said, sector=sector, year=year)
    return folder


def write_talk(folder: Path, leader: str, *said: str, sector: str = "", year: int | None = None) -> None:
    """Write a talk of a leader, an answer after each question of the host."""
    facts = f"{{name: {leader}, company: {leader} Works{f', sector: {sector}' if sector else ''}}}"
    when = f"date: {year}-05-04\n" if year else ""
    card = f"---\ntitle: {leader} looks back\nleaders:\n  - {facts}\nhost: Max Ruh\n{when}---\n"
    asked = "**Max Ruh:** What do you remember of those years, and what would you tell others?"
    words = "".join(f"\n{asked}\n\n**{leader}:** {one}\n" for one in said)
    (folder / f"{leader}.md").write_text(card + words, encoding="utf-8")
