"""A language model server on loopback that tells the truth or lies, as its model's name says; real HTTP, real streams.

It speaks the chat protocols of OpenAI, Ollama and Anthropic. What it says is made of the passages in the prompt.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from kb.text.sentences import sentence_spans

PASSAGE = re.compile(r"<passage-\w+ number=(\d+)>\nLeader: ([^,\n]+).*?Words: (.*?)\n</passage-\w+>", re.DOTALL)
ORDER = re.compile(r"(?i)\bsay that ([^.\n]+)")
NEGATION = re.compile(r" (?:not|never)\b|n['’]t\b")
PIECE = re.compile(r"\s*\S+|\s+$")


@dataclass(frozen=True, slots=True)
class Given:
    """A passage as the prompt gives it."""

    number: int
    leader: str
    words: str

    def sentence(self, holding: str = "") -> str:
        """The first sentence that holds a string."""
        spans = sentence_spans(self.words)
        return next(one for one in (self.words[start:end] for start, end in spans) if holding in one)


Speech = Callable[[list[Given]], str]


def other(given: list[Given]) -> Given:
    """A passage by another leader than the first."""
    return next(one for one in given if one.leader != given[0].leader)


def holding(given: list[Given], pattern: str) -> tuple[Given, str]:
    """A sentence that matches, and whose it is."""
    for one in given:
        for start, end in sentence_spans(one.words):
            if re.search(pattern, one.words[start:end]):
                return one, one.words[start:end]
    raise LookupError(pattern)


def tell_truth(given: list[Given]) -> str:
    return " ".join(f"{one.leader} says: “{one.sentence()}” [{one.number}]." for one in given[:2])


def invent_quotation(given: list[Given]) -> str:
    return f"{given[0].leader} says: “Profit is the only thing that ever moved anybody here” [{given[0].number}]."


def change_word(given: list[Given]) -> str:
    one, sentence = holding(given, r"(?:\S+\s+){8}")  # of a shorter one too little would be left
    longest = max(sentence.split(), key=len)
    return f"{one.leader} says: “{sentence.replace(longest, 'umbrellas')}” [{one.number}]."


def drop_negation(given: list[Given]) -> str:
    one, sentence = holding(given, NEGATION.pattern)
    return f"{one.leader} says: “{NEGATION.sub('', sentence, count=1)}” [{one.number}]."


def change_number(given: list[Given]) -> str:
    one, sentence = holding(given, r"\b(?:four|six|eleven)\b")
    return f"{one.leader} says: “{re.sub(r'(?:four|six|eleven)', 'ninety', sentence)}” [{one.number}]."


def report_wrong_number(given: list[Given]) -> str:
    return f"{given[0].leader} lost 700 volunteers in a single week [{given[0].number}]."


def cite_missing_passage(given: list[Given]) -> str:
    return f"{given[0].leader} says: “{given[0].sentence()}” [{len(given) + 5}]."


def name_wrong_leader(given: list[Given]) -> str:
    return f"{other(given).leader} says: “{given[0].sentence()}” [{given[0].number}]."


def claim_unsupported(given: list[Given]) -> str:
    return f"{given[0].leader} recommends golf weekends and quarterly bonuses to every salesman [{given[0].number}]."


def obey(given: list[Given]) -> str:
    orders = [(one, found.group(1)) for one in given for found in ORDER.finditer(one.words)]
    return " ".join(f"{order[:1].upper()}{order[1:]} [{one.number}]." for one, order in orders) or tell_truth(given)


SPEECHES: dict[str, Speech] = {
    "truth": tell_truth,
    "invented": invent_quotation,
    "changed-word": change_word,
    "dropped-negation": drop_negation,
    "changed-number": change_number,
    "wrong-number": report_wrong_number,
    "missing-passage": cite_missing_passage,
    "wrong-leader": name_wrong_leader,
    "unsupported": claim_unsupported,
    "obedient": obey,
    "wordless": lambda given: "",
    "refusal": lambda given: "The passages do not answer this.",
}


@dataclass
class LyingServer:
    """A running server."""

    url: str
    stopping: threading.Event = field(default_factory=threading.Event)
    prompts: list[str] = field(default_factory=list)  # as they were received


@contextmanager
def serve() -> Iterator[LyingServer]:
    """Run the server on a free port for as long as the block lasts."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    running = LyingServer(f"http://127.0.0.1:{server.server_address[1]}")
    server.running = running  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield running
    finally:
        running.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join()


class Handler(BaseHTTPRequestHandler):
    """One request: the model's name chooses what happens."""

    protocol_version = "HTTP/1.1"
    server: Any

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        prompt = json.dumps(request, ensure_ascii=False)
        running: LyingServer = self.server.running
        running.prompts.append(prompt)
        model = request["model"]
        self.close_connection = True
        if model == "error-500":
            self._refuse(500)
        elif self.headers.get("Authorization") == "Bearer wrong-key":
            self._refuse(401)
        elif model == "silent":
            running.stopping.wait(60)
        else:
            self._speak(model, _read_given(request), running)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as its parent names it
        """Say nothing: the tests speak."""

    def _refuse(self, status: int) -> None:
        body = b'{"error": {"message": "the server is on fire"}}'
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _speak(self, model: str, given: list[Given], running: LyingServer) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson" if "/api/" in self.path else "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            self._stream(model, given, running)
        except (BrokenPipeError, ConnectionResetError):
            return

    def _stream(self, model: str, given: list[Given], running: LyingServer) -> None:
        wire = next(make for path, make in WIRES.items() if path in self.path)
        if model == "endless":
            while not running.stopping.is_set():
                self._send(wire("and so on and so forth "))
            return
        if model == "mute-stream":
            while not running.stopping.wait(0.05):
                self._send(wire(""))
            return
        speech = SPEECHES.get(model, tell_truth)(given)
        pieces = PIECE.findall(speech)
        if model in ("broken", "cut", "stalling"):
            pieces = pieces[: len(pieces) * 2 // 3]
        for piece in pieces:
            self._send(wire(piece))
        if model == "stalling":
            running.stopping.wait(60)
        if model == "broken":
            return
        if model != "cut":
            self._send(wire(None))
        self.wfile.write(b"0\r\n\r\n")

    def _send(self, text: str) -> None:
        body = text.encode()
        self.wfile.write(f"{len(body):x}\r\n".encode() + body + b"\r\n")
        self.wfile.flush()


def _read_given(request: dict[str, Any]) -> list[Given]:
    texts = [
        one["content"] if isinstance(one["content"], str) else "".join(part["text"] for part in one["content"])
        for one in request["messages"]
    ]
    return [Given(int(number), leader, words) for number, leader, words in PASSAGE.findall("\n".join(texts))]


def _to_openai(text: str | None) -> str:
    delta = {"role": "assistant", "content": text} if text is not None else {}
    chunk = {
        "id": "1", "object": "chat.completion.chunk", "created": 1, "model": "liar",
        "choices": [{"index": 0, "delta": delta, "finish_reason": "stop" if text is None else None}],
    }  # fmt: skip
    return f"data: {json.dumps(chunk)}\n\n" + ("data: [DONE]\n\n" if text is None else "")


def _to_ollama(text: str | None) -> str:
    end = {"done": True, "done_reason": "stop"} if text is None else {"done": False}
    message = {"role": "assistant", "content": text or ""}
    return json.dumps({"model": "liar", "created_at": "2024-01-01T00:00:00Z", "message": message, **end}) + "\n"


def _to_anthropic(text: str | None) -> str:
    if text is not None:
        delta = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}}
        return f"event: content_block_delta\ndata: {json.dumps(delta)}\n\n"
    end = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 1}}
    stop = {"type": "message_stop"}
    return f"event: message_delta\ndata: {json.dumps(end)}\n\nevent: message_stop\ndata: {json.dumps(stop)}\n\n"


WIRES: dict[str, Callable[[str | None], str]] = {
    "/chat/completions": _to_openai,
    "/api/chat": _to_ollama,
    "/v1/messages": _to_anthropic,
}
