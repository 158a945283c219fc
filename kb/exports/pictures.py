"""Pictures: who shows what, the balance of both sides, themes, years. Each number is written beside its colour."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Literal

import altair as alt

from kb.lens.balance import Cell, Weight
from kb.lens.framework import Behaviour, Framework, Side
from kb.lens.themes.evidence import ThemeEvidence
from kb.lens.timeline import Timeline
from kb.lens.wording import HEADINGS
from kb.text.display import strip_bidi

Chart = alt.LayerChart | alt.FacetChart
ROW = 27  # height of a row, in pixels
DARK = 0.45  # share of the colours on which white reads better than black
LABEL = 120  # width of the names, in pixels: on a phone, half of the picture is left for the cells
THEME_LABEL, WHOLE_LABEL = 200, 460  # width of the names of themes: on a page, in a file
TIMELINE = 220  # height
MOST_BARS, MOST_ROWS = 15, 25  # themes, and leaders, sectors or years, in a picture
COLUMN = 34  # width of a column in a file
BAR = "#2b8073"
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
    return _finish(_draw_grid(counts, leaders, behaviours, most, chosen, _make_columns(behaviours)), ink)


def _draw_grid(
    counts: Counts,
    leaders: Sequence[str],
    behaviours: Sequence[Behaviour],
    most: int,
    chosen: tuple[str, str],
    columns: alt.X,
) -> Chart:
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
    grid = alt.Chart(alt.InlineData(values=rows)).encode(x=columns, y=_make_rows(leaders))
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
    return alt.layer(cells.add_params(picked), numbers)


def draw_map(cells: Sequence[Cell], framework: Framework, ink: str) -> Chart:
    """The heatmap of both sides in one, for a file: the leaders with most passages, and behaviours by their names."""
    counts = {(cell.leader, cell.behaviour_id): cell.passages for cell in cells}
    leaders = rank_leaders(cells)[:MOST_ROWS]
    held = {behaviour_id for leader, behaviour_id in counts if leader in leaders}
    shown = [one for one in framework.behaviours if one.id in held]
    drawn = _draw_grid(counts, leaders, shown, max(counts.values()), ("", ""), _make_named_columns(shown))
    return _finish(drawn, ink).properties(width=alt.Step(COLUMN))


def rank_leaders(cells: Sequence[Cell]) -> list[str]:
    """The leaders, those with most passages first."""
    passages: Counter[str] = Counter()
    for cell in cells:
        passages[cell.leader] += cell.passages
    return [name for name, _ in sorted(passages.items(), key=lambda one: (-one[1], one[0]))]


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


def draw_themes(themes: Sequence[ThemeEvidence], chosen: str, ink: str, label: int = THEME_LABEL) -> Chart:
    """A bar for each theme, as long as there are leaders who speak of it; the chosen one framed."""
    names = [strip_bidi(one.theme.name) for one in themes]
    rows = [
        {
            "theme": name,
            "leaders": one.leaders,
            "passages": one.passages,
            "row": number,
            "is_chosen": one.theme.id == chosen,
        }
        for number, (name, one) in enumerate(zip(names, themes, strict=True))
    ]
    most = max(one.leaders for one in themes)
    grid = alt.Chart(alt.InlineData(values=rows)).encode(
        y=_make_axis("theme:N", names, label),
        x=alt.X(
            "leaders:Q",
            title=None,
            scale=alt.Scale(domain=[0, most * 1.12]),
            axis=alt.Axis(labels=False, ticks=False, domain=False, grid=False),
        ),
        tooltip=[
            alt.Tooltip("theme:N", title="Theme"),
            alt.Tooltip("leaders:Q", title="Leaders"),
            alt.Tooltip("passages:Q", title="Passages"),
        ],
    )
    bars = grid.mark_bar(height={"band": 0.62}, cornerRadius=2, color=BAR, cursor="pointer").encode(
        stroke=alt.condition("datum.is_chosen", alt.value("#e0662f"), alt.value("transparent")),
        strokeWidth=alt.value(2.5),
    )
    picked = alt.selection_point(name=CELL, fields=["row"], on="click", clear=False)
    numbers = grid.mark_text(align="left", dx=4, fontSize=12, fontWeight=600, color=ink, tooltip=None).encode(
        text="leaders:Q"
    )
    return _finish(alt.layer(bars.add_params(picked), numbers), ink)


def draw_timeline(timeline: Timeline, ink: str) -> Chart:
    """A column for each year, as high as there are passages; the number of leaders is written above it."""
    rows = [
        {"year": str(one.year), "leaders": one.leaders, "passages": one.passages, "interviews": one.interviews}
        for one in timeline.years
    ]
    most = max((one.passages for one in timeline.years), default=0)
    grid = alt.Chart(alt.InlineData(values=rows)).encode(
        x=alt.X("year:O", title=None, axis=alt.Axis(labelAngle=0, ticks=False, labelFontSize=12, labelOverlap=True)),
        y=alt.Y(
            "passages:Q",
            title="Passages",
            scale=alt.Scale(domain=[0, max(most, 1) * 1.15]),
            axis=alt.Axis(tickMinStep=1, grid=False, labelFontSize=12),
        ),
        tooltip=[
            alt.Tooltip("year:O", title="Year"),
            alt.Tooltip("leaders:Q", title="Leaders"),
            alt.Tooltip("passages:Q", title="Passages"),
            alt.Tooltip("interviews:Q", title="Interviews of the year"),
        ],
    )
    bars = grid.mark_bar(width={"band": 0.7}, cornerRadius=2, color=BAR)
    numbers = (
        grid.transform_filter("datum.passages > 0")
        .mark_text(baseline="bottom", dy=-4, fontSize=12, fontWeight=600, color=ink, tooltip=None)
        .encode(text="leaders:Q")
    )
    drawn = alt.layer(bars, numbers).properties(height=TIMELINE, width="container").configure_view(strokeWidth=0)
    finished: Chart = drawn.configure_axis(labelColor=ink, titleColor=ink)
    return finished


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


def _make_named_columns(behaviours: Sequence[Behaviour]) -> alt.X:
    """Columns that bear the names of their behaviours, slanting."""
    axis = alt.Axis(
        orient="top", labelAngle=-40, ticks=False, domain=False, labelFontSize=12, labelOverlap=False, labelLimit=0
    )
    names = [one.name for one in behaviours]
    return alt.X("shows:N", title=None, sort=names, axis=axis, scale=alt.Scale(paddingInner=0.08))


def _make_rows(leaders: Sequence[str]) -> alt.Y:
    return _make_axis("leader:N", [strip_bidi(one) for one in leaders])


def _make_axis(field: str, ordered: Sequence[str], width: int = LABEL) -> alt.Y:
    return alt.Y(
        field,
        title=None,
        sort=list(ordered),
        axis=alt.Axis(
            ticks=False, domain=False, labelLimit=width, labelFontSize=12, labelOverlap=False, maxExtent=width + 8
        ),
        scale=alt.Scale(paddingInner=0.12),
    )
