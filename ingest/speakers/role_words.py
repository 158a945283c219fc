"""Words by which transcripts call who asks, who answers and who is not named, by language."""

from __future__ import annotations

from collections.abc import Mapping


def _union(words: Mapping[str, str]) -> frozenset[str]:
    """Return the words of all languages, as labels are compared."""
    return frozenset(word.strip().casefold() for own in words.values() for word in own.split(","))


ASKING_PEOPLE: Mapping[str, str] = {
    "en": "host, co-host, cohost, hosts, interviewer, interviewers, the interviewer, moderator, presenter, "
    "presenters, anchor, anchorman, anchorwoman, facilitator, researcher, emcee, interviewed by, interview by, int, "
    "intv, intvr, interv, mod, podcaster, questioner, journalist, reporter",
    "de": "interviewerin, interviewführer, interviewführerin, interviewende, moderatorin, moderation, gastgeber, "
    "gastgeberin, fragesteller, fragestellerin, fragender, forscherin, forscher, journalistin, interviewer/in",
    "fr": "intervieweur, intervieweuse, enquêteur, enquêtrice, enqueteur, animateur, animatrice, modérateur, "
    "modératrice, présentateur, présentatrice, journaliste, l'intervieweur, chercheur, chercheuse",
    "es": "entrevistador, entrevistadora, moderador, moderadora, presentador, presentadora, conductor, conductora, "
    "anfitrión, anfitriona, periodista, investigador, investigadora, el entrevistador, la entrevistadora",
    "pt": "apresentador, apresentadora, mediador, mediadora, jornalista, anfitrião, anfitriã, pesquisador, "
    "pesquisadora",
    "it": "intervistatore, intervistatrice, conduttore, conduttrice, moderatore, moderatrice, giornalista, "
    "presentatore",
    "nl": "interviewster, presentator, presentatrice, gespreksleider, onderzoeker",
    "nordic": "intervjuare, programledare, intervjuer, programleder, vært, haastattelija, juontaja",
    "slavic": "prowadzący, prowadząca, dziennikarz, dziennikarka, moderátor, tazatel, интервьюер, ведущий, ведущая, "
    "журналист, журналистка, корреспондент, модератор, інтерв'юер, ведучий, ведуча, журналіст",
    "tr": "sunucu, görüşmeci, muhabir, röportajcı, araştırmacı",
    "id": "pewawancara, pembawa acara, wartawan, penanya",
    "vi": "người phỏng vấn, phỏng vấn viên, phóng viên, người dẫn chương trình",
    "zh": "主持人, 主持, 主播, 记者, 記者, 采访者, 採訪者, 采访人, 採訪人, 访谈者, 訪談者, 访谈人, 訪談人, 访问者, "
    "訪問者, 提问者, 提問者, 提问人, 访员, 訪員",
    "ja": "聞き手, 聴き手, 聞手, インタビュアー, インタビューアー, インタビュワー, 司会, 司会者, 質問者, ホスト, "
    "編集部, 取材者",
    "ko": "기자, 진행자, 사회자, 인터뷰어, 면담자, 질문자, 호스트",
    "ar": "المحاور, المحاورة, المذيع, المذيعة, الصحفي, الصحفية, مصاحبه‌کننده, مصاحبه کننده, مجری, خبرنگار",
    "he": "מראיין, מראיינת, מנחה, המראיין, המראיינת",
    "hi": "साक्षात्कारकर्ता, पत्रकार",
    "el": "δημοσιογράφος, παρουσιαστής, παρουσιάστρια, συνεντευκτής",
}
ANSWERING_PEOPLE: Mapping[str, str] = {
    "en": "interviewee, interviewees, the interviewee, guest, guests, respondent, witness, deponent, informant, "
    "narrator, panelist, panelists, panellist, person interviewed, interview with, resp",
    "de": "interviewpartner, interviewpartnerin, interviewte, interviewter, befragte, befragter, befragte person, "
    "gast, auskunftsperson, zeitzeuge, zeitzeugin, erzähler, erzählerin, gesprächspartner, gesprächspartnerin, "
    "interviewperson",
    "fr": "interviewé, interviewée, invité, invitée, répondant, répondante, enquêté, enquêtée, témoin",
    "es": "entrevistado, entrevistada, invitado, invitada, informante",
    "pt": "convidado, convidada, depoente, respondente",
    "it": "intervistato, intervistata, ospite",
    "nl": "geïnterviewde, interviewkandidaat",
    "nordic": "intervjuad, gäst, intervjuobjekt, gjest, gæst, haastateltava, vieras",
    "slavic": "gość, rozmówca, rozmówczyni, гость, гостья, респондент, собеседник, информант, гість, dotazovaný",
    "tr": "konuk, katılımcı",
    "id": "narasumber, informan, responden, tamu",
    "vi": "người được phỏng vấn, khách mời",
    "zh": "受访者, 受訪者, 受访人, 受訪人, 被访者, 被訪者, 被采访者, 被採訪者, 嘉宾, 嘉賓, 来宾, 來賓",
    "ja": "話し手, 語り手, 回答者, ゲスト, インタビュイー",
    "ko": "인터뷰이, 게스트, 구술자, 응답자, 초대손님",
    "ar": "الضيف, الضيفة, مصاحبه‌شونده, مهمان",
    "he": "מרואיין, מרואיינת, אורח, אורחת",
    "hi": "अतिथि, मेहमान",
    "el": "καλεσμένος, καλεσμένη",
}
# A question and an answer themselves, in words and letters.
ASKED: Mapping[str, str] = {
    "latin": "q, question, frage, pregunta, pergunta, domanda, vraag, fråga, spørsmål, spørgsmål, kysymys, pytanie, "
    "otázka, soru, tanya, pertanyaan, hỏi",
    "other": "вопрос, питання, запитання, 问, 問, 问题, 問題, 提问, 提問, 質問, 질문, 문, سؤال, سوال, پرسش, س, "
    "שאלה, प्रश्न, सवाल, ερώτηση",
}
ANSWERED: Mapping[str, str] = {
    "latin": "a, answer, antwort, respuesta, réponse, reponse, resposta, risposta, antwoord, svar, vastaus, "
    "odpowiedź, odpověď, cevap, yanıt, jawab, jawaban, đáp, trả lời",
    "other": "ответ, відповідь, 答, 回答, 答え, 답변, 답, جواب, پاسخ, ج, תשובה, उत्तर, जवाब, απάντηση",
}
# Whoever speaks: with a number behind it, a program's label.
SPEAKING: Mapping[str, str] = {
    "latin": "sprecher, sprecherin, orador, oradora, hablante, locuteur, locutrice, intervenant, intervenante, "
    "falante, parlante, relatore, spreker, talare, puhuja, mówca, mluvčí, konuşmacı, pembicara, người nói",
    "other": "спикер, говорящий, диктор, мовець, 发言人, 發言人, 说话人, 說話人, 发言者, 發言者, 讲话人, 講話人, "
    "講者, 讲者, 話者, 発言者, 화자, 참석자, 발화자, المتحدث, متحدث, گوینده, דובר, דוברת, वक्ता, ομιλητής",
}

HOSTS = _union(ASKING_PEOPLE)
GUESTS = _union(ANSWERING_PEOPLE)
QUESTIONS = _union(ASKED)
ANSWERS = _union(ANSWERED)
SPEAKERS = _union(SPEAKING)

# Words before a role that leave it a role: 'Podcast Host', 'Second Interviewer'.
BEFORE_ROLES = frozenset(
    "the podcast show radio tv television guest student lead main first second third other assistant associate our "
    "your my event session panel webinar conference call program programme news male female senior junior former "
    "co primary secondary principal study project oral history research field focus group video live studio".split()
)
# Words that tell nothing but what a voice sounds like, or where it sits: 'UNIDENTIFIED FEMALE', 'Man in Audience'.
NAMELESS = frozenset("unidentified unknown unnamed unidentifiable anonymous inaudible unspecified".split())
VOICES = frozenset(
    "male female man woman men women boy girl child children kid kids voice voices person people speaker speakers "
    "participant participants audience member members crowd group reporter reporters protester protesters student "
    "students caller callers attendee attendees questioner analyst analysts another different various multiple several "
    "many other others and or in from the of off camera mic screen on a new public all everyone everybody team staff "
    "singer singers chorus choir actor actress announcer player fan fans customer employee worker resident "
    "automated recorded computer robot bystander passerby journalist juror guest guests host interpreter "
    "translator official representative company".split()
)
# A voice in one word, where a name could stand.
LONE_VOICES = frozenset(
    "voice voices child children kid kids boy girl boys girls people group protester protesters demonstrator "
    "demonstrators fans bystander passerby chorus choir team staff robot".split()
)
