"""kb themes: of which themes the interviews speak, in whose words, and when."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from kb.cli.arguments import read_query
from kb.cli.pictures import keep_picture
from kb.cli.render import describe_citation
from kb.cli.terminal import say, say_json, say_line
from kb.cli.timelines import print_timeline, timeline_to_json
from kb.cli.to_json import citation_to_json
from kb.errors import BadQuestion
from kb.exports.picture_file import INK, check_picture
from kb.knowledge_base import KnowledgeBase
from kb.lens.themes.evidence import ThemeCluster, ThemeEvidence, ThemeOverview, ThemeQuotation
from kb.lens.themes.tensions import HEADING, Tension
from kb.lens.themes.wording import LESS_SURE, describe_overview, start_of
from kb.lens.timeline import Timeline
from kb.lens.wording import count
from kb.retrieval.lexicon import Theme


def add_commands(commands: Any, add_filters: Callable[[argparse.ArgumentParser], None]) -> None:
    """Add the command to those of kb."""
    themes = commands.add_parser("themes", help="of which themes the interviews speak; with a NAME, in whose words")
    themes.add_argument("name", nargs="?", metavar="NAME", help="a theme, by its id, its name, or words of its name")
    themes.add_argument("--timeline", action="store_true", help="of one theme: by year, with leaders and passages")
    themes.add_argument("--tensions", action="store_true", help="of one theme: leaders who pull in opposite directions")
    themes.add_argument("--picture", type=Path, metavar="FILE", help="draw what is printed: a new .png or .svg")
    themes.add_argument("--limit", type=int, default=10, metavar="N", help="quotations of one theme (default 10)")
    add_filters(themes)
    themes.add_argument("--json", action="store_true", help="print one JSON object")
    themes.set_defaults(run=_run_themes)


def _run_themes(knowledge_base: KnowledgeBase, options: argparse.Namespace) -> int:
    """Exit code 1 when there is nothing to show."""
    query, desk = read_query(options), knowledge_base.theme_desk
    _check_options(options)
    if options.name is None:
        overview = desk.overview(query)
        return _show_overview(overview, options)
    theme = desk.find(options.name)
    if options.timeline:
        return _show_timeline(theme, desk.timeline(theme, query), options)
    if options.tensions:
        return _show_tensions(theme, desk.tensions(theme, query), as_json=options.json)
    quoted = desk.quotations(theme, query, slice(options.limit))
    return _show_theme(theme, quoted, is_learnt=desk.is_learnt(theme), as_json=options.json)


def _check_options(options: argparse.Namespace) -> None:
    if options.name is None and (options.timeline or options.tensions):
        raise BadQuestion("Name a theme for its timeline or its tensions; see them with: kb themes")
    if options.timeline and options.tensions:
        raise BadQuestion("Ask for the timeline or for the tensions, one at a time")
    if options.picture and options.name is not None and not options.timeline:
        raise BadQuestion("There is a picture of all themes, and one of a theme's timeline; add --timeline for that")
    if options.limit < 1:
        raise BadQuestion(f"The limit is {options.limit}; ask for 1 quotation or more")
    if options.picture:
        check_picture(options.picture)


def _show_overview(overview: ThemeOverview, options: argparse.Namespace) -> int:
    keep_picture(
        options.picture,
        "Themes, by the number of leaders who speak of them",
        lambda pictures: pictures.draw_themes(overview.themes[: pictures.MOST_BARS], "", INK, pictures.WHOLE_LABEL),
        is_empty=not overview.themes,
    )
    if options.json:
        say_json(_overview_to_json(overview))
    else:
        _print_overview(overview)
    return 0 if overview.themes else 1


def _print_overview(overview: ThemeOverview) -> None:
    say_line(describe_overview(overview))
    found = {one.theme: one for one in overview.themes}
    for cluster in overview.clusters:
        say()
        say_line(f"{cluster.name} ({count(cluster.leaders, 'leader')}, {count(cluster.passages, 'passage')})")
        say("  leaders  passages  theme")
        for theme in cluster.themes:
            _print_theme_row(found[theme])


def _print_theme_row(one: ThemeEvidence) -> None:
    mark = "" if one.is_learnt else " *"
    say_line(f"  {one.leaders:7,} {one.passages:9,}  {one.theme.name}{mark} ({one.theme.id})")
    if one.quotation:
        say_line(f"{'':21}“{start_of(one.quotation)}” {one.quotation.leader.name}")


def _show_timeline(theme: Theme, timeline: Timeline, options: argparse.Namespace) -> int:
    keep_picture(
        options.picture,
        f"{theme.name}: passages by year, with the number of leaders",
        lambda pictures: pictures.draw_timeline(timeline, INK),
        is_empty=not timeline.years,
    )
    if options.json:
        say_json({"theme": theme.id, "name": theme.name, **timeline_to_json(timeline)})
    else:
        say_line(theme.name)
        print_timeline(timeline)
    return 0 if timeline.passages else 1


def _show_tensions(theme: Theme, tensions: Sequence[Tension], *, as_json: bool) -> int:
    if as_json:
        pairs = [_tension_to_json(one) for one in tensions]
        say_json({"theme": theme.id, "name": theme.name, "heading": HEADING, "tensions": pairs})
        return 0 if tensions else 1
    say_line(theme.name)
    for pair in tensions:
        say(f"\n{HEADING}")
        for pole, one in ((pair.matter.one, pair.one), (pair.matter.other, pair.other)):
            say(f"\n  {pole.name}:\n  “{one.citation.quote}”")
            say_line(f"  [{one.citation.number}] {describe_citation(one.citation)}")
    if not tensions:
        say("No two leaders pull in opposite directions here, surely enough to be shown.")
    return 0 if tensions else 1


def _tension_to_json(pair: Tension) -> list[dict[str, Any]]:
    sides = ((pair.matter.one, pair.one), (pair.matter.other, pair.other))
    return [{"side": pole.name, **citation_to_json(one.citation)} for pole, one in sides]


def _show_theme(theme: Theme, quoted: list[ThemeQuotation], *, is_learnt: bool, as_json: bool) -> int:
    if as_json:
        shown = [{**citation_to_json(one.citation), "confidence": round(one.confidence, 4)} for one in quoted]
        say_json({"theme": theme.id, "name": theme.name, "learnt": is_learnt, "quotations": shown})
        return 0 if quoted else 1
    say_line(theme.name if is_learnt else f"{theme.name}: {LESS_SURE}")
    for one in quoted:
        say(f"\n“{one.citation.quote}”")
        say_line(f"[{one.citation.number}] {describe_citation(one.citation)}")
    if not quoted:
        say("No passage within these filters speaks of it surely enough to be shown.")
    return 0 if quoted else 1


def _overview_to_json(overview: ThemeOverview) -> dict[str, Any]:
    return {
        "summary": describe_overview(overview),
        "leaders": overview.leaders,
        "leaders_asked": overview.leaders_asked,
        "themes": [_theme_to_json(one) for one in overview.themes],
        "clusters": [_cluster_to_json(one) for one in overview.clusters],
    }


def _theme_to_json(one: ThemeEvidence) -> dict[str, Any]:
    return {
        "id": one.theme.id,
        "name": one.theme.name,
        "leaders": one.leaders,
        "passages": one.passages,
        "learnt": one.is_learnt,
        "quotation": citation_to_json(one.quotation) if one.quotation else None,
    }


def _cluster_to_json(one: ThemeCluster) -> dict[str, Any]:
    ids = [theme.id for theme in one.themes]
    return {"name": one.name, "leaders": one.leaders, "passages": one.passages, "themes": ids}
