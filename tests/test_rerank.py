"""A cross-encoder reads the best passages again: a real one, small and untrained, made here."""

from pathlib import Path

import pytest
from transformers import BertConfig, BertForSequenceClassification, BertTokenizer

from ingest.pipeline import ingest_paths
from kb.embedding.carried_model import find_bundled_model
from kb.errors import ModelMissing
from kb.knowledge_base import KnowledgeBase
from kb.model import Query
from kb.retrieval.rerank import DEPTH, open_reranker
from kb.settings import Settings

QUESTION = "What makes volunteers care, and how were people told of layoffs?"


@pytest.fixture(scope="module")
def cross_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "tiny"
    tokenizer = BertTokenizer.from_pretrained(find_bundled_model(), local_files_only=True)
    config = BertConfig(
        vocab_size=len(tokenizer), hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=64,
    )  # fmt: skip
    config.num_labels = 1
    BertForSequenceClassification(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def test_the_best_passages_come_in_the_order_of_the_cross_encoder(
    cross_encoder: Path, settings: Settings, interviews_folder: Path
) -> None:
    from sentence_transformers import CrossEncoder

    plain = KnowledgeBase.open(settings)
    ingest_paths([interviews_folder], plain)
    before = plain.search(Query(QUESTION, limit=50))
    plain.close()
    reordered = KnowledgeBase.open(Settings(home=settings.home, reranker=str(cross_encoder)))
    try:
        after = reordered.search(Query(QUESTION, limit=50))
    finally:
        reordered.close()
    assert {hit.passage.id for hit in after} == {hit.passage.id for hit in before}
    assert len(before) <= DEPTH
    texts = [hit.passage.text for hit in after]
    scores = CrossEncoder(str(cross_encoder)).predict([(QUESTION, text) for text in texts], show_progress_bar=False)
    assert list(scores) == sorted(scores, reverse=True)


def test_a_cross_encoder_that_is_not_there_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelMissing, match="set KB_RERANKER to the folder of one") as caught:
        open_reranker(str(tmp_path / "empty"))._load()
    assert "\n" not in str(caught.value)
