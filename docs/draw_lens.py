"""Draw docs/lens.png, the README's picture of the lens, from the interviews of KB_HOME: make picture-lens."""

from __future__ import annotations

import io
from contextlib import closing
from pathlib import Path

from PIL import Image

from kb.exports.picture_file import INK, render_picture
from kb.exports.pictures import draw_balance, draw_map, rank_leaders
from kb.knowledge_base import KnowledgeBase
from kb.settings import Settings

TO = Path(__file__).with_name("lens.png")
LEADERS = 16
GAP = 40  # pixels between the two
COLOURS = 96  # a palette of these takes a fifth of the bytes


def main() -> None:
    """Draw who shows what, and beside it the balance of the same number of leaders."""
    with closing(KnowledgeBase.open(Settings.from_env())) as opened:
        cells, weights = opened.lens.table(), opened.lens.weigh("leader")
        leaders = rank_leaders(cells)[:LEADERS]
        kept = [one for one in cells if one.leader in leaders]
        drawn = (
            (draw_map(kept, opened.lens.framework, INK), "Who shows what"),
            (draw_balance(weights[:LEADERS], INK), "What attracts, and what drives away"),
        )
        pictures = [Image.open(io.BytesIO(render_picture(chart, title, ".png"))) for chart, title in drawn]
    height = min(one.height for one in pictures)
    sized = [one.resize((round(one.width * height / one.height), height), Image.Resampling.LANCZOS) for one in pictures]
    whole = Image.new("RGB", (sum(one.width for one in sized) + GAP, height), "white")
    whole.paste(sized[0], (0, 0))
    whole.paste(sized[1], (sized[0].width + GAP, 0))
    whole.quantize(COLOURS, dither=Image.Dither.NONE).save(TO, optimize=True)


if __name__ == "__main__":
    main()
