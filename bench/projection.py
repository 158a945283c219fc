"""Fit the bundled projection of token vectors on the sample interviews: python -m bench.projection.

One projection for all makes ranking independent of which interview came first. On the real interviews, one fitted on
the samples finds as well as one fitted on the real ones themselves.
"""

from __future__ import annotations

import numpy as np

from bench.inputs import SAMPLE_CORPUS
from ingest.files import list_files
from ingest.passages import cut_passages
from ingest.reading import read_file
from kb.embedding.embedder import open_embedder
from kb.embedding.token_codes import CARRIED, drop_punctuation, fit_projection


def main() -> None:
    """Fit the projection, and write it into the package. Raises ModelMissing when the model is not installed."""
    embedder = open_embedder()
    texts = [
        passage.text
        for file in list_files([SAMPLE_CORPUS])
        for passage in cut_passages(
            read_file(file.path.read_bytes(), file.source, interview_id="sample").transcript,
            count_tokens=embedder.count_tokens,
        )
    ]
    encoded = [drop_punctuation(one, text) for one, text in zip(embedder.encode_passages(texts), texts, strict=True)]
    np.save(CARRIED, fit_projection(np.concatenate([one.tokens for one in encoded])))
    print(f"{CARRIED.name}: {len(texts)} passages, {sum(len(one.pieces) for one in encoded):,} word pieces")


if __name__ == "__main__":
    main()
