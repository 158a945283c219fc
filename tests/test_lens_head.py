"""The weights of the lens are those that were measured, and small."""

import shutil
from pathlib import Path

import pytest

from kb.errors import ModelMissing
from kb.lens.head import CARRIED, FACTS, load_lens


def copy_weights(folder: Path) -> Path:
    shutil.copy(CARRIED, folder)
    shutil.copy(CARRIED.with_name(FACTS), folder)
    return folder / CARRIED.name


def test_the_weights_are_small_and_fit_the_framework() -> None:
    lens = load_lens()
    assert lens.head.outputs == ("attracts", "drives_away", *(one.id for one in lens.framework.behaviours))
    assert CARRIED.stat().st_size < 100_000


def test_other_weights_are_refused(tmp_path: Path) -> None:
    path = copy_weights(tmp_path)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(ModelMissing, match="not those that were measured"):
        load_lens(path)


@pytest.mark.parametrize("facts", ["", "[]", "{}", '{"sha256": 3}'])
def test_facts_that_cannot_be_read_are_refused(facts: str, tmp_path: Path) -> None:
    path = copy_weights(tmp_path)
    path.with_name(FACTS).write_text(facts, encoding="utf-8")
    with pytest.raises(ModelMissing):
        load_lens(path)
