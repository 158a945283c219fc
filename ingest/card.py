"""Fill the card of an interview: from a table beside the files, front matter, its first lines and the file's name."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePosixPath

from ingest.facts import (
    FIELDS,
    as_text,
    fold_key,
    is_media,
    pick,
    read_date,
    read_flag,
    read_language,
    read_leaders,
    read_link,
    read_media,
    read_names,
    read_qualifies,
    read_year,
)
from ingest.readers.text_encoding import decode_text
from ingest.script import Line, Script
from kb.errors import BadMetadata, UnreadableFile
from kb.model import Interview, Leader

Row = Mapping[str, str]

TABLE_LIMIT = 20_000_000  # bytes
HEAD_LINES = 40  # a file that introduces itself does so in these
HEAD_KEYS = frozenset(
    {"title", "leader", "role", "company", "sector", "host", "show", "date", "year", "url", "media_url"}
)
HEAD_FACT = re.compile(r"(?P<key>[A-Za-z][A-Za-z _/-]{1,30})\s*(?:\([^()]{1,10}\)\s*)?[:：]\s*(?P<value>\S.{0,300})$")
NOT_IN_FRONT_MATTER = frozenset(
    {"name", "person", "people", "narrator", "source", "path", "file", "channel", "created"}
)

_NAME_WORD = r"(?:[^\W\d_a-z][\w.'’-]*|de|da|di|del|der|den|van|von|la|le|bin|al)"
NAME = re.compile(rf"{_NAME_WORD}(?:\s{_NAME_WORD}){{1,5}}$")
GENERIC_HEADING = re.compile(
    r"(?i)(?:(?:full|interview|episode|audio|the|raw|edited)\s+)*(?:transcript(?:ion)?s?|interview|details|summary|preface"
    r"|introduction|contents|table of contents|show notes|notes|overview|about|episode)\W*$"
)
LANGUAGE_SUFFIXES = frozenset("ar cs da de en es fi fr he hi hu id it ja ko nl no pl pt ro ru sv tr uk vi zh".split())
FILE_SUFFIX = re.compile(
    r"\.(?:vtt|srt|sbv|ass|ssa|lrc|json3?|xml|ttml|csv|tsv|txt|text|md|markdown|mdx|pdf|docx|odt|html?|xhtml|epub|rtf|xz)$",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Metadata:
    """Rows of facts, each for one file, named with or without its folder and its suffix."""

    rows: tuple[tuple[str, Row], ...] = ()  # path -> facts under folded column names

    @classmethod
    def join(cls, tables: Iterable[Metadata]) -> Metadata:
        """Several tables as one; an earlier one comes first."""
        return cls(tuple(row for table in tables for row in table.rows))

    def row_for(self, source: str) -> Row | None:
        """The row of a file: folders must agree as far as both name any, and the longest agreement wins."""
        wanted = _path_parts(source)
        best: Row | None = None
        longest = 0
        for path, row in self.rows:
            if (agreement := _agreement(_path_parts(path), wanted)) > longest:
                best, longest = row, agreement
        return best


def read_metadata(path: Path) -> Metadata:
    """The table of facts in a CSV file; raises BadMetadata where it cannot be used."""
    try:
        return parse_metadata(path.read_bytes(), path.name)
    except OSError as error:
        raise BadMetadata(f"{path} cannot be opened: {error.strerror or error}") from error


def parse_metadata(data: bytes, name: str) -> Metadata:
    """The table of facts in the bytes of a CSV file of that name."""
    text = _decode_table(data, name)
    heading = text.split("\n", 1)[0]
    table = csv.reader(io.StringIO(text), delimiter=max(",;\t", key=heading.count), strict=True)
    try:
        rows = [(table.line_num, row) for row in table if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise BadMetadata(f"{name} is not a readable CSV table: {error} in line {table.line_num}") from error
    if len(rows) < 2:
        raise BadMetadata(f"{name} holds no rows; it needs a line of column names and one line for each file")
    columns = [fold_key(cell) for cell in rows[0][1]]
    file_column = next((column for column in FIELDS["file"] if column in columns), None)
    if file_column is None:
        found = ", ".join(filter(None, columns))
        raise BadMetadata(f"{name} has no column that names the files; call it 'file' (it has: {found})")
    return Metadata(tuple(_named_rows(name, columns, rows[1:], file_column)))


def write_metadata(metadata: Metadata) -> bytes:
    """A table of facts as a CSV file."""
    columns = dict.fromkeys(column for _, row in metadata.rows for column in row if column != "file")
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["file", *columns])
    table.writerows([path, *(row.get(column, "") for column in columns)] for path, row in metadata.rows)
    return out.getvalue().encode()


def read_card(script: Script, row: Row | None, *, source: str, source_hash: str, interview_id: str) -> Interview:
    """What is known of an interview; the table wins over front matter, and that over first lines and file name."""
    facts = _Facts((row or {}, _front_matter(script), _head_facts(script.lines)))
    url, media = read_link(facts.get("url")), read_media(facts.get("media_url"))
    day, year, approximate = _when(facts)
    hosts = read_names(facts.get("host"))
    return Interview(
        id=interview_id,
        title=as_text(facts.get("title")) or _title_of(script.lines) or readable_name(source),
        leaders=_leaders(facts, hosts),
        host=" and ".join(hosts) or None,
        show=as_text(facts.get("show")),
        date=day,
        year=year,
        year_is_approximate=approximate,
        url=url,
        media_url=media or (url if is_media(url) else None),
        licence=as_text(facts.get("licence")),
        source=source,
        source_hash=source_hash,
        language=read_language(facts.get("language")) or _language_of(source) or "en",
        sample=read_flag(facts.get("sample")),
    )


def readable_name(source: str) -> str:
    """A file's name as a title: 'talks/founders-talk-7.md' is 'Founders talk 7'."""
    name = PurePosixPath(source).name
    while found := FILE_SUFFIX.search(name):
        name = name[: found.start()]
    words = " ".join(re.sub(r"[_\s]+|(?<=\w)[-.](?=\w)", " ", name).split())
    return words[:1].upper() + words[1:] if words else source


@dataclass(frozen=True, slots=True)
class _Facts:
    """What several sources say, the most trusted first."""

    sources: Sequence[Mapping[str, object]]

    def get(self, field: str) -> object:
        values = (pick(source, field) for source in self.sources)
        return next((value for value in values if value is not None), None)


def _decode_table(data: bytes, name: str) -> str:
    if len(data) > TABLE_LIMIT:
        raise BadMetadata(f"{name} is larger than {TABLE_LIMIT // 1_000_000} MB; that is no table of interviews")
    try:
        return decode_text(data)[0]
    except UnreadableFile as error:
        raise BadMetadata(f"{name} is not a CSV table: {error}") from error


def _named_rows(
    table: str, columns: Sequence[str], rows: Iterable[tuple[int, Sequence[str]]], file_column: str
) -> Iterator[tuple[str, Row]]:
    seen: dict[tuple[str, ...], int] = {}
    for line, cells in rows:
        if any(cell.strip() for cell in cells[len(columns) :]):
            raise BadMetadata(f"{table}, line {line}: more cells than columns; put quotes around values with commas")
        row = {column: cell.strip() for column, cell in zip(columns, cells, strict=False) if column}
        path = row.get(file_column, "")
        if not path:
            continue
        parts = _path_parts(path)
        if parts in seen:
            raise BadMetadata(f"{table} names {path} twice, in lines {seen[parts]} and {line}; keep one of them")
        seen[parts] = line
        yield path, row


def _path_parts(path: str) -> tuple[str, ...]:
    """A path as it is compared: folders and name, without case, and without './' in front."""
    folded = unicodedata.normalize("NFC", path.strip()).casefold().replace("\\", "/")
    return tuple(part for part in folded.split("/") if part not in ("", "."))


def _agreement(named: tuple[str, ...], wanted: tuple[str, ...]) -> int:
    """How many parts of two paths agree from the end; 0 if they contradict each other."""
    if not named or not wanted or not _same_file(named[-1], wanted[-1]):
        return 0
    shared = min(len(named), len(wanted))
    if named[-shared:-1] != wanted[-shared:-1]:
        return 0
    return 2 * shared + (named[-1] == wanted[-1])


def _same_file(named: str, wanted: str) -> bool:
    if named == wanted:
        return True
    bare = FILE_SUFFIX.sub("", wanted)
    return named in (bare, FILE_SUFFIX.sub("", bare))


def _front_matter(script: Script) -> dict[str, object]:
    folded = {fold_key(key): value for key, value in script.card.items()}
    return {key: value for key, value in folded.items() if key not in NOT_IN_FRONT_MATTER}


def _head_facts(lines: Sequence[Line]) -> dict[str, object]:
    """Facts stated as 'Interviewer: Ada Lovelace' before the talk begins; a label that recurs is a speaker's."""
    openings = Counter(fold_key(re.split(r"[(:：]", line.text)[0]) for line in lines if ":" in line.text[:40])
    facts: dict[str, object] = {}
    for line in lines[:HEAD_LINES]:
        found = HEAD_FACT.match(line.text.strip())
        if not found or line.speaker:
            continue
        key, value = fold_key(found["key"]), found["value"].strip()
        field = next((field for field in HEAD_KEYS if key in FIELDS[field]), None)
        if field and openings[key] == 1 and _is_stated(field, value):
            facts.setdefault(key, value)
    return facts


def _is_stated(field: str, value: str) -> bool:
    """Whether a value has the shape of its field, and not of speech."""
    if field in ("leader", "host"):
        names = read_names(value)
        return bool(names) and all(NAME.match(name) for name in names)
    if field == "date":
        return bool(read_date(value)) or (len(value) < 20 and read_year(value)[0] is not None)
    if field == "year":
        return len(value) < 20 and read_year(value)[0] is not None
    if field in ("url", "media_url"):
        return read_link(value) is not None
    return len(value) <= 120 and not value.endswith((".", "?", "!", ","))


def _when(facts: _Facts) -> tuple[date | None, int | None, bool]:
    """Day, year, and whether the year is approximate, by the first source that tells any of it."""
    for source in facts.sources:
        if day := read_date(pick(source, "date")):
            return day, day.year, False
        for field in ("year", "date"):
            year, approximate = read_year(pick(source, field))
            if year:
                return None, year, approximate
    return None, None, False


def _leaders(facts: _Facts, hosts: Sequence[str]) -> tuple[Leader, ...]:
    """The leaders with what is said of each; where nothing is, with what is said of the interview."""
    named = {leader.name: leader for leader in read_leaders(facts.get("leader")) if leader.name not in hosts}
    roles, companies = _each(facts.get("role"), len(named)), _each(facts.get("company"), len(named))
    sector, evidence = as_text(facts.get("sector")), as_text(facts.get("evidence"))
    qualifies = read_qualifies(facts.get("qualifies"))
    return tuple(
        Leader(
            leader.name,
            role=role or leader.role,
            company=company or leader.company,
            sector=leader.sector or sector,
            qualifies=leader.qualifies or qualifies,
            evidence=leader.evidence or evidence,
        )
        for leader, role, company in zip(named.values(), roles, companies, strict=True)
    )


def _each(value: object, count: int) -> list[str | None]:
    """A value for each of several leaders; it is split only where there are as many parts as leaders."""
    text = as_text(value)
    parts = [part.strip() for part in (text or "").split(";")]
    if count > 1 and len(parts) == count:
        return [part or None for part in parts]
    return [text] * count


def _title_of(lines: Sequence[Line]) -> str | None:
    headings = (line.text.strip() for line in lines[:HEAD_LINES] if line.heading)
    return next((text for text in headings if 3 <= len(text) <= 160 and not GENERIC_HEADING.match(text)), None)


def _language_of(source: str) -> str | None:
    """The language in a name like 'talk.es.md'."""
    parts = PurePosixPath(source).name.lower().split(".")
    code = parts[-2] if len(parts) > 2 else ""
    return code if code in LANGUAGE_SUFFIXES else None
