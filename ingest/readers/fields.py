"""Names that tools give to the fields of a transcript, in JSON, XML and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache


def rank(names: str) -> Mapping[str, int]:
    """Rank the names of one field in order of preference, for records that have several of them."""
    return {name: place for place, name in enumerate(names.split())}


@lru_cache(maxsize=4096)
def fold_field(name: str) -> str:
    """Normalise a field's name for comparison: 'Start-Time', 'start_time' and 'startTime' are one."""
    return name.replace("_", "").replace("-", "").replace(" ", "").rstrip("[]").lower()


TEXT = rank(
    "punctuatedword punct display text body transcript sentence utterance utf8 spokentext value word w content line "
    "dialogue message caption utt txt speech quote term words rawtext lexical transcription subtitle dialog spoken "
    "texto texte testo tekst inhalt contenido utterancetext sentencetext segmenttext transcripttext transcription "
    "plaintext"
)
SPEAKER = rank(
    "speakername speakerdisplayname participantname voice speaker speakerdesignation speakerlabel speakertag speakerid "
    "spk spkid spkr sid "
    "participantrole "
    "sprecher sprecherin hablante orador locuteur intervenant relatore spreker"
)
PERSON = rank(  # a speaker only if the value is a name
    "participant author from user name who displayname fullname personname talker actor character attendee "
    "attributedto interlocutor sender username role"
)
CHANNEL = rank("channellabel channel channeltag")
START = rank(
    "start starttime startseconds startsec starttimesec begin begintime bgn sttime from startoffset starttimestamp "
    "starttimecode startts ts timestamp timecode time t offset datastart in s timeoffset at dur "
    "starttimeseconds startinseconds startoffsetseconds beginseconds timestampseconds startsecs "
    "timecodein tcin inpoint zeit anfang beginn startzeit tiempo inicio temps debut tempo tijd"
)
START_MS = rank(
    "startms starttimems startmillis beginms offsetms offsetmilliseconds starttimemilliseconds startmilliseconds "
    "starttimeinmilliseconds relativestarttimeinmilliseconds beginoffsetmillis tstartms startoffsetms timestampms "
    "startinms startmsec starttimemillis startoffsetmillis offsetmillis audiostartms"
)
END = rank(
    "end endtime entime endseconds endsec endtimesec stop stoptime to endoffset endtimestamp endtimecode dataend out e "
    "timecodeout tcout outpoint ende endzeit fin"
)
END_MS = rank("endms endtimems endmillis endtimemilliseconds endoffsetmillis endoffsetms")
NESTED = rank("data attrs timestamps position instances")  # where some tools put the time or the speaker of a text


def is_header(cells: Sequence[str]) -> bool:
    """Whether a row of a table only names its columns: 'Time', 'Speaker', 'Transcript'."""
    known = (TEXT, SPEAKER, PERSON, START, END)
    return len(cells) > 1 and all(any(fold_field(cell.strip()) in names for names in known) for cell in cells)
