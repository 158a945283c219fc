"""Read JSON with words, times and speakers in separate places, which only a reader of its format can join.

Each function takes a document and returns its lines, or none if the document has another format.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence

from ingest.readers.clock import parse_clock
from ingest.readers.words import Word, join_words, name_speaker
from ingest.script import Line

Node = Mapping[str, object]

HESITATION = "%HESITATION"  # IBM's mark for a sound that is no word
OTTER_RATE = 16_000  # Otter counts sound samples
NEARBY = 0.05  # seconds by which a word may begin before its speaker's span does


def read_ibm(document: object) -> tuple[Line, ...]:
    """Read IBM Watson: words are [word, from, to], speakers a list of their own that is joined by 'from'."""
    alternatives = [node for node in _inner_nodes(document, "results", "alternatives") if "timestamps" in node]
    words = [word for node in alternatives for word in _rows(node["timestamps"])]
    labels = list(_inner_nodes(document, "results", "speaker_labels"))
    speakers = {parse_clock(label.get("from")): name_speaker(label.get("speaker")) for label in labels}
    return join_words(
        Word(str(row[0]), start := parse_clock(row[1]), parse_clock(row[2]), speakers.get(start))
        for row in words
        if len(row) > 2 and row[0] != HESITATION
    )


def read_speechmatics_1(document: object) -> tuple[Line, ...]:
    """Read Speechmatics, first version: words and speakers are two lists of {name, time, duration}."""
    words, speakers = _nodes(document, "words"), _nodes(document, "speakers")
    if not words or not words[0].keys() >= {"name", "time"}:
        return ()
    spans = sorted((parse_clock(span.get("time")) or 0.0, name_speaker(span.get("name"))) for span in speakers)
    starts = [start - NEARBY for start, _ in spans]
    joined = []
    for node in words:
        text, start = str(node.get("name", "")), parse_clock(node.get("time"))
        end = None if start is None else start + (parse_clock(node.get("duration")) or 0.0)
        place = bisect_right(starts, start or 0.0)
        joined.append(Word(text, start, end, spans[place - 1][1] if place else None, text in ".,?!;:"))
    return join_words(joined)


def read_google_tags(document: object) -> tuple[Line, ...]:
    """Read Google with speaker tags: only the last result has them, and it repeats all words of the others."""
    response = document.get("response", document) if isinstance(document, Mapping) else document
    runs = [node for result in _nodes(response, "results") for node in _nodes(result, "alternatives")[:1]]
    tagged = [node for node in runs if any(_tag(word) for word in _nodes(node, "words"))]
    if len(runs) < 2 or len(tagged) != 1 or tagged[0] is not runs[-1]:
        return ()
    return join_words(_google_word(node) for node in _nodes(tagged[0], "words"))


def read_youtube_events(document: object) -> tuple[Line, ...]:
    """Read YouTube's json3: events with a start, made of segments; an event that only breaks the row has no words."""
    lines = []
    for event in _nodes(document, "events"):
        text = "".join(str(segment.get("utf8", "")) for segment in _nodes(event, "segs"))
        start = parse_clock(event.get("tStartMs"))
        if text.strip() and start is not None:
            lines.append(Line(" ".join(text.split()), start=start / 1000))
    return tuple(lines)


def read_otter(document: object) -> tuple[Line, ...]:
    """Read Otter's own format: pieces that begin at a sound sample, speakers by number."""
    speech = document.get("speech", document) if isinstance(document, Mapping) else document
    pieces = [node for node in _nodes(speech, "transcripts") if "start_offset" in node]
    names = {node.get("id", node.get("speaker_id")): node.get("speaker_name") for node in _nodes(speech, "speakers")}
    lines = []
    for node in pieces:
        start = parse_clock(node["start_offset"])
        speaker = names.get(node.get("speaker_id")) or node.get("speaker_model_label") or node.get("label")
        text = " ".join(str(node.get("transcript", "")).split())
        lines.append(Line(text, None if start is None else round(start / OTTER_RATE, 2), speaker=name_speaker(speaker)))
    return tuple(line for line in lines if line.text)


def read_rows(document: object) -> tuple[Line, ...]:
    """Read segments dumped as plain lists, such as [start, end, text] or [id, seek, start, end, text, ...]."""
    segments = document.get("segments") if isinstance(document, Mapping) else document
    rows = _rows(segments)
    if not rows or len(rows) != len(segments):  # type: ignore[arg-type]  # rows come from a list
        return ()
    return tuple(line for line in map(_row_line, rows) if line)


def _inner_nodes(document: object, wrapper: str, key: str) -> Iterator[Node]:
    """Yield the objects under a key, at the top or one or two wrappers down."""
    level = [document]
    for _ in range(3):
        for node in level:
            yield from _nodes(node, key)
        level = [inner for node in level for inner in _nodes(node, wrapper)]


def _nodes(node: object, key: str) -> Sequence[Node]:
    """Return the objects of a list; empty if there is no such list."""
    value = node.get(key) if isinstance(node, Mapping) else None
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _rows(value: object) -> Sequence[list[object]]:
    return [row for row in value if isinstance(row, list) and row] if isinstance(value, list) else []


def _tag(word: Node) -> object:
    return word.get("speakerTag") or word.get("speaker_tag")


def _google_word(node: Node) -> Word:
    start, end = node.get("startTime", node.get("start_time")), node.get("endTime", node.get("end_time"))
    tag = _tag(node)
    return Word(str(node.get("word", "")), parse_clock(start), parse_clock(end), f"speakerTag {tag}" if tag else None)


def _row_line(row: Sequence[object]) -> Line | None:
    place = next((index for index, cell in enumerate(row) if isinstance(cell, str) and not _is_number(cell)), None)
    if place is None:
        return None
    numbers = [parse_clock(cell) for cell in row[:place]] or [parse_clock(cell) for cell in row[place + 1 :][:1]]
    start = numbers[-2:][0] if numbers else None
    return Line(" ".join(str(row[place]).split()), start=start)


def _is_number(cell: str) -> bool:
    return parse_clock(cell) is not None
