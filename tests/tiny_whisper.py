"""A speech model of a few random weights, in the form that faster-whisper reads, and a recording for it to hear.

It understands nothing; that what it says arrives with its times, marked as a machine's, is what it is for.
"""

from __future__ import annotations

import io
import math
import struct
import wave
from pathlib import Path
from typing import Any

import numpy as np

RATE = 16_000  # samples a second
SIZE = 64  # of the model
SPECIALS = (
    "<|endoftext|>", "<|startoftranscript|>", "<|translate|>", "<|transcribe|>", "<|startoflm|>", "<|startofprev|>",
    "<|nocaptions|>", "<|notimestamps|>",
)  # fmt: skip
TIMES = tuple(f"<|{number * 0.02:.2f}|>" for number in range(1501))


def make_model(folder: Path) -> Path:
    """Write the model into a folder: one layer each, a vocabulary of bytes."""
    from ctranslate2.specs import whisper_spec
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {letter: number for number, letter in enumerate(letters)}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(one, special=True, normalized=False) for one in (*SPECIALS, *TIMES)])
    tokens = [*letters, *SPECIALS, *TIMES]
    spec = whisper_spec.WhisperSpec(1, 2, 1, 2)
    _fill(spec, len(tokens))
    spec.register_vocabulary(tokens)
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = []
    spec.config.lang_ids = []
    spec.config.alignment_heads = [(0, 0)]
    spec.validate()
    folder.mkdir(parents=True)
    spec.save(str(folder))
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


def make_recording(seconds: float = 2.0) -> bytes:
    """A tone in a WAV file."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        samples = (int(9_000 * math.sin(index / 20)) for index in range(int(RATE * seconds)))
        file.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    return out.getvalue()


def _fill(spec: Any, tokens: int) -> None:
    """Give each weight of a specification random numbers of its shape."""
    chance = np.random.default_rng(5)
    shapes = {"position_encodings/encodings": {"encoder": (1500, SIZE), "decoder": (448, SIZE)}}

    def draw(*shape: int) -> np.ndarray[Any, np.dtype[np.float32]]:
        return chance.normal(0, 0.2, shape).astype(np.float32)

    def linear(layer: Any, rows: int, columns: int) -> None:
        layer.weight, layer.bias = draw(rows, columns), np.zeros(rows, np.float32)

    def norm(layer: Any) -> None:
        layer.gamma, layer.beta = np.ones(SIZE, np.float32), np.zeros(SIZE, np.float32)

    def attend(layer: Any, *, is_own: bool) -> None:
        norm(layer.layer_norm)
        for part, rows in zip(layer.linear, (3 * SIZE, SIZE) if is_own else (SIZE, 2 * SIZE, SIZE), strict=True):
            linear(part, rows, SIZE)

    for conv, channels in ((spec.encoder.conv1, 80), (spec.encoder.conv2, SIZE)):
        conv.weight, conv.bias = draw(SIZE, channels, 3), np.zeros(SIZE, np.float32)
    spec.encoder.position_encodings.encodings = draw(*shapes["position_encodings/encodings"]["encoder"])
    spec.decoder.position_encodings.encodings = draw(*shapes["position_encodings/encodings"]["decoder"])
    spec.decoder.embeddings.weight = draw(tokens, SIZE)
    linear(spec.decoder.projection, tokens, SIZE)
    for side in (spec.encoder, spec.decoder):
        norm(side.layer_norm)
        for layer in side.layer:
            attend(layer.self_attention, is_own=True)
            if side is spec.decoder:
                attend(layer.attention, is_own=False)
            norm(layer.ffn.layer_norm)
            linear(layer.ffn.linear_0, 2 * SIZE, SIZE)
            linear(layer.ffn.linear_1, SIZE, 2 * SIZE)
