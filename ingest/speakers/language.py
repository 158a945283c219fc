"""Tell the language of a talk, as far as needed to warn that it is not English."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate

SAMPLE = 24_000  # characters, from all over the talk
PIECE = 240  # characters of one turn
FEW_WORDS = 30  # fewer tell no language
FEW_SIGNS = 40  # letters of a script; fewer may be a quotation
ENGLISH_SHARE = 0.06  # of the words; English speech has a quarter of such words
OTHER_SHARE = 0.1  # of the words that must be another language's own
SCRIPT_SHARE = 0.5  # of the letters
WORDS = re.compile(r"[^\W\d_]+")


def _split(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Everyday words that no neighbouring language shares.
ENGLISH = _split("the and that you to it for with this have they but what not are about there from was of")
COMMON: Mapping[str, frozenset[str]] = {
    "German": _split("und der die das nicht ich wir ist ein eine zu auch mit auf dass sich haben war wie aber"),
    "French": _split("le les des et est une que pas pour dans je nous vous avec sur mais ce c qu on"),
    "Spanish": _split("que el los las y una por con para no es pero como lo se muy más yo del"),
    "Portuguese": _split("que não uma um os as com para mas mais eu ele isso foi muito você dos do da"),
    "Italian": _split("che di il non una per sono con ma anche più della questo gli ha mi perché come è"),
    "Dutch": _split("het een en van dat niet ik je wat zijn maar ook voor met naar heb dan nog"),
    "Swedish": _split("och att det som en på är jag inte vi för med men har så av ett"),
    "Norwegian or Danish": _split("og at det som en på er jeg ikke vi for med men har så av et til"),
    "Finnish": _split("ja on se ei että oli niin mutta kun me hän minä tämä ovat myös"),
    "Polish": _split("i w nie na się że to jest z do jak ale co tak był przez dla"),
    "Czech": _split("a že je se na to v jsem ale jak by jako si bylo tak co"),
    "Romanian": _split("și de la nu că în un o pe cu mai este pentru dar am fost"),
    "Hungarian": _split("a az hogy nem és egy is volt ez meg csak de mint van"),
    "Turkish": _split("ve bir bu da de için çok ama ne gibi daha var ben o olarak değil"),
    "Indonesian": _split("yang dan di dengan untuk tidak ini itu dari saya kita akan dalam pada adalah juga"),
    "Vietnamese": _split("và là của có không cho một những được trong tôi với này các người"),
}
SCRIPTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("Japanese", re.compile(r"[\u3040-\u30ff]")),
    ("Korean", re.compile(r"[\uac00-\ud7af]")),
    ("Chinese", re.compile(r"[\u3400-\u9fff]")),
    ("a language in Cyrillic letters", re.compile(r"[\u0400-\u04ff]")),
    ("a language in Arabic letters", re.compile(r"[\u0600-\u06ff]")),
    ("Hebrew", re.compile(r"[\u0590-\u05ff]")),
    ("Greek", re.compile(r"[\u0370-\u03ff]")),
    ("an Indian language", re.compile(r"[\u0900-\u0dff]")),
    ("Thai", re.compile(r"[\u0e00-\u0e7f]")),
)
SIGNS = re.compile(r"[\u0370-\u04ff\u0590-\u06ff\u0900-\u0e7f\u3040-\u9fff\uac00-\ud7af]")  # of any of them
KANA_SHARE = 0.1  # of the letters; Japanese writes most words in Chinese signs and kana between them


def warn_of_language(texts: Iterable[str]) -> tuple[str, ...]:
    """Warn if a talk is in another language than English."""
    language = find_other_language(texts)
    told = f"the talk looks like {language}: the model that searches reads English, and will find less of it"
    return (told,) if language else ()


def find_other_language(texts: Iterable[str]) -> str | None:
    """Name the language of a talk that is not English; None for English, and where too little tells."""
    sample = _sample(list(texts))
    if language := _tell_by_script(sample):
        return language
    half = WORDS.findall(sample[: len(sample) // 2].casefold())
    if len(half) > FEW_WORDS and _english_share(half) > 2.5 * ENGLISH_SHARE:  # whatever the other half is
        return None
    return _tell_by_words(WORDS.findall(sample.casefold()))


def _sample(texts: list[str]) -> str:
    """Take the beginnings of turns from all over the talk."""
    step = max(1, len(texts) * PIECE // SAMPLE)
    pieces = [text[: SAMPLE if len(texts) < SAMPLE // PIECE // 10 else PIECE] for text in texts[::step]]
    sizes = accumulate(map(len, pieces))
    return " ".join(piece for piece, size in zip(pieces, sizes, strict=True) if size - len(piece) < SAMPLE)


def _tell_by_script(sample: str) -> str | None:
    if sample.isascii() or not SIGNS.search(sample):
        return None
    letters = sum(map(str.isalpha, sample))
    found = {name: len(pattern.findall(sample)) for name, pattern in SCRIPTS}
    if found["Japanese"] > KANA_SHARE * letters:
        found["Japanese"] += found.pop("Chinese")
    name = max(found, key=lambda script: found[script])
    return name if found[name] > max(FEW_SIGNS, SCRIPT_SHARE * letters) else None


def _tell_by_words(words: list[str]) -> str | None:
    if len(words) < FEW_WORDS or _english_share(words) > ENGLISH_SHARE:
        return None
    count = Counter(words)
    shares = {name: sum(count[word] for word in own) / len(words) for name, own in COMMON.items()}
    best = max(shares, key=lambda name: shares[name])
    return best if shares[best] > OTHER_SHARE else None


def _english_share(words: Sequence[str]) -> float:
    return sum(map(ENGLISH.__contains__, words)) / len(words)
