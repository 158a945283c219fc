"""Public sources that are cut: an inquiry by witness, a minister's talks in English, from archives of their form."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_fetch import server, write_archive  # noqa: F401 - `server` is a fixture

from ingest.metadata.table import read_metadata
from ingest.reading import read_file
from ingest.sources.catalogue import find_source
from ingest.sources.fetch import fetch_source
from ingest.sources.inquiry import cut_by_witness
from ingest.sources.minister import keep_english_talk

DAY = """14 May 2031
===========

*(10.00 am)*

**Lady Marl**: Good morning, Ms Bell.

Statement by Lead Counsel to the Inquiry for Module 2
-----------------------------------------------------

**Ms Bell**: My Lady, we begin with the harbours.

Dame Quill
----------

*DAME MARA JOAN QUILL (affirmed).*

Questions From Lead Counsel to the Inquiry for Module 2
^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

**Ms Bell**: Your statement is at INQ0001\\_22.

**Dame Quill**: It is.

**Lead 2**: Who wrote the `plan <https://example.org/plan>`_ for the ports?

**Dame Quill**: The crews wrote it, and the :abbr:`MCA (Maritime Agency)` signed it.

*(The short adjournment)*

**Lead Inquiry**: And then, Dame Mara?

**The Witness**: Then, my Lady, it was lost.

Questions From Mr Hale KC
-------------------------

**Mr Hale KC**: By whom?

**Dame Quill**: By me.

Mr Bo Renn and Dr Ada Stone
---------------------------

*MR BO RENN (sworn).*

*DR ADA STONE (affirmed).*

**Counsel Inquiry**: Mr Renn, were you there?

**Mr Bo Renn**: I was.

**Dr Ada Stone**: I was not.

**Counsel Inquiry**: Mr Renn, who was?

**Mr Bo Renn**: The crew was.

**Dr Ada Stone**: All of them.

Closing Submissions
-------------------

*CLOSING SUBMISSIONS (continued)*

**Mr Hale KC**: My Lady, that is all.
"""
VISIT = """# 2031-05-14 Interview with Orla Fenwick

> (doorbell)

### Orla Fenwick:
How do you build [trust](https://example.org/trust)?

### Audrey Tang:
By trusting first. The state has to trust people before people trust the state.

### Orla Fenwick:
And then?

### Audrey Tang:
Then it works.

### Staff of the Fenwick Record:
One more.
"""


def test_a_day_of_an_inquiry_is_cut_by_witness_without_statements_of_counsel() -> None:
    quill, both = cut_by_witness("2031-05-14.rst", DAY.encode())
    assert (quill.name, quill.facts["guest"], quill.facts["date"]) == (
        "2031-05-14-mara-joan-quill.md",
        "Mara Joan Quill",
        "2031-05-14",
    )
    assert (both.name, both.facts["guest"]) == ("2031-05-14-bo-renn-ada-stone.md", "Bo Renn; Ada Stone")


def test_the_marks_of_the_format_are_stripped_and_counsel_has_one_label() -> None:
    quill, _ = cut_by_witness("2031-05-14.rst", DAY.encode())
    lines = [line for line in quill.data.decode().splitlines() if line.startswith("**")]
    assert lines == [
        "**Ms Bell**: Your statement is at INQ0001_22.",
        "**Mara Joan Quill**: It is.",
        "**Counsel Inquiry**: Who wrote the plan for the ports?",
        "**Mara Joan Quill**: The crews wrote it, and the MCA signed it.",
        "**Counsel Inquiry**: And then, Dame Mara?",
        "**Mara Joan Quill**: Then, my Lady, it was lost.",
        "**Mr Hale KC**: By whom?",
        "**Mara Joan Quill**: By me.",
    ]


def test_no_word_of_counsel_is_a_witnesses() -> None:
    for piece in cut_by_witness("2031-05-14.rst", DAY.encode()):
        row = {"host": "Counsel to the Inquiry", **piece.facts}
        turns = read_file(piece.data, piece.name, interview_id="x", row=row).transcript.turns
        said = {turn.speaker: turn.role for turn in turns if turn.speaker}
        guests = piece.facts["guest"].split("; ")
        assert [name for name, role in said.items() if role == "leader"] == guests
        assert said["Counsel to the Inquiry"] == "host"


@pytest.mark.parametrize("text", ["", "14 May 2031\n===\n", "A\n-\n" * 2_000, "*MR BO (sworn)*\n" * 2_000, "\xff"])
def test_a_day_without_witnesses_gives_nothing(text: str) -> None:
    assert cut_by_witness("2031-05-14.rst", text.encode("latin-1")) == []


def test_a_talk_of_the_minister_is_kept_with_guest_host_date_and_licence() -> None:
    (piece,) = keep_english_talk("2019-05-14-Interview-with-Orla-Fenwick.md", VISIT.encode())
    assert (piece.name, piece.facts) == (
        "2019-05-14-interview-with-orla-fenwick.md",
        {
            "guest": "Audrey Tang",
            "title": "Interview with Orla Fenwick",
            "host": "Orla Fenwick",
            "date": "2019-05-14",
            "url": "https://sayit.archive.tw/2019-05-14-interview-with-orla-fenwick",
            "role": "digital minister",
            "company": "Government of Taiwan",
            "sector": "public sector",
        },
    )
    assert "How do you build trust?" in piece.data.decode()
    turns = read_file(piece.data, piece.name, interview_id="x", row=piece.facts).transcript.turns
    said = {turn.speaker: turn.role for turn in turns}
    assert said["Staff of the Fenwick Record"] == "other"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("2019-05-14-Interview.md", VISIT.replace("Audrey Tang", "Bo Renn")),
        ("2019-05-14-Interview.md", VISIT + "信任" * 200),
        ("notes.md", VISIT),
    ],
    ids=["she does not speak", "Chinese", "no day"],
)
def test_other_files_of_the_minister_are_left(name: str, text: str) -> None:
    assert keep_english_talk(name, text.encode()) == []


def test_both_sources_are_fetched_with_a_table_and_an_attribution(
    server: tuple[str, Path],  # noqa: F811
    tmp_path: Path,
) -> None:
    address, folder = server
    days = {"t-master/module-2/2031-05-14.rst": DAY, "t-master/module-2/index.rst": "x", "t-master/conf.py": "x"}
    write_archive(folder / "days.tar.gz", **days)
    talks = {"t-master/2019-05-14-Interview-with-Orla-Fenwick.md": VISIT, "t-master/a/2019-05-14-Interview.md": VISIT}
    write_archive(folder / "talks.tar.gz", **talks)
    days_kept = fetch_source(find_source("uk-covid-inquiry"), tmp_path, archive=f"{address}/days.tar.gz").folder
    talks_kept = fetch_source(
        find_source("taiwan-digital-minister"), tmp_path, archive=f"{address}/talks.tar.gz"
    ).folder
    assert sorted(path.name for path in days_kept.glob("2*")) == [
        "2031-05-14-bo-renn-ada-stone.md",
        "2031-05-14-mara-joan-quill.md",
    ]
    assert [path.name for path in talks_kept.glob("2*")] == ["2019-05-14-interview-with-orla-fenwick.md"]
    row = read_metadata(days_kept / "metadata.csv").row_for("2031-05-14-mara-joan-quill.md") or {}
    assert row["licence"].startswith("Open Government Licence v3.0, Crown copyright")
    assert (row["guest"], row["host"], row["date"]) == ("Mara Joan Quill", "Counsel to the Inquiry", "2031-05-14")
    told = days_kept.joinpath("ATTRIBUTION.md").read_text(encoding="utf-8")
    assert "cut by witness" in told
    assert "the transcripts are unchanged" not in told
