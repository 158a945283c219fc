"""Words that separate speakers' labels from speech and from the headings of a file."""

from __future__ import annotations

import re

from ingest.speakers.role_words import ANSWERS, GUESTS, HOSTS, QUESTIONS, SPEAKERS


def _set(words: str) -> frozenset[str]:
    return frozenset(word.strip() for word in words.split(",") if word.strip())


PARTICLES = _set(
    "de, da, di, do, dos, du, del, della, den, der, des, van, von, vom, zu, la, le, las, los, el, al, bin, ibn, "
    "ben, of, the, and, y, e, und, et, st, a"
)
HONORIFICS = _set(
    "mr, mrs, ms, miss, dr, prof, professor, sir, dame, sen, senator, rep, representative, gov, governor, gen, "
    "general, lt, col, capt, captain, hon, rev, judge, justice, chief, madam, secretary, ambassador, chairman, "
    "chairwoman, congressman, congresswoman, president"
)
CREDENTIALS = _set("jr, sr, phd, ph.d, md, m.d, esq, mba, cpa, cfa, ii, iii, iv, rn, obe, kbe")
# Those who ask and those who answer, by role (host, guest) and by mark (Q, A).
HOST_ROLES = HOSTS
GUEST_ROLES = GUESTS
QUESTION_MARKS = QUESTIONS
ANSWER_MARKS = ANSWERS
ASKERS = HOST_ROLES | QUESTION_MARKS
ANSWERERS = GUEST_ROLES | ANSWER_MARKS
ROLES = (
    ASKERS
    | ANSWERERS
    | SPEAKERS
    | _set(
        "announcer, reporter, journalist, speaker, operator, audience, attendee, chair, chairman, "
        "chairwoman, chairperson, president, judge, clerk, counsel, bailiff, facilitator, student, caller, man, "
        "woman, everyone, all, both, interpreter, translator, videographer, voiceover, participant, the court, "
        "the witness, the deponent, the clerk, the chairman, the chair, the reporter, the videographer, the "
        "interpreter, the judge, the bailiff, the operator, the president, court reporter, audience member, voice "
        "over, female speaker, male speaker, male, female, court clerk, commentator, narration"
    )
)
NOBODY = _set(
    "unknown, unidentified, unknown speaker, unidentified speaker, unidentified participant, unidentified "
    "company representative, ?, ??, none, n/a, inaudible speaker"
)
BREAKS = _set(
    "break, outro, intro, ad, ad break, ads, commercial, commercial break, sponsor break, music break, jingle, "
    "mid-roll, pre-roll, post-roll"
)
CROWDS = _set(
    "crowd, inaudible, unintelligible, indiscernible, crosstalk, cross-talk, overlapping, laughs, laughing, "
    "pause, beep, bleep, cheers, cheering, foreign language, applause, laughter, music, sound, sfx, silence, "
    "video, clip, audio, audio clip, video clip, on-screen, screen, caption, captions"
)

# What listeners throw in; on a line of its own it looks like a name.
INTERJECTIONS = _set(
    "yeah, yep, yup, yes, no, nope, nah, okay, ok, right, exactly, correct, sure, wow, mm, mmm, mhm, mm-hmm, mm-hm, "
    "mmhmm, uh-huh, uh huh, hm, hmm, aha, absolutely, definitely, totally, indeed, great, cool, nice, good, "
    "perfect, awesome, amazing, interesting, fascinating, beautiful, thanks, thank you, thank you very much, you're "
    "welcome, of course, that's right, that's true, that's great, got it, i see, i know, i agree, i think so, "
    "all right, alright, fair enough, makes sense, really, seriously, hello, hi, hey, bye, goodbye, cheers, "
    "congratulations, please, sorry, excuse me, true, agreed, gotcha, wonderful, excellent, brilliant, "
    "fantastic, fine, yes sir, amen, nein, genau, klar, oui, non, d'accord, claro, certo, giusto, да, "
    "нет, 对, 是的, はい, ええ, 네"
)
LANGUAGES = _set(
    "english, englisch, anglais, inglés, inglês, inglese, bahasa inggris, german, deutsch, french, français, spanish, "
    "español, portuguese, português, italian, italiano, dutch, nederlands, swedish, svenska, norwegian, norsk, danish, "
    "dansk, finnish, suomi, polish, polski, czech, čeština, hungarian, magyar, romanian, română, greek, ελληνικά, "
    "russian, русский, ukrainian, українська, turkish, türkçe, arabic, العربية, hebrew, עברית, persian, farsi, فارسی, "
    "hindi, हिन्दी, indonesian, indonesia, bahasa indonesia, malay, bahasa melayu, vietnamese, tiếng việt, "
    "thai, ไทย, chinese, mandarin, 中文, 英文, 英语, 英語, 汉语, 漢語, 日文, 日语, 日本語, japanese, korean, "
    "한국어, 영어, original, original text, translation, english translation, übersetzung, "
    "traducción, traduction, terjemahan, 原文, 译文, 翻译"
)

# Labels and headings that are not people. A person with such a name must be in front matter or a list of speakers.
NO_PEOPLE = (
    BREAKS
    | CROWDS
    | LANGUAGES
    | INTERJECTIONS
    | _set(
        "examination, cross-examination, direct examination, cross examination, redirect examination, recross "
        "examination, further examination, afternoon session, morning session, evening session, company "
        "participants, corporate participants, other participants, analysts, conference call participants, question "
        "and answer session, question-and-answer session, questions & answers, introduction, conclusion, file, file "
        "name, filename, name, address, disclaimer, management, date, place, location, note, notes, title, subject, "
        "re, topic, topics, source, duration, length, time, times, url, link, links, website, web, email, e-mail, "
        "phone, fax, tel, copyright, tags, tag, category, categories, keywords, keyword, summary, abstract, "
        "description, published, recorded, recording, transcript, transcription, transcribed, transcribed by, "
        "transcriber, transcript by, edited by, editor, edited, language, version, section, chapter, chapters, part, "
        "episode, season, series, show, podcast, end, start, beginning, warning, update, correction, step, figure, "
        "table, example, examples, exhibit, page, line, sponsor, sponsors, advertisement, resources, references, "
        "timestamps, time stamps, overview, details, remember, think, first, second, third, finally, also, however, "
        "next, then, so, but, because, yes, no, ok, okay, well, now, here, there, where, when, what, why, how, who, "
        "which, this, that, these, those, if, and, or, i, it, it's, ps, p.s, spoiler, tip, tips, pro, con, pros, "
        "cons, fact, facts, problem, solution, result, results, related, learn more, read more, follow, subscribe, "
        "credits, support, contact, about, bio, guest bio, highlights, key takeaways, takeaways, show notes, "
        "shownotes, table of contents, contents, index, appendix, footnotes, key, legend, abbreviations, twitter, "
        "facebook, instagram, linkedin, youtube, github, spotify, from, to, cc, sent, attachments, status, type, "
        "author, authors, created, modified, aliases, id, quote, participants, speakers, attendees, present, "
        "presenters, appearances, event, venue, city, state, country, company, ticker, quarter, prepared remarks, "
        "presentation, questions and answers, question and answer, q&a, proceedings, operator instructions, bottom "
        "line, long story short, my point, the point, the thing, the question, the answer, point, reason, spoiler "
        "alert, informe final, fecha, lugar, datum, ort, titel, thema, interview, project, collection, repository, "
        "tape, side, reel, session, interview date, date of interview, place of interview, location of interview, "
        "interview location, transcription date, length of interview, audio file, media"
    )
)
# Lines that only name a part of the file; nobody says them.
SECTIONS = _set(
    "examination, cross-examination, direct examination, cross examination, redirect examination, recross "
    "examination, further examination, afternoon session, morning session, evening session, proceedings, p r o c "
    "e e d i n g s, c o n t e n t s, contents, table of contents, appearances, appearances of counsel, index, "
    "word index, concordance, company participants, corporate participants, other participants, conference call "
    "participants, participants, prepared remarks, presentation, presenter speech, question and answer session, "
    "question-and-answer session, questions and answers, questions & answers, question and answer, q&a, q & a, q "
    "and a, question and answer section, management discussion section, disclaimer, transcript, interview "
    "transcript, full transcript, episode transcript, transcription, key takeaways, show notes, shownotes, "
    "timestamps, end of transcript"
)
END_HEADINGS = _set(
    "links, show notes, shownotes, resources, references, credits, sponsors, sponsor, about, about the guest, "
    "about the host, about the show, contact, footnotes, related, related episodes, summary, key takeaways, "
    "takeaways, timestamps, time stamps, chapters, table of contents, contents, outline, description, episode "
    "description, episode summary, notes, my notes, see also, backlinks, further reading, recommended reading, "
    "books mentioned, mentioned in this episode, links mentioned, episode links, appendix, index, tags, "
    "metadata, support, subscribe, follow, connect, transcript notes, disclaimer, copyright, glossary, "
    "abbreviations, references and links, people mentioned, quotes, action items, next steps, highlights, "
    "details"
)
TITLE_WORDS = re.compile(
    r"\b(?:CEO|CFO|COO|CTO|CMO|CIO|CRO|EVP|SVP|VP|IR|[Oo]fficer|[Pp]resident|[Dd]irector|[Aa]nalysts?|[Cc]hairman|[Cc]hairwoman|[Cc]hair|"
    r"[Ff]ounder|[Cc]o-?[Ff]ounder|[Pp]artner|[Rr]elations|[Tt]reasurer|[Cc]ontroller|[Mm]anager|[Hh]ead|[Ss]ecretary|[Ee]ditor|[Pp]rofessor|[Rr]esearch|"
    r"[Hh]ost|[Mm]oderator|[Aa]ttorney|[Cc]ounsel|Investor|Division|Securities|Capital|LLC|Inc|Ltd|Corp|Bank|Partners|Group|Co)\b"
)
# A firm, and what sets a firm's line apart from a person's title: 'Hollis & Co, Research Division'.
FIRM = re.compile(
    r"\b(?:LLC|L\.?L\.?P|L\.?P|PLC|plc|Inc|Ltd|Corp|Co|AG|N\.?V|Bank|Partners|Group|Securities|Capital|Markets|Advisors"
    r"|Advisers|Holdings|Trust|Associates|Equities|Equity Research|Research Division|Division)\b\.?"
)
OFFICE = re.compile(
    r"\b(?:CEO|CFO|COO|CTO|CMO|CIO|CRO|EVP|SVP|VP|IR|[Oo]fficer|[Pp]resident|[Dd]irector|[Aa]nalysts?|[Cc]hair(?:man|woman)?"
    r"|[Ff]ounder|[Cc]o-?[Ff]ounder|[Pp]artner|[Rr]elations|[Tt]reasurer|[Cc]ontroller|[Mm]anager|[Hh]ead|[Ss]ecretary"
    r"|[Ee]ditor|[Pp]rofessor|[Hh]ost|[Mm]oderator|[Aa]ttorney|[Cc]ounsel)\b"
)
