"""Learn a lens anew from people's judgements, and only where that is better than the lens as it is, and surely so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np

from kb.lens.correction import Correction
from kb.lens.fitting import fit_weights, judge_labelled
from kb.lens.judge import Lens
from kb.lens.labelled import Labelled
from kb.lens.reading import Measured
from kb.lens.wording import count

FEWEST_JUDGEMENTS, FEWEST_INTERVIEWS = 30, 5
FEWEST_OF_EACH = 8  # that confirm, and that reject
FOLDS = 5  # each interview is judged by what was learnt from those of the other folds
RESAMPLES, NOISE = 10_000, 0.01  # of the interviews; share of them in which a gain may be none
SHUFFLES = 99  # learnt from the same judgements given to others of the passages: none of them may gain as much


@dataclass(frozen=True, slots=True)
class Answer:
    """What people and the lens say of a passage and a behaviour."""

    interview_id: str
    behaviour_id: str
    holds: bool
    before: bool  # whether the lens shows it
    after: bool  # the same, corrected by what was learnt from other interviews


@dataclass(frozen=True, slots=True)
class Learning:
    """What came of learning from people's judgements."""

    judgements: int
    interviews: int
    answers: tuple[Answer, ...]  # () where there are too few
    lowest_gain: float | None  # of the balanced agreement, in all but NOISE of the resamples
    correction: Correction | None  # None where it is not surely better
    reason: str  # why not, in one line; '' where it is

    @property
    def before(self) -> float:
        """Balanced agreement of the lens as it is, 0 to 1: the mean of what people confirm and what they reject."""
        return _balance(self.answers)[0]

    @property
    def after(self) -> float:
        """The same of the lens corrected."""
        return _balance(self.answers)[1]


def learn(lens: Lens, labelled: Sequence[Labelled], others: Measured) -> Learning:
    """Learn a correction of a lens and measure it by cross-validation, on the same judgements as the lens alone."""
    labels = [(one.interview_id, holds) for one in labelled for holds in one.labels.values()]
    interviews = len({interview for interview, _ in labels})
    if missing := _list_missing(labels):
        reason = f"{_tell(len(labels), interviews)}; still needed: {', '.join(missing)}"
        return Learning(len(labels), interviews, (), None, None, reason)
    answers = tuple(_cross_validate(lens, labelled, others))
    lowest = measure_lowest_gain(answers)
    found = Learning(len(labels), interviews, answers, lowest, None, "")
    if lowest <= 0 or _is_chance(lens, labelled, others, found.after - found.before):
        figures = f"{found.before:.0%} as it is, {found.after:.0%} corrected"
        reason = f"{_tell(len(labels), interviews)}, and with them the lens does not surely agree better ({figures})"
        return Learning(len(labels), interviews, answers, lowest, None, reason)
    correction = Correction(
        basis=lens.basis,
        judgements=len(labels),
        interviews=interviews,
        before=found.before,
        after=found.after,
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        weights=fit_weights(lens, labelled, others),
    )
    return Learning(len(labels), interviews, answers, lowest, correction, "")


def measure_lowest_gain(answers: Sequence[Answer]) -> float:
    """Measure by how much the balanced agreement gains at least, in all but NOISE of the resamples of the interviews.

    An interview is drawn whole: what is said in it is not independent.
    """
    places = {name: place for place, name in enumerate(dict.fromkeys(one.interview_id for one in answers))}
    sums = np.zeros((len(places), 2, 3))  # by interview, what people say: answers, right before, right after
    for one in answers:
        sums[places[one.interview_id], int(one.holds)] += (1, one.before == one.holds, one.after == one.holds)
    drawn = np.random.default_rng(0).multinomial(len(places), [1 / len(places)] * len(places), RESAMPLES)
    counted, before, after = np.moveaxis(np.einsum("ri,ihk->rhk", drawn, sums), 2, 0)
    has_both = counted.min(axis=1) > 0
    gains = ((after - before) / np.maximum(counted, 1)).mean(axis=1)[has_both]
    return float(np.quantile(gains, NOISE)) if len(gains) else 0.0


def _is_chance(lens: Lens, labelled: Sequence[Labelled], others: Measured, gain: float) -> bool:
    """Whether judgements that say nothing, for they are shuffled, gain as much as people's."""
    generator = np.random.default_rng(0)
    for _ in range(SHUFFLES):
        before, after = _balance(tuple(_cross_validate(lens, _shuffle(labelled, generator), others)))
        if after - before >= gain:
            return True
    return False


def _shuffle(labelled: Sequence[Labelled], generator: np.random.Generator) -> list[Labelled]:
    said = [holds for one in labelled for holds in one.labels.values()]
    dealt = iter(generator.permutation(said).tolist())
    return [replace(one, labels={label: next(dealt) for label in one.labels}) for one in labelled]


def _cross_validate(lens: Lens, labelled: Sequence[Labelled], others: Measured) -> Iterator[Answer]:
    as_it_is = judge_labelled(lens, labelled)
    for places in _list_folds(labelled):
        held = [labelled[place] for place in places]
        seen = [one for place, one in enumerate(labelled) if place not in places]
        corrected = judge_labelled(lens, held, fit_weights(lens, seen, others))
        for place, one, after in zip(sorted(places), held, corrected, strict=True):
            for label, holds in one.labels.items():
                yield Answer(one.interview_id, label, holds, as_it_is[place][label], after[label])


def _list_folds(labelled: Sequence[Labelled]) -> list[list[int]]:
    """Deal interviews out to folds, that of most labels first, each to the fold of fewest."""
    sizes = Counter[str]()
    for one in labelled:
        sizes[one.interview_id] += len(one.labels)
    folds: list[set[str]] = [set() for _ in range(min(FOLDS, len(sizes)))]
    for name, _ in sorted(sizes.items(), key=lambda one: (-one[1], one[0])):
        min(folds, key=lambda fold: sum(sizes[one] for one in fold)).add(name)
    return [[place for place, one in enumerate(labelled) if one.interview_id in fold] for fold in folds]


def _list_missing(labels: Sequence[tuple[str, bool]]) -> list[str]:
    """List what is missing to learn from."""
    holds = [one for _, one in labels]
    wanted = (
        (FEWEST_JUDGEMENTS - len(labels), "judgement"),
        (FEWEST_INTERVIEWS - len({one for one, _ in labels}), "interview"),
        (FEWEST_OF_EACH - sum(holds), "confirmation"),
        (FEWEST_OF_EACH - len(holds) + sum(holds), "rejection"),
    )
    return [count(number, f"more {noun}") for number, noun in wanted if number > 0]


def _tell(judgements: int, interviews: int) -> str:
    return f"There are {count(judgements, 'judgement')} of people in {count(interviews, 'interview')}"


def _balance(answers: Sequence[Answer]) -> tuple[float, float]:
    """Compute the mean share of the same answers, over what people confirm and what they reject: before, after."""
    kinds = [[one for one in answers if one.holds == holds] for holds in (True, False)]
    before = [sum(one.before == one.holds for one in said) / max(len(said), 1) for said in kinds]
    after = [sum(one.after == one.holds for one in said) / max(len(said), 1) for said in kinds]
    return sum(before) / len(kinds), sum(after) / len(kinds)
