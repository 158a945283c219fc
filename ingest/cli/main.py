"""kb-ingest: read interviews into the knowledge base from the command line."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path

from rich.progress import BarColumn, DownloadColumn, TextColumn

from ingest.cli.adding import add_link, add_recordings, is_link
from ingest.cli.terminal import make_bar, print_report, show_progress, tell_waiting
from ingest.inspection import find_places, to_record
from ingest.metadata.corrections import STATED_ROLES, Corrections
from ingest.pipeline.run import Options, ingest_paths, inspect_file
from ingest.reading import Reading
from ingest.sources.catalogue import SOURCES, find_source
from ingest.sources.fetch import fetch_source
from ingest.upload.arriving import is_named_recording
from kb.cli.arguments import Parser, check_arguments
from kb.cli.log import log_to_stderr
from kb.cli.terminal import complain, replace_unprintable, say, say_json, say_line
from kb.errors import BadMetadata, FetchFailed, KBError, UnknownInterview, UnreadableFile
from kb.knowledge_base import KnowledgeBase
from kb.settings import Settings

COMMANDS = ("add", "list", "remove", "inspect", "sources", "fetch")
VERBOSE = re.compile("-v+|--verbose")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Return 0, 1 if a file was refused, 2 after an error in one line on stderr, 130 if stopped."""
    replace_unprintable()
    words = list(sys.argv[1:] if arguments is None else arguments)
    # `kb-ingest PATH...` is short for `kb-ingest add PATH...`.
    first = next((word for word in words if not VERBOSE.fullmatch(word)), "-h")
    if first not in (*COMMANDS, "-h", "--help"):
        words.insert(0, "add")
    options = _parser().parse_args(words)
    try:
        check_arguments(options)
        with log_to_stderr(options.verbose):
            code: int = options.run(options)
    except KBError as error:
        complain(f"kb-ingest: {error}")
        return 2
    except KeyboardInterrupt:
        complain("kb-ingest: stopped; what was added is kept, run it again to go on")
        return 130
    except BrokenPipeError:  # the reader closed the pipe early; with None, Python flushes nothing into it at exit
        sys.stdout = None
        return 0
    return code


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="kb-ingest", description="Read interview transcripts into the knowledge base.")
    _add_verbose_option(parser, 0)
    commands = parser.add_subparsers(required=True, metavar="PATH... | URL | list | remove | inspect | sources | fetch")
    add = commands.add_parser("add", help="add files and folders, or what a link leads to ('add' may be left out)")
    add.add_argument("paths", nargs="+", type=_read_path, metavar="PATH or URL")
    _add_reading_options(add)
    _add_link_options(add)
    add.add_argument("--prune", action="store_true", help="remove interviews whose file has left the folder")
    add.add_argument(
        "--keep-both", action="store_true", help="two files of one talk are two interviews, as the files named here"
    )
    add.add_argument("--rebuild", action="store_true", help="read unchanged files again too; no text is embedded twice")
    add.set_defaults(run=_run_add)
    listing = commands.add_parser("list", help="the interviews: id, file, title")
    listing.set_defaults(run=_run_list)
    remove = commands.add_parser("remove", help="remove interviews by id; their files stay where they are")
    remove.add_argument("ids", nargs="+", metavar="ID")
    remove.set_defaults(run=_run_remove)
    inspect = commands.add_parser("inspect", help="show what would be read from a file; nothing is stored")
    inspect.add_argument("file", type=Path, metavar="FILE")
    _add_reading_options(inspect)
    inspect.add_argument("--json", action="store_true", help="print one JSON object")
    inspect.set_defaults(run=_run_inspect)
    sources = commands.add_parser("sources", help="list public collections that you may fetch")
    sources.set_defaults(run=_run_sources)
    fetch = commands.add_parser("fetch", help="download a public collection to this machine and add it")
    fetch.add_argument("name", metavar="SOURCE")
    fetch.add_argument("--to", type=Path, metavar="FOLDER", help="where to keep the files (default: KB_HOME/sources)")
    fetch.add_argument("--archive", metavar="URL", help="a mirror of the source's archive")
    fetch.set_defaults(run=_run_fetch)
    for command in (add, listing, remove, inspect, sources, fetch):
        _add_verbose_option(command, argparse.SUPPRESS)
    return parser


def _add_verbose_option(parser: argparse.ArgumentParser, default: int | str) -> None:
    parser.add_argument(
        "-v", "--verbose", action="count", default=default, help="tell what is done with each file; -vv tells more"
    )


def _read_path(word: str) -> Path | str:
    """Read a path; a web address stays as it is."""
    return word if is_link(word) else Path(word)


def _add_link_options(parser: argparse.ArgumentParser) -> None:
    chosen = parser.add_argument_group("of a feed or a playlist").add_mutually_exclusive_group()
    chosen.add_argument("--choose", default="", metavar="N,M", help="the items with these numbers, as in 1,3,5-7")
    chosen.add_argument("--all", action="store_true", help="all that publish a transcript and are not added yet")
    chosen.add_argument("--latest", type=int, metavar="N", help="of the N newest with a transcript, what is new")
    parser.add_argument("--into", type=Path, metavar="FOLDER", help="where to keep them (default: KB_HOME/uploads)")


def _add_reading_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--metadata", type=Path, metavar="FILE.csv", help="a table of facts, one row a file")
    parser.add_argument(
        "--speakers",
        action="append",
        default=[],
        metavar="LABEL=NAME",
        help="who a label is, as in 'SPEAKER_00=Jane Doe'",
    )
    helps = ("whose words are to be found", "who asks", "who is neither leader nor host")
    for role, meaning in zip(STATED_ROLES, helps, strict=True):
        parser.add_argument(
            f"--{role}", action="append", default=[], metavar="NAME", help=f"{meaning}, where that was read wrongly"
        )


def _read_options(options: argparse.Namespace) -> Options:
    pairs = [pair.partition("=") for pair in options.speakers]
    wrong = next((label for label, _, name in pairs if not label.strip() or not name.strip()), None)
    if wrong is not None:
        raise BadMetadata(f"--speakers wants LABEL=NAME, as in 'SPEAKER_00=Jane Doe', and got {wrong!r}")
    names = {label.strip(): name.strip() for label, _, name in pairs}
    roles = {name.strip(): role for role in STATED_ROLES for name in getattr(options, role)}
    return Options(
        metadata=options.metadata,
        prune=getattr(options, "prune", False),
        rebuild=getattr(options, "rebuild", False),
        keep_both=getattr(options, "keep_both", False),
        corrections=Corrections(names, roles),
    )


def _run_add(options: argparse.Namespace) -> int:
    links = [one for one in options.paths if isinstance(one, str)]
    paths = [one for one in options.paths if isinstance(one, Path)]
    recordings = [path for path in paths if is_named_recording(path.name) and path.is_file()]
    if links:
        if len(options.paths) > 1:
            raise FetchFailed("One link is added at a time; run kb-ingest again for the others")
        return add_link(links[0], options, _read_options(options))
    if recordings:
        if len(recordings) < len(paths):
            raise UnreadableFile("Recordings are transcribed by themselves; run kb-ingest again for the other files")
        return add_recordings(recordings, options, _read_options(options))
    return _ingest(paths, _read_options(options))


def _run_list(_: argparse.Namespace) -> int:
    with closing(KnowledgeBase.open(Settings.from_env())) as knowledge_base:
        seconds = knowledge_base.second_sources.all()
        for interview in knowledge_base.interviews():
            others = ", ".join(one.name for one in seconds.get(interview.id, ()))
            say_line(interview.id, interview.source, interview.title, *([f"also {others}"] if others else []))
    return 0


def _run_remove(options: argparse.Namespace) -> int:
    """Remove all the given interviews, or none if one of them does not exist."""
    ids = list(dict.fromkeys(options.ids))
    with closing(KnowledgeBase.open(Settings.from_env(), on_wait=tell_waiting)) as knowledge_base:
        known = {interview.id for interview in knowledge_base.interviews()}
        unknown = [interview_id for interview_id in ids if interview_id not in known]
        if unknown:
            raise UnknownInterview(f"There is no interview {unknown[0][:80]!r}; kb-ingest list tells what there is")
        for interview_id in ids:
            with suppress(UnknownInterview):  # another process has removed it meanwhile
                knowledge_base.remove(interview_id)
        say(f"{len(ids)} removed")
        knowledge_base.calibrate()
    return 0


def _run_fetch(options: argparse.Namespace) -> int:
    settings = Settings.from_env()
    source = find_source(options.name)
    with make_bar(TextColumn("{task.description}"), BarColumn(), DownloadColumn()) as bar:
        task = bar.add_task(f"Fetching {source.title}", total=None)
        fetched = fetch_source(
            source,
            options.to or settings.home / "sources",
            archive=options.archive,
            on_bytes=lambda count: bar.advance(task, count),
        )
    say_line(f"{source.title}: {source.copyright}, {source.licence}; kept in {fetched.folder}")
    for name in fetched.left:
        say_line(f"note: {name}: not in the collection; it stays, since it was not fetched or was changed since")
    return _ingest([fetched.folder], Options(prune=True))


def _run_sources(_: argparse.Namespace) -> int:
    for source in SOURCES:
        say(f"{source.name}\n    {source.title}: {source.about}")
        say(f"    {source.copyright}, {source.licence} ({source.licence_url})\n    {source.page}")
    say("\nFetch one with: kb-ingest fetch NAME")
    return 0


def _run_inspect(options: argparse.Namespace) -> int:
    reading = inspect_file(options.file, _read_options(options))
    if options.json:
        say_json(to_record(reading))
    else:
        _print_reading(reading)
    return 0


def _print_reading(reading: Reading) -> None:
    interview, turns = reading.transcript.interview, reading.transcript.turns
    leaders = ", ".join(interview.leader_names) or "none known"
    say_line(interview.title)
    say_line(f"{interview.when or 'no date'} · host: {interview.host or 'none known'} · leaders: {leaders}")
    for warning in reading.warnings:
        say_line(f"note: {warning}")
    for turn, place in zip(turns, find_places(turns), strict=True):
        kind = "" if turn.kind == "talk" else f" [{turn.kind}]"
        say()
        say_line(f"{place}  {turn.speaker or '(not named)'} ({turn.role}){kind}")
        say(turn.text)


def _ingest(paths: Sequence[Path], options: Options) -> int:
    knowledge_base = KnowledgeBase.open(Settings.from_env(), on_wait=tell_waiting)
    try:
        with make_bar(
            BarColumn(),
            TextColumn(
                "{task.completed}/{task.total} files · {task.fields[rate]:.0f} passages/s · {task.fields[left]}"
            ),
            TextColumn("{task.description}", markup=False),
        ) as bar:
            task = bar.add_task("", total=None, rate=0.0, left="")
            report = ingest_paths(paths, knowledge_base, options, lambda progress: show_progress(bar, task, progress))
        print_report(report)  # before anything else may fail or be stopped
        # The user waits here anyway, and should not wait at the first question. The last ingest may have been stopped
        # before this: unchanged files are no reason to leave it out.
        knowledge_base.calibrate()
    finally:
        knowledge_base.close()
    return 1 if report.of("refused") else 0


if __name__ == "__main__":
    sys.exit(main())
