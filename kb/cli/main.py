"""kb: ask the knowledge base from the command line."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import get_args

from kb.answering.compare import describe_column
from kb.cli import collections, lens, packs, quotes, themes
from kb.cli.arguments import Parser, check_arguments, read_query
from kb.cli.installation import find_name_clashes
from kb.cli.log import log_to_stderr
from kb.cli.render import describe_citation, describe_hit, format_figure, indent, print_answer, print_writing
from kb.cli.terminal import complain, replace_unprintable, say, say_json, say_line
from kb.cli.to_json import (
    SHOWN,
    answer_to_json,
    citation_to_json,
    evaluation_to_json,
    hit_to_json,
    synthesis_to_json,
)
from kb.errors import BadQuestion, BadSetting, KBError
from kb.generation.synthesis import NO_MODEL, Synthesis
from kb.knowledge_base import WAITING, KnowledgeBase
from kb.model import Answer, Coverage, Dimension, Excerpt, Query
from kb.retrieval.evaluation import Asked, Question, evaluate, keep_latest, make_question, read_batch, read_questions
from kb.settings import Settings
from kb.storage.doctor import Finding

BATCH_PASSAGES = 20


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; problems are one line on standard error and exit code 2."""
    replace_unprintable()
    options = _parser().parse_args(arguments)
    try:
        check_arguments(options)
        with log_to_stderr(options.verbose):
            return _run(options)
    except BrokenPipeError:  # the reader of the output has seen enough, as `head` has
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KBError as error:
        complain(f"kb: {error}")
        return 2


def _run(options: argparse.Namespace) -> int:
    if options.command == "restore":  # into a folder where there is nothing to open yet
        return _run_restore(options)
    is_doctor = options.command == "doctor"
    knowledge_base = KnowledgeBase.open(
        Settings.from_env(), on_wait=_tell_waiting, is_short_lived=True, for_repair=is_doctor
    )
    try:
        code: int = options.run(knowledge_base, options)
    finally:
        knowledge_base.close()
    return code


def _tell_waiting() -> None:
    complain(f"kb: {WAITING}")


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="kb", description="Ask interviews with leaders, and get their own words.")
    parser.add_argument(
        "-v",
        "--verbose",
        action="count",
        default=0,
        help="log to standard error how long things take and where errors arise; -vv: questions too",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND", dest="command")
    search = commands.add_parser("search", help="the passages that speak to a question")
    search.set_defaults(run=_run_search)
    ask = commands.add_parser("ask", help="an answer in the leaders' own words, cited")
    ask.set_defaults(run=_run_ask)
    ask.add_argument("--session", metavar="NAME", help="keep the question under this name, for others to follow")
    ask.add_argument(
        "--llm",
        action=argparse.BooleanOptionalAction,
        help="let the language model write too (default: if KB_LLM is set)",
    )
    for command in (search, ask):
        command.add_argument("question")
        command.add_argument(
            "--limit", type=_positive, default=10, metavar="N", help="passages to look at (default 10)"
        )
        _add_filters(command)
        command.add_argument("--json", action="store_true", help="print one JSON object")
    quotes.add_commands(commands, _add_filters)
    collections.add_commands(commands, _add_filters)
    packs.add_commands(commands, _add_filters)
    lens.add_commands(commands, _add_filters)
    themes.add_commands(commands, _add_filters)
    compare = commands.add_parser("compare", help="two to four leaders, companies, sectors or years side by side")
    compare.add_argument("question")
    compare.add_argument("values", nargs="+", metavar="VALUE")
    compare.add_argument("--by", choices=get_args(Dimension), default="leader", help="what the values are (leader)")
    compare.add_argument("--json", action="store_true", help="print one JSON object")
    compare.set_defaults(run=_run_compare)
    batch = commands.add_parser("batch", help="answer a file of questions, one JSON object a line")
    batch.add_argument("questions", type=Path, metavar="QUESTIONS.jsonl")
    batch.add_argument("--answers", action="store_true", help="print what an answer shows, too")
    batch.set_defaults(run=_run_batch)
    evaluation = commands.add_parser("eval", help="measure how well your own questions are answered")
    evaluation.add_argument("questions", type=Path, metavar="QUESTIONS.jsonl")
    evaluation.add_argument("--json", action="store_true", help="print one JSON object")
    evaluation.set_defaults(run=_run_eval)
    feedback = commands.add_parser("feedback", help="answers that readers found helpful, as a file for kb eval")
    feedback.set_defaults(run=_run_feedback)
    status = commands.add_parser("status", help="what the knowledge base holds")
    status.add_argument("--json", action="store_true", help="print one JSON object")
    status.set_defaults(run=_run_status)
    doctor = commands.add_parser("doctor", help="check the stores against each other and the files they were read from")
    doctor.add_argument("--repair", action="store_true", help="mend what is wrong")
    doctor.add_argument(
        "--discard", action="store_true", help="with --repair: delete what is left of interviews that the catalog lost"
    )
    doctor.set_defaults(run=_run_doctor)
    backup = commands.add_parser("backup", help="write everything into one new file")
    backup.set_defaults(run=_run_backup)
    restore = commands.add_parser("restore", help="fill an empty KB_HOME from such a file")
    for command in (backup, restore):
        command.add_argument("file", type=Path, metavar="FILE")
    return parser


def _add_filters(command: argparse.ArgumentParser) -> None:
    for name in ("leader", "company", "sector", "source"):
        command.add_argument(f"--{name}", action="append", default=[], help="may be given more than once")
    command.add_argument("--year", action="append", default=[], type=int)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def _run_search(knowledge_base: KnowledgeBase, options: argparse.Namespace) -> int:
    hits = knowledge_base.search(read_query(options, options.question, options.limit))
    if options.json:
        say_json([hit_to_json(hit) for hit in hits])
        return 0
    for number, hit in enumerate(hits, 1):
        say(f"{number}. {describe_hit(hit)}\n{indent(hit.passage.text)}\n")
    if not hits:
        say("The interviews do not speak to this.")
    return 0


def _run_ask(knowledge_base: KnowledgeBase, options: argparse.Namespace) -> int:
    if options.llm and not knowledge_base.has_language_model:
        raise BadSetting(NO_MODEL)
    is_written = knowledge_base.has_language_model if options.llm is None else options.llm
    earlier = knowledge_base.questions(options.session) if options.session else ()
    understood = knowledge_base.understand(options.question, earlier)
    query = replace(read_query(options, options.question, options.limit), text=understood.text)
    answer = knowledge_base.ask(query)
    sides = knowledge_base.lens.takes(understood.text)
    evidence = knowledge_base.lens.evidence(query, sides[0]) if sides else None
    if options.session:
        knowledge_base.keep_question(options.session, options.question)
    writing = knowledge_base.write(answer) if is_written else iter(())
    if options.json:
        asked = {"question": options.question, "understood": understood.text}
        written = {"written": synthesis_to_json(last)} if (last := _take_last(writing)) else {}
        shown = {"lens": lens.evidence_to_json(evidence)} if evidence else {}
        say_json({**answer_to_json(answer), **asked, **shown, **written})
        return 0
    if understood.is_rewritten:
        say_line(f"Understood as: {understood.text}")
    if evidence and evidence.is_enough:
        lens.print_evidence(evidence)
        return 0
    print_answer(answer)
    print_writing(writing)
    return 0


def _run_compare(knowledge_base: KnowledgeBase, options: argparse.Namespace) -> int:
    compared = knowledge_base.compare(Query(options.question), options.by, options.values)
    if options.json:
        columns = [
            {
                "value": column.value,
                "coverage": asdict(column.coverage),
                "citations": [citation_to_json(one) for sentence in column.sentences for one in sentence.citations],
            }
            for column in compared.columns
        ]
        say_json({"question": options.question, "by": options.by, "columns": columns})
        return 0
    for column in compared.columns:
        say_line(f"{column.value}: {describe_column(column)}")
        for sentence in column.sentences:
            say(f"  “{sentence.text}”")
            for citation in sentence.citations:
                say(f"  [{citation.number}] {describe_citation(citation)}")
        say()
    return 0


def _run_eval(knowledge_base: KnowledgeBase, options: argparse.Namespace) -> int:
    questions = read_questions(options.questions)
    knowledge_base.warm()
    figures = evaluate([_ask_timed(knowledge_base, question) for question in questions])
    if options.json:
        say_json(evaluation_to_json(figures))
        return 0
    for kind, measured in evaluation_to_json(figures).items():
        say(f"{kind:12} " + "  ".join(format_figure(name, value) for name, value in measured.items()))
    return 0


def _ask_timed(knowledge_base: KnowledgeBase, question: Question) -> Asked:
    started = time.perf_counter()
    answer = _ask_or_refuse(knowledge_base, question.text)
    seconds = time.perf_counter() - started
    shown = tuple(Excerpt(hit.interview.source, hit.passage.text) for hit in answer.hits)
    return Asked(question, shown, answer.is_covered, answer.coverage.score, seconds)


def _run_feedback(knowledge_base: KnowledgeBase, _: argparse.Namespace) -> int:
    latest = keep_latest(knowledge_base.feedback())
    helpful = [one for one in latest if one.is_helpful]
    for number, one in enumerate(helpful, 1):
        say_json(make_question(one, number))
    if len(helpful) < len(latest):
        left = len(latest) - len(helpful)
        complain(f"{left} left out: a thumb down does not tell what would have been right")
    return 0


def _run_batch(knowledge_base: KnowledgeBase, options: argparse.Namespace) -> int:
    questions = read_batch(options.questions)
    knowledge_base.warm()
    for number, question in enumerate(questions, 1):
        started = time.perf_counter()
        answer = _ask_or_refuse(knowledge_base, question.text)
        seconds = time.perf_counter() - started
        results = [{"source": hit.interview.source, "text": hit.passage.text} for hit in answer.hits]
        row = {
            "id": number if question.id is None else question.id,
            "results": results,
            "covered": answer.is_covered,
            "coverage": answer.coverage.score,
            "seconds": round(seconds, 4),
        }
        if options.answers:
            row |= {name: value for name, value in answer_to_json(answer).items() if name in SHOWN}
        say_json(row)
    return 0


def _ask_or_refuse(knowledge_base: KnowledgeBase, text: str) -> Answer:
    """A question that cannot be asked is a question without an answer: it does not stop the others."""
    query = Query(text, limit=BATCH_PASSAGES)
    try:
        return knowledge_base.ask(query)
    except BadQuestion:
        return Answer(query, (), Coverage("none", 0.0), ())


def _run_status(knowledge_base: KnowledgeBase, options: argparse.Namespace) -> int:
    status = knowledge_base.status()
    if options.json:
        say_json(asdict(status))
        return 0
    for key, value in asdict(status).items():
        say_line(f"{key:14} {value:,}" if isinstance(value, int) else f"{key:14} {value}")
    return 0


def _run_doctor(knowledge_base: KnowledgeBase, options: argparse.Namespace) -> int:
    """Exit code 1 when something is wrong, or still is."""
    clashes = find_name_clashes()
    for clash in clashes:
        say_line(f"problem: {clash}")
    findings = knowledge_base.repair(discard=options.discard) if options.repair else knowledge_base.examine()
    problems = [finding for finding in findings if finding.is_problem]
    for finding in findings:
        say_line(f"{'problem' if finding.is_problem else 'note'}: {finding.text}")
    if clashes:
        say(f"{len(clashes):,} found in the installation, which --repair does not mend")
    if problems:
        say(f"{len(problems):,} {_advise(problems, is_repaired=options.repair)}")
    if clashes or problems:
        return 1
    say("All is well: catalog, vectors and token vectors agree.")
    return 0


def _advise(problems: Sequence[Finding], *, is_repaired: bool) -> str:
    """Say what to do about problems that were found, or are left after a repair."""
    is_mended = any(problem.mending not in ("catalog", "lost") for problem in problems)
    if is_mended and not is_repaired:
        return "found; mend with: kb doctor --repair"
    if all(problem.mending == "lost" for problem in problems):
        return "left as it is: nothing of it is deleted without --discard"
    return "left; restore a backup into a new KB_HOME, or ingest again into one"


def _run_backup(knowledge_base: KnowledgeBase, options: argparse.Namespace) -> int:
    knowledge_base.back_up(options.file)
    say_line(f"Written to {options.file}: {options.file.stat().st_size:,} bytes")
    return 0


def _run_restore(options: argparse.Namespace) -> int:
    settings = Settings.from_env()
    KnowledgeBase.restore(options.file, settings)
    say_line(f"Restored into {settings.home}")
    return 0


def _take_last(writing: Iterator[Synthesis]) -> Synthesis | None:
    return next(iter(deque(writing, maxlen=1)), None)


if __name__ == "__main__":
    sys.exit(main())
