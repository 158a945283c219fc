"""Pictures of the lens: a heatmap of leaders and behaviours, and bars to both sides. Each number stands in its cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import altair as alt

from kb.lens.balance import Weight
from kb.lens.framework import Behaviour, Side
from kb.lens.wording import HEADINGS
from kb.text.display import strip_bidi

Chart = alt.LayerChart | alt.FacetChart
ROW = 27  # height of a row, in pixels
DARK = 0.45  # share of the colours on which white reads better than black
LABEL = 120  # width of the names, in pixels: on a phone, half of the picture is left for the cells
CELL = "cell"  # name of the selection
SIDES_DRAWN: tuple[tuple[Side, int, str], ...] = (("attracts", 1, "#2b8073"), ("drives_away", -1, "#b4573f"))

Counts = Mapping[tuple[str, str], int]  # passages by leader and id of a behaviour


def draw_heatmap(
    counts: Counts,
    leaders: Sequence[str],
    behaviours: Sequence[Behaviour],
    most: int,
    chosen: tuple[str, str],
    ink: str,
) -> Chart:
    """A row for each leader, a column for each behaviour; the number is written in the cell, the chosen one framed."""
    rows = [
        {
            "leader": strip_bidi(leader),
            "behaviour": one.id,
            "passages": counts.get((leader, one.id), 0),
            "shows": one.name,
            "row": number,
            "is_chosen": chosen in ((leader, one.id), ("", one.id)),
        }
        for number, leader in enumerate(leaders)
        for one in behaviours
    ]
    grid = alt.Chart(alt.InlineData(values=rows)).encode(x=_make_columns(behaviours), y=_make_rows(leaders))
    cells = grid.mark_rect(cornerRadius=3, cursor="pointer").encode(
        color=alt.condition(
            "datum.passages > 0",
            alt.Color(
                "passages:Q",
                scale=alt.Scale(scheme="cividis", domain=[0, max(most, 2)]),
                legend=None,
            ),
            alt.value("#80808018"),
        ),
        stroke=alt.condition("datum.is_chosen", alt.value("#e0662f"), alt.value("transparent")),
        strokeWidth=alt.value(2.5),
        tooltip=[
            alt.Tooltip("leader:N", title="Leader"),
            alt.Tooltip("shows:N", title="Behaviour"),
            alt.Tooltip("passages:Q", title="Passages"),
        ],
    )
    picked = alt.selection_point(name=CELL, fields=["row", "behaviour"], on="click", clear=False)
    numbers = (
        grid.transform_filter("datum.passages > 0")
        .mark_text(fontSize=13, fontWeight=600, tooltip=None)
        .encode(
            text="passages:Q",
            color=alt.condition(f"datum.passages > {max(most, 2) * DARK}", alt.value("#000000"), alt.value("#ffffff")),
        )
    )
    return _finish(alt.layer(cells.add_params(picked), numbers), ink)


def draw_balance(weights: Sequence[Weight], ink: str) -> Chart:
    """Bars from the middle: to the right what attracts, to the left what drives away, each with its number."""
    rows = [
        {
            "value": strip_bidi(one.value),
            "side": HEADINGS[side],
            "passages": getattr(one, side),
            "place": sign * getattr(one, side),
        }
        for one in weights
        for side, sign, _ in SIDES_DRAWN
        if getattr(one, side)
    ]
    most = max(row["passages"] for row in rows) * 1.15
    bars = alt.Chart(alt.InlineData(values=rows)).encode(
        y=_make_axis("value:N", [strip_bidi(one.value) for one in weights]),
        x=alt.X(
            "place:Q",
            title=None,
            scale=alt.Scale(domain=[-most, most]),
            axis=alt.Axis(labels=False, ticks=False, domain=False, grid=False),
        ),
        tooltip=["value:N", "side:N", "passages:Q"],
    )
    coloured = bars.mark_bar(height={"band": 0.62}, cornerRadius=2).encode(
        color=alt.Color(
            "side:N",
            title=None,
            scale=alt.Scale(
                domain=[HEADINGS[side] for side, *_ in SIDES_DRAWN],
                range=[colour for *_, colour in SIDES_DRAWN],
            ),
            legend=alt.Legend(orient="top", columns=1, labelLimit=0, symbolType="square"),
        )
    )
    ends: tuple[tuple[str, Literal["left", "right"], int], ...] = ((">", "left", 4), ("<", "right", -4))
    numbers = [
        bars.transform_filter(f"datum.place {sign} 0")
        .mark_text(align=align, dx=shift, fontSize=12, fontWeight=600, color=ink)
        .encode(text="passages:Q")
        for sign, align, shift in ends
    ]
    return _finish(alt.layer(coloured, *numbers), ink)


def _finish(drawn: Chart, ink: str) -> Chart:
    """As wide as the page, with rows of one height."""
    sized = drawn.properties(height=alt.Step(ROW), width="container").configure_view(strokeWidth=0)
    finished: Chart = sized.configure_axis(labelColor=ink).configure_legend(labelColor=ink)
    return finished


def _make_columns(behaviours: Sequence[Behaviour]) -> alt.X:
    return alt.X(
        "behaviour:N",
        title=None,
        sort=[one.id for one in behaviours],
        axis=alt.Axis(orient="top", labelAngle=0, ticks=False, domain=False, labelFontSize=12, labelOverlap=False),
        scale=alt.Scale(paddingInner=0.08),
    )


def _make_rows(leaders: Sequence[str]) -> alt.Y:
    return _make_axis("leader:N", [strip_bidi(one) for one in leaders])


def _make_axis(field: str, ordered: Sequence[str]) -> alt.Y:
    return alt.Y(
        field,
        title=None,
        sort=list(ordered),
        axis=alt.Axis(
            ticks=False, domain=False, labelLimit=LABEL, labelFontSize=12, labelOverlap=False, maxExtent=LABEL + 8
        ),
        scale=alt.Scale(paddingInner=0.12),
    )
