"""Train the adapter of the bundled model: python -m bench.learning.adapter --data FOLDER --transcripts FOLDER

Low-rank weights on all layers, and the projection of the token vectors, are trained by contrast: a question's late
interaction with the passage that answers it, and the cosine of both as a whole, must exceed those with every other
passage of the batch. For questions about one specific matter, the order that the published model gives to the passages
of the batch is kept as well (Li and Hoiem, Learning without forgetting, ECCV 2016). A small network is trained too, to
predict the themes of tagged passages from their projected token vectors, so that these hold what the theme head needs;
that network is discarded. The trained weights are then added at a share of their size: between both models, the old
one's strength, finding a specific passage, is kept or better (Wortsman et al., Robust fine-tuning of zero-shot models,
CVPR 2022). Some minutes on a GPU; some hours without one.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional

from bench.inputs import MissingInput
from bench.learning.batches import Batches, share_out
from bench.learning.data import Data, read_data
from bench.learning.encoder import PASSAGE_PIECES, Encoder
from bench.learning.theme_head import RIGHT_WEIGHT

STEPS, SCALE = 450, 0.6
RATE, WARM_UP = 6e-4, 40
LATE_HEAT, DENSE_HEAT = 0.03, 0.05  # temperatures of the softmax
KEPT_LATE_HEAT, KEPT_DENSE_HEAT = 0.04, 0.08  # the same where the published model's order is kept
SHARES = {"late": 0.6, "dense": 0.4, "both": 0.5}
QUESTION_PIECES, INVENTED_PIECES = 40, 160
INVENTED_WEIGHT, VOICES_WEIGHT, THEMES_WEIGHT = 0.5, 0.3, 10.0  # of these losses, against 1 for the questions
PROJECTION_RATE, THEMES_RATE = 0.5, 4.0  # how much faster the projection and the themes' network learn


def main(arguments: Sequence[str] | None = None) -> int:
    """Train and write the adapter. Return 2 after one line on standard error if something is missing."""
    parser = argparse.ArgumentParser(prog="python -m bench.learning.adapter", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--transcripts", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--scale", type=float, default=SCALE, help="share of what was learnt that is added")
    options = parser.parse_args(arguments)
    torch.manual_seed(0)
    try:
        data = read_data(options.data, options.transcripts)
    except MissingInput as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    encoder = Encoder(data, "cuda" if torch.cuda.is_available() else "cpu")
    learn(encoder, Batches(data), data, options.steps)
    options.out.mkdir(parents=True, exist_ok=True)
    save_file(dict(_list_parts(encoder, options.scale)), options.out / "adapter.safetensors")
    projection = encoder.fitted + options.scale * (encoder.projection.detach() - encoder.fitted)
    np.save(options.out / "projection.npy", projection.cpu().numpy())
    print(f"{options.out}: copy both into kb/embedding, and set SHA256 in adapter.py")
    return 0


def learn(encoder: Encoder, batches: Batches, data: Data, steps: int) -> None:
    """Train for so many steps; the rate rises to RATE and falls to nothing."""
    groups = [
        {"params": encoder.parameters()},
        {"params": [encoder.projection]},
        {"params": list(encoder.network.parameters())},
    ]
    optimiser = torch.optim.AdamW(groups, lr=RATE, weight_decay=0.01)
    for step in range(steps):
        rate = RATE * min(1, (step + 1) / WARM_UP) * (1 - step / steps)
        for group, share in zip(optimiser.param_groups, (1.0, PROJECTION_RATE, THEMES_RATE), strict=True):
            group["lr"] = share * rate
        loss = _measure_loss(encoder, batches, data)
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_([*encoder.parameters(), encoder.projection], 1.0)
        optimiser.step()
        if step % 25 == 24:
            print(f"step {step + 1} of {steps}, loss {loss.item():.2f}", flush=True)


def _measure_loss(encoder: Encoder, batches: Batches, data: Data) -> Tensor:
    loss = _measure_questions(encoder, batches, data)
    asked, texts = batches.draw_invented()
    found = encoder.compare(encoder.read(asked, QUESTION_PIECES), encoder.read(texts, INVENTED_PIECES))
    loss = loss + INVENTED_WEIGHT * _contrast(*found, torch.eye(len(asked), len(texts)))
    asked, texts = batches.draw_voices()
    found = encoder.compare(encoder.read(asked, QUESTION_PIECES), encoder.read(texts, QUESTION_PIECES))
    loss = loss + VOICES_WEIGHT * _contrast(*found, torch.eye(len(asked)))
    tagged, right = batches.draw_tagged()
    odds = encoder.tell_themes(encoder.read([data.passages[one].text for one in tagged], PASSAGE_PIECES))
    weight = torch.tensor(RIGHT_WEIGHT, device=odds.device)
    told = functional.binary_cross_entropy_with_logits(odds, right.to(odds.device), pos_weight=weight)
    return loss + THEMES_WEIGHT * told


def _measure_questions(encoder: Encoder, batches: Batches, data: Data) -> Tensor:
    """Compute the loss of questions, and of half-remembered words, over the passages of the step."""
    wanted, passages = batches.draw()
    remembered = batches.draw_remembered()
    passages = list(dict.fromkeys([*passages, *remembered]))
    texts = [encoder.cut(data.passages[one].text, PASSAGE_PIECES) for one in passages]
    place = {one: number for number, one in enumerate(passages)}
    asked = [encoder.cut(one.question, QUESTION_PIECES) for one in wanted]
    asked += [batches.forget(texts[place[one]]) for one in remembered]
    shares, is_left = share_out(wanted, passages)
    own = functional.one_hot(torch.tensor([place[one] for one in remembered]), len(passages))
    shares = torch.cat([shares, own.float()])
    is_left = torch.cat([is_left, torch.zeros_like(own, dtype=torch.bool)])
    late, dense = encoder.compare(encoder.encode(asked), encoder.encode(texts))
    loss = _contrast(late, dense, shares, is_left)
    kept = [row for row in range(len(asked)) if row >= len(wanted) or wanted[row].is_kept]
    with encoder.published():
        was_late, was_dense = encoder.compare(encoder.encode([asked[row] for row in kept]), encoder.encode(texts))
    loss = loss + _keep(late[kept], was_late, KEPT_LATE_HEAT)
    return loss + 0.5 * _keep(dense[kept], was_dense, KEPT_DENSE_HEAT)


def _contrast(late: Tensor, dense: Tensor, shares: Tensor, is_left: Tensor | None = None) -> Tensor:
    if is_left is not None:
        late, dense = (one.masked_fill(is_left.to(one.device), -9.0) for one in (late, dense))
    parts = {"late": late / LATE_HEAT, "dense": dense / DENSE_HEAT, "both": late / 0.05 + dense / 0.1}
    shares = shares.to(late.device)
    losses = [-SHARES[name] * (shares * functional.log_softmax(one, 1)).sum(1).mean() for name, one in parts.items()]
    return torch.stack(losses).sum()


def _keep(scores: Tensor, before: Tensor, heat: float) -> Tensor:
    """Compute how far the order of passages has moved from that of before: a Kullback-Leibler divergence."""
    now, then = (functional.log_softmax(one / heat, 1) for one in (scores, before))
    return functional.kl_div(now, then, log_target=True, reduction="batchmean")


def _list_parts(encoder: Encoder, scale: float) -> Iterator[tuple[str, Tensor]]:
    for name, one in encoder.adapted.items():
        yield f"{name}.down", one.down.data.half().cpu().contiguous()
        yield f"{name}.up", (2 * scale * one.up.data).half().cpu().contiguous()


if __name__ == "__main__":
    sys.exit(main())
