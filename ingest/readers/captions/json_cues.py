"""Read captions that hold JSON: Teams writes each utterance as an object, with the speaker and the words as fields."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ingest.readers.captions.cues import Cue
from ingest.readers.fields import SPEAKER, TEXT, fold_field
from ingest.readers.words import name_speaker

MOST = 0.8  # of the captions are objects; in others a brace is a mark of style


def read_json_cues(cues: Sequence[Cue]) -> Sequence[Cue]:
    """Return the captions with the words and speakers of their objects; those without objects as they are."""
    objects = sum(1 for cue in cues if cue.text[:1] == "{" and cue.text[-1:] == "}" and '"' in cue.text)
    if not objects or objects < MOST * len(cues):
        return cues
    return [_read_cue(cue) for cue in cues]


def _read_cue(cue: Cue) -> Cue:
    record = _parse(cue.text)
    words = _field(record, TEXT)
    if words is None:
        return replace(cue, text="") if record else cue
    return replace(cue, text=words, speaker=name_speaker(_field(record, SPEAKER)))


def _parse(text: str) -> Mapping[str, object]:
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}


def _field(record: Mapping[str, object], names: Mapping[str, int]) -> str | None:
    """Return the text in the field whose name ranks first."""
    ranked = sorted((names[fold_field(key)], key) for key in record if fold_field(key) in names)
    values = (record[key] for _, key in ranked)
    return next((value for value in values if isinstance(value, str) and value.strip()), None)
