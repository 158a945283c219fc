"""kb lens: what attracts people to a shared cause and what drives them away; what a text shows of it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args

from kb.cli import lens_learn
from kb.cli.arguments import read_query
from kb.cli.pictures import keep_picture
from kb.cli.render import describe_citation
from kb.cli.terminal import complain, say, say_json, say_line
from kb.cli.timelines import print_timeline, timeline_to_json
from kb.cli.to_json import citation_to_json
from kb.errors import BadQuestion, BadTag
from kb.exports.picture_file import INK, check_picture
from kb.exports.tags import write_tags
from kb.knowledge_base import KnowledgeBase
from kb.lens.agreement import list_agreements
from kb.lens.balance import By, Weight
from kb.lens.desk import LensDesk
from kb.lens.evidence import BehaviourEvidence, Evidence, LensQuotation, SideEvidence
from kb.lens.framework import Framework
from kb.lens.judge import Judgement
from kb.lens.tags import KeptTag
from kb.lens.timeline import Timeline
from kb.lens.wording import HEADINGS, count, describe_behaviour, describe_evidence, describe_quotation, describe_side

TOGETHER = 256  # texts that are judged at once


def add_commands(commands: Any, add_filters: Callable[[argparse.ArgumentParser], None]) -> None:
    """Add the command to those of kb."""
    lens = commands.add_parser("lens", help="what attracts people to a shared cause, and what drives them away")
    lens.add_argument(
        "action",
        nargs="?",
        choices=("judge", "tags", "learn"),
        help="judge texts of a file; list people's tags; learn from them",
    )
    lens.add_argument("file", nargs="?", type=Path, metavar="FILE.jsonl", help='JSON lines with a "text" each')
    lens.add_argument("--framework", type=Path, metavar="FILE", help="behaviours of your own (default: KB_LENS)")
    lens.add_argument("--balance", choices=get_args(By), metavar="BY", help="both sides by leader, sector or year")
    lens.add_argument("--timeline", metavar="ID", help="of one behaviour, such as A1: by year")
    lens.add_argument("--picture", type=Path, metavar="FILE", help="draw leaders and behaviours, or what is asked for")
    lens.add_argument("--csv", type=Path, metavar="FILE", help="of tags: write them to a new file")
    lens_learn.add_arguments(lens)
    add_filters(lens)
    lens.add_argument("--json", action="store_true", help="print one JSON object")
    lens.set_defaults(run=_run_lens)


def print_evidence(evidence: Evidence) -> None:
    """Both sides, each with its behaviours and their quotations."""
    say_line(describe_evidence(evidence))
    for side in evidence.sides if evidence.quotations else ():
        say()
        say_line(HEADINGS[side.side].upper())
        if empty := describe_side(side):
            say(empty)
        for shown in side.behaviours:
            _print_behaviour(shown)


def evidence_to_json(evidence: Evidence) -> dict[str, Any]:
    """The evidence as `kb lens --json` prints it."""
    return {
        "framework": evidence.framework,
        "learnt": evidence.is_learnt,
        "judgements": evidence.judgements,
        "summary": describe_evidence(evidence),
        "leaders": evidence.leaders,
        "leaders_asked": evidence.leaders_asked,
        "sides": [_side_to_json(side) for side in evidence.sides],
    }


def _run_lens(knowledge_base: KnowledgeBase, options: argparse.Namespace) -> int:
    """Exit code 1 when there is nothing to show, or a line that cannot be judged."""
    lens_learn.check_arguments(options)
    desk = knowledge_base.lens.with_framework(options.framework) if options.framework else knowledge_base.lens
    if options.action == "learn":
        return lens_learn.run_learn(desk, options)
    if problem := desk.learnt.state().problem:
        complain(f"kb: {problem}")
    if options.action == "judge":
        return _run_judge(desk, options.file)
    if options.action == "tags":
        return _run_tags(desk, options)
    query = read_query(options)
    if options.picture:
        check_picture(options.picture)
    if options.balance:
        return _show_balance(desk.weigh(options.balance, query), options)
    if options.timeline:
        return _show_timeline(desk, desk.timeline(options.timeline, query), options)
    evidence = desk.evidence(query)
    cells = desk.table(query) if options.picture else []
    keep_picture(
        options.picture,
        f"Who shows what: {desk.framework.name}",
        lambda pictures: pictures.draw_map(cells, desk.framework, INK),
        is_empty=not cells,
    )
    if options.json:
        say_json(evidence_to_json(evidence))
    else:
        print_evidence(evidence)
    return 0 if evidence.quotations else 1


def _show_balance(weights: Sequence[Weight], options: argparse.Namespace) -> int:
    """Exit code 1 when nothing stands on either side."""
    keep_picture(
        options.picture,
        f"What attracts and what drives away, by {options.balance}",
        lambda pictures: pictures.draw_balance(weights[: pictures.MOST_ROWS], INK),
        is_empty=not weights,
    )
    if options.json:
        say_json({"by": options.balance, "weights": [asdict(one) for one in weights]})
    else:
        say("attracts  drives away")
        for one in weights:
            say_line(f"{one.attracts:8,} {one.drives_away:12,}  {one.value}")
    return 0 if weights else 1


def _show_timeline(desk: LensDesk, timeline: Timeline, options: argparse.Namespace) -> int:
    """Exit code 1 when nobody shows the behaviour."""
    behaviour = desk.framework.behaviour(options.timeline)
    name = behaviour.name if behaviour else options.timeline
    keep_picture(
        options.picture,
        f"{name}: passages by year, with the number of leaders",
        lambda pictures: pictures.draw_timeline(timeline, INK),
        is_empty=not timeline.years,
    )
    if options.json:
        say_json({"behaviour": options.timeline, "name": name, **timeline_to_json(timeline)})
    else:
        say_line(name)
        print_timeline(timeline)
    return 0 if timeline.passages else 1


def _run_tags(desk: LensDesk, options: argparse.Namespace) -> int:
    """List what people said of passages, or write it to a file. Exit code 1 when nobody has said anything."""
    kept = desk.tags.kept()
    if options.csv:
        _write_new(options.csv, write_tags(kept, desk.framework))
        say_line(f"{count(len(kept), 'tag')} written to {options.csv}")
    elif options.json:
        say_json([{**asdict(one.tag), "state": one.standing.state} for one in kept])
    else:
        for one in kept:
            _print_tag(one, desk.framework)
        for pair in list_agreements(desk.decided(), desk.framework) if kept else ():
            kappa = "none" if pair.kappa is None else f"{pair.kappa:.2f}"
            say_line(f"{pair.one} and {pair.other}: {pair.same} of {pair.answers} answers are the same, kappa {kappa}")
    if not kept:
        complain("Nobody has judged a passage yet; do it on the page Lens of the app")
    return 0 if kept else 1


def _write_new(file: Path, data: bytes) -> None:
    try:
        with file.open("xb") as written:
            written.write(data)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise BadTag(f"{file} cannot be written: {reason}; name a new file") from error


def _print_tag(one: KeptTag, framework: Framework) -> None:
    tag, behaviour = one.tag, framework.behaviour(one.tag.label)
    named = behaviour.name if behaviour and tag.framework else f"tag “{tag.label}”"
    said = named if not tag.framework or tag.holds else f"not {named}"
    gone = "" if one.is_verbatim else " · these words are there no more"
    say_line(f"{tag.person}: {said} · {tag.speaker or 'not named'}, {tag.title}{gone}")
    say(f"  “{tag.quote}”")


def _run_judge(desk: LensDesk, file: Path | None) -> int:
    if file is None:
        raise BadQuestion('There is no file to judge; give one: kb lens judge FILE.jsonl, with a "text" in each line')
    is_well = True
    texts: list[str] = []
    for text in _read_texts(file):
        if text is None:
            is_well = False
            continue
        texts.append(text)
        if len(texts) == TOGETHER:
            _print_judgements(desk.judge(texts))
            texts = []
    _print_judgements(desk.judge(texts))
    return 0 if is_well else 1


def _read_texts(file: Path) -> Iterator[str | None]:
    """Yield the text of each line; None, with a line on standard error, for one that cannot be judged."""
    try:
        lines = file.read_bytes().split(b"\n")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise BadQuestion(f"{file} cannot be read: {reason}; give a file of JSON lines in UTF-8") from error
    for number, line in enumerate(lines, 1):
        if line.strip():
            text = _read_text(line)
            if text is None:
                complain(f'kb: {file}, line {number}: not judged; it must be a JSON object with words as its "text"')
            yield text


def _read_text(line: bytes) -> str | None:
    try:
        row = json.loads(line.decode("utf-8-sig"))
        text = row["text"]
        text.encode()  # JSON allows lone surrogates, UTF-8 does not
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
        return None
    return text if isinstance(text, str) and any(map(str.isalnum, text)) else None


def _print_judgements(judged: Sequence[Judgement]) -> None:
    for one in judged:
        behaviours = list(one.behaviours)
        say_json({"effect": one.effect, "behaviours": behaviours, "stance": one.stance, "sure": one.is_sure})


def _print_behaviour(shown: BehaviourEvidence) -> None:
    say()
    say_line(f"{shown.behaviour.name}: {describe_behaviour(shown)}")
    for one in shown.quotations:
        say(f"  “{one.citation.quote}”")
        say_line(f"  [{one.citation.number}] {describe_citation(one.citation)} · {describe_quotation(one)}")


def _side_to_json(side: SideEvidence) -> dict[str, Any]:
    return {"side": side.side, "behaviours": [_behaviour_to_json(one) for one in side.behaviours]}


def _behaviour_to_json(shown: BehaviourEvidence) -> dict[str, Any]:
    return {
        "id": shown.behaviour.id,
        "name": shown.behaviour.name,
        "description": shown.behaviour.description,
        "leaders": shown.leaders,
        "passages": shown.passages,
        "quotations": [_quotation_to_json(one) for one in shown.quotations],
    }


def _quotation_to_json(one: LensQuotation) -> dict[str, Any]:
    return {
        **citation_to_json(one.citation),
        "stance": one.stance,
        "confidence": round(one.confidence, 4),
        "confirmed": one.is_confirmed,
    }
