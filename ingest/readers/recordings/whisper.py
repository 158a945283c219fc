"""Transcribe recordings with faster-whisper, where it is installed and a model is set."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ingest.readers.recordings.vtt import Cue, write_vtt
from kb.errors import ModelMissing, UnreadableFile

SUFFIXES = frozenset((".mp3", ".m4a", ".wav", ".mp4"))
HEAD = 12  # bytes in which a recording shows what it is
MAX_HOURS = 6  # of a recording; decoded, each takes some 350 MB of memory
INSTALL = 'run: pip install "fusion-kb[audio]"'
HOW = f"to have it transcribed here, {INSTALL}; then set KB_AUDIO_MODEL to a speech model's folder or name"
NOT_INSTALLED = f"faster-whisper, which transcribes recordings, is not installed; {INSTALL}"
IN_FOLDER = ("model.bin", "config.json", "tokenizer.json")  # without the last, the library would download one
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Transcription:
    """What a machine heard, as captions."""

    captions: bytes = field(repr=False)  # WebVTT
    language: str
    machine: str  # the program and its model


class Transcriber:
    """Transcribes one recording at a time; the model is loaded for the first."""

    def __init__(self, model: str | None, *, skip_silence: bool = True) -> None:
        self._name = model
        self._skip_silence = skip_silence
        self._model: Any = None
        self._lock = threading.Lock()

    @property
    def is_set(self) -> bool:
        """Whether a model is set; whether it can be used shows when it is."""
        return self._name is not None

    def check(self) -> None:
        """Check, without loading it, that a model is set and can be tried. Raises ModelMissing."""
        _check_name(self._name)
        if find_spec("faster_whisper") is None:
            raise ModelMissing(NOT_INSTALLED)

    def transcribe(self, path: Path, on_progress: Callable[[float], None] | None = None) -> Transcription:
        """Transcribe a recording; `on_progress` gets the share that is done, from 0 to 1.

        Raises ModelMissing when no model can be used, and UnreadableFile when the recording cannot be decoded, is too
        long or holds no speech.
        """
        with self._lock:
            model = self._load()
            _check_recording(path)
            try:
                segments, told = model.transcribe(
                    str(path), vad_filter=self._skip_silence, condition_on_previous_text=False
                )
                cues = []
                for segment in segments:  # each is decoded when it is asked for
                    cues.append(Cue(segment.start, segment.end, segment.text))
                    if on_progress and told.duration:
                        on_progress(min(1.0, segment.end / told.duration))
            except (RuntimeError, ValueError, OSError, IndexError) as error:
                line = "the recording could not be transcribed; the log tells more"
                raise UnreadableFile(line).logged(log, error) from error
        if not any(cue.text.strip() for cue in cues):
            raise UnreadableFile("no speech was heard in the recording")
        machine = f"faster-whisper, {Path(self._name or '').name}"
        return Transcription(write_vtt(cues, told.language, machine), told.language, machine)

    def _load(self) -> Any:
        """Load the model once: from a folder as it is, or by the name that the user has set, which may be fetched."""
        if self._model is None:
            name = _check_name(self._name)
            try:
                from faster_whisper import WhisperModel
            except ImportError as error:
                raise ModelMissing(NOT_INSTALLED) from error
            try:
                self._model = WhisperModel(name, compute_type="auto")
            except (RuntimeError, ValueError, OSError) as error:
                advice = "set it to the folder of a CTranslate2 Whisper model, or to a name such as small.en"
                raise ModelMissing(f"KB_AUDIO_MODEL={name} cannot be loaded; {advice}").logged(log, error) from error
        return self._model


def is_recording(data: bytes) -> bool:
    """Whether bytes begin as MP3, M4A, MP4 or WAV do; playlists, which lead elsewhere, do not."""
    head = data[:HEAD]
    is_mp3 = head.startswith(b"ID3") or (head[:1] == b"\xff" and len(head) > 1 and head[1] & 0xE6 == 0xE2)
    return is_mp3 or head[4:8] == b"ftyp" or (head[:4] == b"RIFF" and head[8:12] == b"WAVE")


def _check_name(name: str | None) -> str:
    if name is None:
        raise ModelMissing(f"This is a recording; {HOW}")
    folder = Path(name).expanduser()
    if folder.is_dir():
        missing = [file for file in IN_FOLDER if not (folder / file).is_file()]
        if missing:
            raise ModelMissing(f"KB_AUDIO_MODEL={name} holds no {missing[0]}; name the folder of a whole model")
        return str(folder)
    if folder.is_absolute() or name.startswith((".", "~")) or "\\" in name:
        raise ModelMissing(f"KB_AUDIO_MODEL={name} is no folder; name the folder of a model, or a model")
    return name


def _check_recording(path: Path) -> None:
    """Check form and length before anything is decoded. Raises UnreadableFile."""
    import av

    try:
        with path.open("rb") as file:
            if not is_recording(file.read(HEAD)):
                raise UnreadableFile("this is no recording in MP3, M4A, MP4 or WAV")
        with av.open(str(path), metadata_errors="ignore") as container:
            stream = container.streams.audio[0]
            seconds = 0.0
            for packet in container.demux(stream):  # what the head says of the length may not be so
                seconds += float((packet.duration or 0) * stream.time_base)
                if seconds > MAX_HOURS * 3600:
                    raise UnreadableFile(f"the recording is longer than {MAX_HOURS} hours; split it")
    except IndexError as error:
        raise UnreadableFile("there is no sound in the recording") from error
    except (av.FFmpegError, OSError, ValueError) as error:
        raise UnreadableFile("the recording cannot be decoded; it may be damaged or cut off") from error
