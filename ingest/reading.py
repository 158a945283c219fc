"""Read a file into a transcript: its card, its turns, each speaker's role, and warnings."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass, replace

from ingest.metadata.card import fill_found_leaders, list_bad_links, read_card
from ingest.metadata.corrections import CORRECTIONS_COLUMN, Corrections, read_corrections
from ingest.metadata.table import MACHINE_COLUMN, Row
from ingest.metadata.values import read_names
from ingest.readers import read_script
from ingest.speakers.head_facts import fill_from_head
from ingest.speakers.identity import is_answerer, is_asker
from ingest.speakers.name_match import is_known
from ingest.speakers.roles import assign_roles, find_label, rename_speakers
from ingest.speakers.statement import fill_from_statement, read_statement
from ingest.speakers.talk_signs import TalkSigns
from ingest.speakers.turns import read_talk
from kb.errors import KBError, UnreadableFile
from kb.model import Transcript

NO_CORRECTIONS = Corrections()
NAMED = 5  # labels listed in one warning
LONGEST_SHOWN = 80  # characters of an address in a warning
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reading:
    """A transcript as it was read from a file."""

    transcript: Transcript
    warnings: tuple[str, ...] = ()  # what was guessed, missed or left open


def read_file(
    data: bytes,
    source: str,
    *,
    interview_id: str,
    row: Row | None = None,
    corrections: Corrections = NO_CORRECTIONS,
) -> Reading:
    """Read bytes into a transcript, with warnings about how it was read. Raises UnreadableFile when that fails.

    `row` is the file's row in a table of facts.
    """
    try:
        return _read(data, source, interview_id, row, corrections)
    except KBError:
        raise
    except Exception as error:
        line = "could not be read: an error of this program, not of the file; -v shows where"
        raise UnreadableFile(line).logged(log, error) from error


def _read(data: bytes, source: str, interview_id: str, row: Row | None, corrections: Corrections) -> Reading:
    script = read_script(data, source)
    card = read_card(
        script, row, source=source, source_hash=hashlib.sha256(data).hexdigest(), interview_id=interview_id
    )
    talk = read_talk(script, [*card.leader_names, *read_names(card.host)])
    labels = {turn.speaker for turn in talk.turns if turn.speaker}
    spoken = Transcript(fill_from_statement(card, read_statement(script.lines), labels), talk.turns)
    stated = corrections.over(_corrections_in(row))
    informed = assign_roles(rename_speakers(spoken, stated.names), stated.roles_by_name)
    filled = fill_from_head(fill_found_leaders(informed.interview, row), script.lines, source)
    transcript = replace(informed, interview=filled)
    is_known = bool(card.leaders or card.host)
    signs = TalkSigns(script, transcript.turns)
    if not is_known and (reason := signs.find_no_talk()):
        raise UnreadableFile(reason)
    log.debug("%s: %s, %d lines, %d turns", source, script.format, len(script.lines), len(transcript.turns))
    links = tuple(f"{link[:LONGEST_SHOWN]} is no web address: it is left out" for link in list_bad_links(script, row))
    missed = _missed_labels(spoken, transcript, stated) if stated.labels else _tell_stand_in(spoken, transcript)
    noted = (*_warn_of_machine(row), *script.warnings, *talk.warnings, *links, *missed, *_warn(transcript))
    return Reading(transcript, (*noted, *signs.warn_of_report()))


def _corrections_in(row: Row | None) -> Corrections:
    return read_corrections((row or {}).get(CORRECTIONS_COLUMN, ""))


def _missed_labels(spoken: Transcript, corrected: Transcript, stated: Corrections) -> tuple[str, ...]:
    """Warn about corrections whose label matches no speaker."""
    speakers = {turn.speaker for turns in (spoken.turns, corrected.turns) for turn in turns if turn.speaker}
    missed = [label for label in stated.labels if find_label(label, speakers) is None]
    return (f"nobody is called {' or '.join(missed[:NAMED])} here: that correction changed nothing",) if missed else ()


def _tell_stand_in(spoken: Transcript, transcript: Transcript) -> tuple[str, ...]:
    """Tell that somebody whose name is not that of the card's one leader is taken for the one who is interviewed."""
    meant, found = spoken.interview.leader_names, transcript.interview.leader_names
    before, after = ({turn.speaker for turn in one.turns if turn.speaker} for one in (spoken, transcript))
    if len(meant) != 1 or len(found) != 1 or any(is_known(label, meant) or is_answerer(label) for label in before):
        return ()
    if found != meant:
        return (f"{meant[0]} does not speak under that name: {found[0]} is taken for the one who is interviewed",)
    hosts = read_names(transcript.interview.host)
    gone = sorted(label for label in before - after if not is_asker(label) and not is_known(label, hosts))
    return (f"{gone[0]} is taken to be {meant[0]}: nobody else answers",) if gone and meant[0] in after else ()


def _warn_of_machine(row: Row | None) -> tuple[str, ...]:
    """Warn that no person wrote the words down."""
    machine = (row or {}).get(MACHINE_COLUMN, "").strip()
    return (f"a machine's transcript ({machine}): words and names may be misheard",) if machine else ()


def _warn(transcript: Transcript) -> tuple[str, ...]:
    """Warn about what keeps a transcript from being quoted."""
    if not any(turn.speaker for turn in transcript.turns):
        return ("no speaker is named: it can be read but not quoted",)
    if not any(turn.role == "leader" for turn in transcript.turns):
        return ("no leader is known: name one with --leader, map a label with --speakers, or fill a metadata table",)
    return ()
