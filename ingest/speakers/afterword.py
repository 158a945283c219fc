"""Find what stands on a saved page around the talk: share bars, comments, other episodes, the writer's notes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from ingest.script import Line
from ingest.speakers.non_speech import ends_sentence

LONGEST = 200  # characters of a line that opens such a part
STRAY_SHARE = 0.1  # of the labels may come again after the talk: a guest answers a comment, a page repeats a quotation
REST = 0.5  # of the labels so far; if more come after a line, the talk has only begun
MOST_NAMES = 200  # looked for in the last lines
STRAY = 2  # labels that may come again among comments

_THINGS = (
    r"(?:posts?|articles?|episodes?|interviews?|stor(?:y|ies)|podcasts?|conversations?|content|reading|links|videos?"
    r"|news)"
)
COMMENTS = re.compile(
    rf"""(?:\d+\s+)?(?:comments?|responses?|replies|reactions)\s*\(?\d*\)?\s*:?$
    |(?:\d+|one|two|three)\ (?:comments?|thoughts?|responses?|replies)\ (?:on|to)\b
    |(?:leave|post|add|write)\ (?:a|your)\ (?:comment|reply|response)\b
    |(?:join\ the|be\ the\ first\ to)\ (?:conversation|discussion|comment)\b
    |discussion\ about\ this\ {_THINGS}
    |(?:\d+\ )?kommentare?\s*\(?\d*$|(?:schreibe?n?|hinterlassen?)\ (?:sie\ )?einen\ kommentar
    |kommentar\ (?:schreiben|verfassen|hinterlassen)
    |(?:\d+\ )?comentarios?\s*\(?\d*$|deja\ (?:un|tu)\ (?:comentario|respuesta)|deja\ una\ respuesta
    |(?:\d+\ )?commentaires?\s*\(?\d*$|laisse[rz]\ (?:un|votre)\ (?:commentaire|réponse)
    |deixe\ (?:um|seu|uma)\ (?:comentário|resposta)|lascia\ un\ commento|(?:geef|plaats)\ een\ reactie
    |(?:\d+\ )?комментари[ийев]+\s*\(?\d*$|(?:оставить|добавить)\ комментарий
    |评论(?:\s*\(?\d+\)?)?$|发表评论|コメント(?:を残す)?$""",
    re.I | re.X,
)
AFTER = re.compile(
    rf"""(?:share|tweet|print|e-?mail|like)\s*(?:this|it|on|via|with)?\s*(?:{_THINGS}|page)?\s*:?(?:\s+on)?
        (?:[\s,|·]*(?:facebook|twitter|x|linked-?in|e-?mail|whatsapp|reddit|pinterest|telegram|threads|bluesky|mastodon
        |instagram|youtube|tumblr|print|copy\ link|pocket|mail))*\s*$
    |(?:click\ to\ (?:share|e-?mail|print)|share\ this\b)
    |you\ (?:might|may)\ (?:also\ )?(?:like|enjoy|be\ interested)
    |(?:related|recommended|more|other|recent|latest|popular|previous|next|further|featured|similar)
        \ {_THINGS}\b[^.?!]*$
    |more\ (?:from|on|like\ this|in\ this\ series)\b[^.?!]*$
    |(?:related|read\ next|up\ next|next\ up|keep\ reading|read\ more
        |recommended(?:\ for\ you)?|trending(?:\ now)?|most\ (?:read|popular)|newsletter|advertisement)\s*:?$
    |about\ the\ (?:author|host|guest|show|podcast|interviewer|writer)s?\s*:?$
    |(?:subscribe|sign\ up|join)\ (?:to|for|here|now|via)?\s*(?:our|the|my)?\s*(?:\w+\ )?
        (?:newsletter|mailing\ list|e-?mails?|updates)\b
    |(?:enter\ )?your\ e-?mail(?:\ address)?\b|never\ miss\ an?\ {_THINGS}|subscribe\s*:?$|ready\ for\ more\?$
    |(?:filed\ under|posted\ (?:in|on|by)|tagged\ (?:with|as|in)?|tags|categories|category)\b\s*:?
    |(?:©|\(c\)\ ?\d{{4}}|copyright\ (?:©|\(c\)|\d{{4}}))|all\ rights\ reserved|(?:proudly\ )?powered\ by\ \w+\s*\.?$
    |(?:privacy(?:\ policy)?|terms(?:\ (?:of\ (?:service|use)|(?:and|&)\ conditions))?
        |cookie\ (?:policy|settings)|imprint
        |impressum|datenschutz)
        (?:[\s.|·,&]+(?:privacy|policy|terms|of|use|service|cookies?|contact|imprint|about|us))*\s*\.?$
    |(?:artikel\ |beitrag\ )?teilen(?:\ mit)?\s*:?$|(?:das\ könnte\ (?:dich|sie)
        |auch\ interessant|ähnliche\ (?:beiträge|artikel)
        |weitere\ (?:beiträge|artikel|folgen|interviews)|mehr\ zum\ thema|nächste\ folge|vorherige\ folge)\b
    |compart(?:ir|e)\b[^.?!]*$|(?:entradas|artículos|episodios)\ relacionad[oa]s|también\ te\ (?:puede|podría)
    |partager\b[^.?!]*$|(?:articles\ (?:similaires|liés)|à\ lire\ aussi|vous\ aimerez\ aussi|sur\ le\ même\ sujet)\b
    |(?:artigos\ relacionados|leia\ também|compartilhe)\b|(?:leggi\ anche|condividi|articoli\ correlati)\b
    |(?:lees\ ook|deel\ dit)\b|(?:читайте\ также|поделиться|похожие\ (?:статьи|записи))
    |(?:相关文章|分享到?|推荐阅读)$""",
    re.I | re.X,
)
# What a writer says of an interview. Nobody says it in the talk.
NOTE = re.compile(
    r"""(?:this|the|our)\ (?:interview|conversation|q\s?&\s?a|transcript|discussion|exchange)\b
        .{0,80}?\b(?:has\ been|have\ been|was|were|is)\b.{0,60}?
        \b(?:edited|condensed|abridged|shortened|translated|transcribed)\b
    |(?:interview(?:ed)?|photograph(?:s|y|ed)?|photos?|words|text|edited|translated|illustrations?)
        \ by\ [^\W\d_][^.?!]{2,60}\.?$
    |as\ told\ to\ [^\W\d_][^.?!]{2,60}\.?$
    |das\ (?:gespräch|interview)\ führten?\b
    |propos\ recueillis\ par\ |(?:esta|la)\ entrevista\ (?:ha\ sido|fue)\ (?:editada|condensada|traducida)
    |intervista\ (?:di|a\ cura\ di)\ """,
    re.I | re.X,
)
COPYRIGHT = re.compile(r"(?:copyright\s*)?(?:©|\(c\))|copyright \d{4}|all rights reserved", re.I)
EDGES = " \t*_#>-–—•[(]):←→«»‹›↑·|"
IS = re.compile(
    r",? (?:is|was|are|writes|lives|works|teaches|hosts|runs|reports|covers|edits|ist|war|lebt|schreibt|es|vive|est"
    r"|vit)\b"
)


def find_afterword(lines: Sequence[Line], openings: Mapping[int, str], people: Iterable[str]) -> frozenset[int]:
    """Find the lines of a page that belong to nobody.

    `openings` are the labels, or the questions that are headings, by line; `people` are named elsewhere in the file.
    """
    if not openings:
        return frozenset()
    notes = {index for index, line in enumerate(lines) if index not in openings and _matches(NOTE, lines, index)}
    end = min(_find_end(lines, openings), _find_portrait(lines, openings, people))
    return frozenset(notes) | frozenset(range(end, len(lines)))


def _find_end(lines: Sequence[Line], openings: Mapping[int, str]) -> int:
    """Find the line after which nobody talks; the number of lines if they talk to the end."""
    after = AFTER if lines[0].page is None else COPYRIGHT  # a printed page is cut at the margin
    ahead = Counter(openings.values())
    heard: set[str] = set()
    left = done = 0  # labels ahead of people heard before, and labels so far
    for index in range(len(lines)):
        if name := openings.get(index):
            done, ahead[name] = done + 1, ahead[name] - 1
            left += -1 if name in heard else ahead[name]
            heard.add(name)
            continue
        if not heard or REST * (len(openings) - done) > done:
            continue
        few = STRAY_SHARE * len(openings)
        if left <= max(STRAY, few) and (
            _matches(COMMENTS, lines, index) or (left <= few and _matches(after, lines, index))
        ):
            return index
    return len(lines)


def _find_portrait(lines: Sequence[Line], openings: Mapping[int, str], people: Iterable[str]) -> int:
    """Find the paragraph after the last turn's first one that says who a speaker is; the number of lines if none."""
    names = sorted({name for name in (*openings.values(), *people) if " " in name})
    last = max(openings)
    if not names or len(names) > MOST_NAMES or lines[0].page is not None:
        return len(lines)
    found = (index for index in range(last + 1, len(lines)) if _is_portrait(lines, index, names))
    return next(found, len(lines))


def _is_portrait(lines: Sequence[Line], index: int, names: Sequence[str]) -> bool:
    text = lines[index].text.strip(EDGES)
    told = (IS.match(text, len(name)) for name in names if text.startswith(name))
    return any(told) and _stands_apart(lines, index)


def _matches(pattern: re.Pattern[str], lines: Sequence[Line], index: int) -> bool:
    text = lines[index].text
    return len(text) <= LONGEST and _stands_apart(lines, index) and pattern.match(text.strip(EDGES)) is not None


def _stands_apart(lines: Sequence[Line], index: int) -> bool:
    """Whether a line cannot continue the sentence before it."""
    before = lines[index - 1] if index else None
    if before is None or lines[index].heading or before.heading:
        return True
    return not before.text.strip() or ends_sentence(before.text)
