"""Decide who is the host, a leader or another speaker, from the card and from how people talk."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ingest.metadata.values import read_names
from ingest.speakers.identity import is_answerer, is_asker, is_full_name, is_person, name_offices
from ingest.speakers.labels import fold_label, is_machine, read_role
from ingest.speakers.name_match import is_known, match_labels
from ingest.speakers.person_name import read_name
from ingest.speakers.renaming import rename_turns
from ingest.speakers.script_words import count_questions, count_words
from kb.model import Interview, Leader, Role, Transcript, Turn
from kb.text.given_names import is_given_name

_THANKS = r"thank(?:s|\ you)(?:\ so\ much|\ very\ much)?\ for"
HOST_PHRASE = re.compile(
    rf"""\bwelcome\ (?:back\ )?(?:everyone\ |everybody\ |all\ )?to\b
    |\bI'?m\ your\ host\b
    |\bmy\ (?:very\ )?(?:special\ )?guests?\ (?:today|is|are|this)\b
    |\b(?:I'?m|I\ am|we'?re|we\ are)\ (?:\w+\ ){{0,4}}?
        (?:joined\ (?:\w+\ )?by|here\ (?:today\ )?with|(?:talking|speaking|chatting)\ (?:to|with))\ (?-i:[A-Z])
    |\b(?:great|good|excited|thrilled|happy|pleasure|honou?r(?:ed)?)\ to\ have\ you\b
    |\bjoining\ (?:me|us)\ (?:\w+\ )?(?:is|are)\b
    |\b{_THANKS}\ (?:joining|coming|listening|being\ (?:here|on))\b
    |欢迎(?:收听|来到|大家)|歡迎(?:收聽|來到|大家)|ようこそ|환영합니다
    |\bwillkommen\ (?:zu|bei)\b|\bbienvenidos?\ (?:a|al)\b|\bbienvenue\ (?:à|dans|sur)\b|\bwelkom\ bij\b""",
    re.I | re.X,
)
GUEST_PHRASE = re.compile(
    rf"\b{_THANKS} having (?:me|us)\b|\b(?:glad|great|happy|good|pleasure|honou?red|excited) to be (?:here|on)\b", re.I
)
# Every such phrase has one of these; looking for them first is fast.
HOST_SIGNS = (
    "welcome", "your host", "guest", "joined ", "here with ", "here today with ", "talking to ", "talking with ",
    "speaking to ", "speaking with ", "chatting to ", "chatting with ", "to have you", "joining ", "for coming",
    "for listening", "for being ", "欢迎", "歡迎", "ようこそ", "환영", "willkommen", "bienvenid", "bienvenue", "welkom",
)  # fmt: skip
GUEST_SIGNS = ("for having ", "to be here", "to be on")
OPENING = 4_000  # characters of a speaker's first words, in which a host introduces the show
PHRASE_WEIGHT, QUESTION_WEIGHT, LISTENER_WEIGHT, FIRST_WEIGHT = 3.0, 3.0, 1.0, 0.5
ASKING_SHARE = 0.55  # of all questions; a speaker who asks so many leads the talk
LEAD = 0.4  # by which a host's score must exceed the next
FEW_QUESTIONS = 3  # so few show nothing
FEW_WORDS = 100  # added to everyone's count, so that one short question does not outweigh a talk
SMALL_SHARE = 0.03  # of the words; a speaker who says less is not interviewed


@dataclass(frozen=True, slots=True)
class SpeakerStats:
    """Statistics on how one speaker talks."""

    label: str
    words: int
    questions: int
    opening: str
    asks_always: bool  # each turn has a question, and there are several
    is_first: bool
    is_stated_host: bool


def assign_roles(transcript: Transcript, stated: Mapping[str, Role] | None = None) -> Transcript:
    """Give each turn a role, spell names as the card does, and fill in the card's leaders and host.

    `stated` are roles given by the user, by label; they override everything found.
    """
    named = _take_names_of_card(transcript)
    if not stated and (alone := _find_lone_guest(named)):
        named = _take_as_leader(alone, named)
    voices = _hear(named.turns)
    given = _find_stated(stated or {}, [voice.label for voice in voices])
    informed = _with_leaders(named.interview, [label for label, role in given.items() if role == "leader"])
    hosts = _put_right(_find_hosts(voices, informed), "host", given)
    leaders = _put_right(_find_leaders(voices, informed, hosts), "leader", given)
    roles = {voice.label: given.get(voice.label) or _role_of(voice.label, hosts, leaders) for voice in voices}
    turns = tuple(
        replace(turn, role=roles.get(turn.speaker, "unknown")) if turn.speaker else turn for turn in named.turns
    )
    return Transcript(_fill_card(informed, hosts, leaders, given), turns)


def find_label(wanted: str, labels: Iterable[str]) -> str | None:
    """Find the label that the user means, who may write it in other capitals, or as a shorter or longer name."""
    options = list(labels)
    folded = fold_label(wanted)
    same = next((label for label in options if fold_label(label) == folded), None)
    return same or match_labels([wanted], options).get(wanted) or next(iter(match_labels(options, [wanted])), None)


def rename_speakers(transcript: Transcript, speakers: Mapping[str, str]) -> Transcript:
    """Replace labels by the names that the user gives them, in a transcript and its card."""
    names = {fold_label(label): name for label, name in speakers.items()}
    if not names:
        return transcript
    card = transcript.interview
    leaders = tuple(replace(leader, name=names.get(fold_label(leader.name), leader.name)) for leader in card.leaders)
    hosts = " and ".join(names.get(fold_label(host), host) for host in read_names(card.host))
    turns = rename_turns(transcript.turns, lambda label: names.get(fold_label(label)))
    return Transcript(replace(card, leaders=leaders, host=hosts or card.host), turns)


def _find_stated(stated: Mapping[str, Role], labels: Sequence[str]) -> dict[str, Role]:
    found = ((find_label(wanted, labels), role) for wanted, role in stated.items())
    return {label: role for label, role in found if label is not None}


def _with_leaders(interview: Interview, labels: Sequence[str]) -> Interview:
    """Add the stated leaders to the card."""
    added = [Leader(label) for label in labels if label not in interview.leader_names]
    return replace(interview, leaders=(*interview.leaders, *added))


def _put_right(found: Sequence[str], role: Role, given: Mapping[str, Role]) -> tuple[str, ...]:
    """List who has a role: everyone stated to have it, and those found who have no stated role.

    There is one host unless more are stated, so a stated host replaces the one found.
    """
    own = [label for label, one in given.items() if one == role]
    kept = [] if role == "host" and own else [label for label in found if label not in given]
    return (*kept, *own)


def _take_names_of_card(transcript: Transcript) -> Transcript:
    """Write speakers as the card does; 'Q' and 'Interviewee' become the one host and the one leader it names."""
    labels = list(dict.fromkeys(turn.speaker for turn in transcript.turns if turn.speaker))
    interview = _take_fuller_names(transcript.interview, labels)
    hosts, leaders = read_names(interview.host), interview.leader_names
    names = match_labels(labels, [*leaders, *hosts])
    heard = set(names.values())
    unheard_hosts, unheard_leaders = ([] if heard & set(people) else people for people in (hosts, leaders))
    names |= name_offices(labels, unheard_hosts, unheard_leaders)
    return Transcript(interview, rename_turns(transcript.turns, names.get))


def _take_fuller_names(interview: Interview, labels: Sequence[str]) -> Interview:
    """Replace a leader's first name alone by the full name of the one speaker who bears it."""
    names = match_labels(labels, [*interview.leader_names, *read_names(interview.host)])
    fuller = {
        name: label
        for label, name in names.items()
        if len(name.split()) == 1 and is_full_name(label) and not read_name(label).title
    }
    return replace(
        interview, leaders=tuple(replace(one, name=fuller.get(one.name, one.name)) for one in interview.leaders)
    )


def _find_lone_guest(transcript: Transcript) -> str | None:
    """Find the one other person who talks with the one host, where the card's one leader is not heard by name."""
    interview = transcript.interview
    if len(interview.leaders) != 1:
        return None
    if is_known(interview.leaders[0].name, {turn.speaker for turn in transcript.turns if turn.speaker}):
        return None
    voices = _hear(transcript.turns)
    hosts = _find_hosts(voices, interview)
    people = [voice for voice in voices if is_person(voice.label) and voice.label not in hosts]
    guests = [voice.label for voice in people if _share(voice, voices) >= SMALL_SHARE]
    # A surname with a title that is not the leader's is somebody else's: a chair, a second counsel.
    is_guest = len(hosts) == 1 and len(guests) == 1 and not read_name(guests[0]).title
    return guests[0] if is_guest else None


def _take_as_leader(label: str, transcript: Transcript) -> Transcript:
    """Take a speaker as the leader whom the card means: by the card's name if theirs may be a nickname of it."""
    (leader,) = transcript.interview.leaders
    words = read_name(label).words
    is_nickname = len(words) == 1 and not is_given_name(words[0]) and read_names(transcript.interview.host)
    if is_nickname:
        return Transcript(transcript.interview, rename_turns(transcript.turns, {label: leader.name}.get))
    return Transcript(replace(transcript.interview, leaders=(Leader(label),)), transcript.turns)


def _hear(turns: Sequence[Turn]) -> list[SpeakerStats]:
    spoken: dict[str, list[Turn]] = {}
    for turn in turns:
        if turn.speaker:
            spoken.setdefault(turn.speaker, []).append(turn)
    first = next(iter(spoken), None)
    return [_describe(label, own, is_first=label == first) for label, own in spoken.items()]


def _describe(label: str, turns: Sequence[Turn], *, is_first: bool) -> SpeakerStats:
    opening = ""
    for turn in turns:
        if len(opening) > OPENING:
            break
        opening += f" {turn.text[:OPENING]}"
    questions = [count_questions(turn.text) for turn in turns]
    return SpeakerStats(
        label,
        words=sum(count_words(turn.text) for turn in turns),
        questions=sum(questions),
        asks_always=len(turns) > 1 and all(questions),
        opening=opening[:OPENING].replace("’", "'"),
        is_first=is_first,
        is_stated_host=any(turn.role == "host" for turn in turns) or is_asker(label),
    )


def _find_hosts(voices: Sequence[SpeakerStats], interview: Interview) -> tuple[str, ...]:
    """Find the hosts whom the card or the file names, else the one speaker who talks like a host, if any."""
    stated = read_names(interview.host)
    hosts = tuple(voice.label for voice in voices if voice.is_stated_host or is_known(voice.label, stated))
    if hosts:
        return hosts
    people = [voice for voice in voices if is_person(voice.label)]
    if len(people) == 1 and _talks_with_codes(people[0], voices) and not interview.leaders:
        return tuple(voice.label for voice in people if voice.label == _most_like_host(voices, voices))
    others = [voice for voice in people if not is_known(voice.label, interview.leader_names)]
    if others and len(others) < len(people):
        host = _only_partner(others, voices) or _most_like_host(others, voices)
    else:
        host = _most_like_host(people, voices) if len(people) > 1 else None
    return (host,) if host else ()


def _talks_with_codes(person: SpeakerStats, voices: Sequence[SpeakerStats]) -> bool:
    """Whether those who answer have codes for names, so that the one who asks looks like the only person."""
    return any(not read_role(voice.label) and voice.words > person.words for voice in voices if voice is not person)


def _only_partner(others: Sequence[SpeakerStats], voices: Sequence[SpeakerStats]) -> str | None:
    """Find the one person who takes part in the talk with the known leaders: this is the host."""
    taking_part = [voice for voice in others if _share(voice, voices) >= SMALL_SHARE]
    return taking_part[0].label if len(taking_part) == 1 else None


def _most_like_host(candidates: Sequence[SpeakerStats], voices: Sequence[SpeakerStats]) -> str | None:
    scores = sorted(((_host_score(voice, voices), voice.label) for voice in candidates), reverse=True)
    if not scores or (len(scores) > 1 and scores[0][0] - scores[1][0] < LEAD):
        return None
    best = next(voice for voice in candidates if voice.label == scores[0][1])
    asks = _asking(best, voices) >= ASKING_SHARE
    return best.label if asks or _holds(best, HOST_PHRASE, HOST_SIGNS) else None


def _holds(voice: SpeakerStats, phrase: re.Pattern[str], signs: Iterable[str]) -> bool:
    lower = voice.opening.lower()
    return any(sign in lower for sign in signs) and phrase.search(voice.opening) is not None


def _host_score(voice: SpeakerStats, voices: Sequence[SpeakerStats]) -> float:
    introduces = _holds(voice, HOST_PHRASE, HOST_SIGNS) - _holds(voice, GUEST_PHRASE, GUEST_SIGNS)
    listens = 1.0 - _share(voice, voices)
    asks = _asking(voice, voices)
    return (
        PHRASE_WEIGHT * introduces + QUESTION_WEIGHT * asks + LISTENER_WEIGHT * listens + FIRST_WEIGHT * voice.is_first
    )


def _asking(voice: SpeakerStats, voices: Sequence[SpeakerStats]) -> float:
    """Compute a speaker's share of the questions per word: guests ask too, but among many more words."""
    rates = {other.label: other.questions / (other.words + FEW_WORDS) for other in voices}
    asked = sum(other.questions for other in voices) > FEW_QUESTIONS or (
        voice.asks_always and not any(other.questions for other in voices if other is not voice)
    )
    return rates[voice.label] / sum(rates.values()) if asked else 0.0


def _share(voice: SpeakerStats, voices: Sequence[SpeakerStats]) -> float:
    return voice.words / max(1, sum(other.words for other in voices))


def _find_leaders(voices: Sequence[SpeakerStats], interview: Interview, hosts: Collection[str]) -> tuple[str, ...]:
    """Find the labels of the card's leaders; if it has none, all named people except hosts and those who say little."""
    if interview.leaders:
        names = set(interview.leader_names) - set(hosts)
        return tuple(voice.label for voice in voices if voice.label in names)
    guests = [voice for voice in voices if is_person(voice.label) and voice.label not in hosts]
    return tuple(voice.label for voice in guests if _share(voice, voices) >= SMALL_SHARE)


def _role_of(label: str, hosts: Collection[str], leaders: Collection[str]) -> Role:
    if label in hosts:
        return "host"
    if label in leaders:
        return "leader"
    is_other = read_role(label) and not is_answerer(label) and not is_machine(label)
    return "other" if is_person(label) or is_other else "unknown"


def _fill_card(
    interview: Interview, hosts: Collection[str], leaders: Collection[str], given: Mapping[str, Role]
) -> Interview:
    """Add the hosts and leaders found to the card; a host who was listed as a leader is removed from them."""
    names = [host for host in hosts if is_person(host) or given.get(host) == "host"]
    said = " and ".join(names) or None
    known = [
        leader
        for leader in interview.leaders
        if leader.name not in hosts and given.get(leader.name) in (None, "leader")
    ]
    found = known if interview.leaders else map(Leader, leaders)
    host = said if "host" in given.values() or _is_said_to_be_none(interview.host, given) else interview.host or said
    return replace(interview, host=host, leaders=tuple(found))


def _is_said_to_be_none(host: str | None, given: Mapping[str, Role]) -> bool:
    """Whether the user gives the card's host another role."""
    return any(given.get(name) in ("leader", "other") for name in read_names(host))
