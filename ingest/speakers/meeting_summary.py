"""Recognise the summary of a meeting, written by a service or by a person, in place of the talk itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ingest.script import Line
from ingest.speakers.labels import fold_label

LONGEST_HEAD = 60  # characters
FEW_HEADS = 2  # parts with such names; one alone is a heading of any page
EDGES = re.compile(r"^[\W\d_]+|[\W_]+$")


def _set(words: str) -> frozenset[str]:
    return frozenset(word.strip() for word in words.split(",") if word.strip())


# How services name the parts of what they write about a meeting; minutes by people have the same names.
HEADS = _set(
    "summary, meeting summary, executive summary, call summary, summary of the meeting, quick recap, recap, "
    "meeting recap, overview, meeting overview, meeting purpose, purpose, detailed notes, "
    "details, notes, meeting notes, ai notes, ai summary, minutes, meeting minutes, minutes of the meeting, "
    "suggested next steps, next steps, action items, actions, action points, follow-up tasks, follow-ups, follow ups, "
    "followups, to-dos, to dos, todos, tasks, assigned tasks, key takeaways, takeaways, key points, main points, "
    "key topics, key discussion points, discussion points, discussion, discussions, topics, topics discussed, "
    "topics covered, topic summary, chapters, chapters & topics, chapters and topics, outline, agenda, decisions, "
    "key decisions, decisions made, key questions, open questions, questions raised, risks, blockers, "
    "risks and blockers, highlights, "
    "insights, key insights, keywords, shorthand bullet, bullet points, meeting details, "
    "zusammenfassung, besprechungsnotizen, überblick, notizen, protokoll, sitzungsprotokoll, besprechungsprotokoll, "
    "vorgeschlagene nächste schritte, nächste schritte, empfohlene nächste schritte, aufgaben, maßnahmen, to-do, "
    "beschlüsse, entscheidungen, wichtigste punkte, kernpunkte, wichtige erkenntnisse, themen, offene fragen, "
    "resumen, resumen de la reunión, detalles, próximos pasos sugeridos, próximos pasos, tareas, tareas pendientes, "
    "puntos clave, acciones, decisiones, acuerdos, temas tratados, minuta, orden del día, "
    "résumé, résumé de la réunion, détails, étapes suivantes suggérées, prochaines étapes, "
    "prochaines étapes suggérées, points clés, "
    "actions à mener, décisions, compte rendu, compte-rendu, synthèse, tâches, sujets abordés, "
    "riepilogo, dettagli, passaggi successivi suggeriti, prossimi passi, punti chiave, decisioni, azioni, attività, "
    "resumo, resumo da reunião, detalhes, próximas etapas sugeridas, próximas etapas, próximos passos, "
    "pontos principais, itens de ação, decisões, tarefas, "
    "samenvatting, voorgestelde volgende stappen, volgende stappen, actiepunten, besluiten, kernpunten, notulen, "
    "сводка, краткое содержание, подробности, следующие шаги, решения, итоги, задачи, протокол"
)
# What a service says of its own text.
STATED = re.compile(
    r"(?:\bnotes? (?:were |was )?(?:taken|made|written|generated|created) by (?:gemini|ai|an? ai|copilot|otter|fathom)"
    r"|\bgemini.{0,3}s notes\b|\bhow gemini takes notes\b|\bnotes by gemini\b|\bgoogle meet recap\b"
    r"|\b(?:summary|recap|notes|minutes|content|insights|overview) (?:is |are |was |were |has been |have been )?"
    r"(?:automatically |ai[- ]?|auto[- ]?)generated"
    r"|\b(?:ai|auto|automatically)[- ]?generated (?:meeting |call )?(?:summary|recap|notes|minutes|content|insights)"
    r"|\b(?:meeting )?summary (?:was |is )?(?:generated|created|written|powered|provided) by\b"
    r"|\baccuracy of this summary\b|\bai[- ]generated content may be (?:inaccurate|incorrect)"
    r"|\bai companion\b.{0,40}\b(?:summary|recap)|\b(?:summary|recap)\b.{0,40}\bai companion\b"
    r"|\bmeeting assets for\b|\bnotizen von gemini|\bnotas de gemini|\bnotes de gemini|\bappunti di gemini"
    r"|\bmit ki (?:erstellt|generiert)|\bgenerado por (?:la )?ia\b|\bgénéré par (?:l.)?ia\b)",
    re.I,
)
STATED_SIGNS = (
    "gemini",
    "generated",
    "summary",
    "companion",
    "recap",
    "notes",
    "notizen",
    "notas",
    "assets",
    " ki ",
    " ia",
)


def has_summary_parts(lines: Sequence[Line]) -> bool:
    """Whether a document has the parts of a meeting's summary, or says that a service wrote it."""
    heads = {head for line in lines if (head := _head_of(line.text)) in HEADS}
    return len(heads) >= FEW_HEADS or (bool(heads) and _is_stated(line.text for line in lines))


def _head_of(text: str) -> str:
    """Return the name of a part that a line is, or opens with; '' for other lines."""
    before, colon, _ = text.partition(":")
    head = before if colon else text
    return fold_label(EDGES.sub("", head)) if len(head) <= LONGEST_HEAD else ""


def _is_stated(texts: Iterable[str]) -> bool:
    for text in texts:
        plain = text.lower()
        if any(sign in plain for sign in STATED_SIGNS) and STATED.search(text):
            return True
    return False
