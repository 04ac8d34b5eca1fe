"""What is fuzzed: each target takes any octets and raises nothing; what it is for is asserted on the way.

A target's corpus is its folder under `corpus/`, and what `seeds` makes. An exception that is not the one by which a
part says no is a bug, and so is an input that takes longer than `slowest` seconds.
"""

from __future__ import annotations

import io
import shutil
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from PIL import Image

from cards import deck, drawing, notation, qrtext, reader
from cards.filling import marks
from cards.forms import known
from cards.jsonform import from_json, to_json
from cards.notation import parse_packet
from cards.qrtext import CardId, CommandCard, PenCard, PrintedCard, RoleCard, UnreadableCard
from hub import commands, messages
from hub.course import Course, _scanned
from hub.lessons import LessonError, from_text, ids, load
from hub.messages import Answer, BadgeStatus, BadMessage, Form, Light, LightWord, Resend, Role, Scan, Sighting, Verdict
from hub.messages.sighting import sighting
from hub.roster import RosterError, paste
from hub.simulator.events import Scanned
from hub.simulator.referee import judge
from hub.simulator.rules import Rules
from hub.simulator.world import World, new_world
from hub.speech import help_with
from hub.texts import languages
from paperhop.capture import CaptureError, frames
from paperhop.dissect import NoCard, dissect
from paperhop.from_capture import survey
from tests.cards.penpaper import paper
from tests.hub.play import ACK, SYN, SYN_ACK, Play, established
from tests.kit.captures import ETHERNET, RAW, TALK, enhanced, framed, interface, ip, pcap, section
from tests.security.hall import Hall

CORPUS = Path(__file__).parent / "corpus"
LESSONS = Path(commands.__file__).parent / "lessons"
BOOT = "ab" * 8


@dataclass(frozen=True)
class Target:
    """run: takes an input. seeds: what the corpus has besides its files. slowest: seconds that one input may take."""

    name: str
    run: Callable[[bytes], None]
    seeds: Callable[[], Iterator[bytes]] = lambda: iter(())
    slowest: float = 1.0

    def corpus(self) -> list[bytes]:
        """All inputs that are kept."""
        kept = sorted(path for path in (CORPUS / self.name).glob("*") if path.is_file())
        return [*(path.read_bytes() for path in kept), *self.seeds()]


def _text(octets: bytes) -> str:
    return octets.decode("utf-8", "surrogateescape")


# The text of a code.


def _qr_text(octets: bytes) -> None:
    text = octets.decode("latin-1")
    path = text.rpartition("/C/")[2] or text
    for tried in (text, f"HTTP://10.42.0.1/C/{path}", f"HTTP://H/{path.rpartition('-')[0]}-{_check(path)}"):
        try:
            card = qrtext.decode(tried)
        except UnreadableCard as error:
            seen = Sighting(problem=messages.Problem(error.code, error.detail[:800]))
        else:
            assert qrtext.encode(card, "H").endswith(tried.partition("//")[2].partition("/")[2]), (
                "read as it is printed"
            )
            with suppress(ValueError):  # a card for the pen
                seen = sighting(reader.Found((), tried, card, None))
            if isinstance(card, PenCard):
                continue
        scan = messages.scan_of("b1", BOOT, 1, 1, seen)
        assert messages.decode_up(messages.topic(scan), messages.encode(scan)) == scan, "the hub understands its badge"


def _check(path: str) -> str:
    checked = path.rpartition("-")[0].encode("latin-1")
    return qrtext._base32((zlib.crc32(checked) << 7 & 0xFFFFFFFF).to_bytes(4, "big"))[:5]


def _qr_seeds() -> Iterator[bytes]:
    for line in (*TALK, "10.0.1.2 > 10.0.1.1 ping id=7 number=1", '10.0.1.2:53 > 10.0.1.1:53 UDP data="x"'):
        with suppress(ValueError):
            yield qrtext.encode(PrintedCard(CardId("DEMO", 12), parse_packet(line))).encode()
    for card in (
        PenCard(CardId("A", 1)),
        CommandCard(CardId("A", 2), "lose client router"),
        RoleCard(CardId("A", 3), "r"),
    ):
        yield qrtext.encode(card).encode()
    yield b"https://example.org/menu"


# What badges say, and what they hear.


def _up(octets: bytes) -> None:
    """The first line is the end of a topic, the rest what was published there."""
    line, _, payload = octets.partition(b"\n")
    on_topic = f"paperhop/kit/badge/{line.decode('utf-8', 'replace')}"
    messages.sender(on_topic)
    try:
        message = messages.decode_up(on_topic, payload)
    except BadMessage as error:
        salvaged = messages.salvage_scan(on_topic, payload, str(error))
        if salvaged is None:
            return
        message = salvaged
    assert on_topic == messages.topic(message)
    again = messages.decode_up(on_topic, messages.encode(message))
    assert messages.encode(again) == messages.encode(message)
    if isinstance(message, Scan) and (message.written is not None or message.problem is not None):
        _judged(message, zlib.crc32(payload))


def _judged(scan: Scan, number: int) -> None:
    worlds = _worlds()
    world = worlds[number % len(worlds)]
    badges = sorted(world.seats)
    seen = _scanned(world.at + 1000, scan)
    event = Scanned(seen.at, badges[number % len(badges)], seen.card, seen.written, seen.problem, seen.detail)
    after, (ruling,) = judge(world, event)
    judge(after, Scanned(event.at + 1000, badges[(number >> 8) % len(badges)], event.card, event.written))
    help_with(world.rules, ruling)
    answer = Course.answer(_Speaker(world), scan, ruling)  # type: ignore[arg-type]
    assert messages.decode_down(messages.topic(answer), messages.encode(answer)) == answer


class _Speaker:
    """As much of a course as its answers need."""

    def __init__(self, world: World) -> None:
        self._lesson = msgspec.defstruct("Lesson", [("rules", object)])(world.rules)


@cache
def _worlds() -> list[World]:
    """Rooms in which a packet can come at any moment."""
    worlds = []
    for id in ids():
        for language in languages():
            play = Play(load(id, language).rules)
            worlds.append(play.world)
    begun = Play()
    for texts, node in ((SYN, "client"), (SYN, "router"), (SYN, "server"), (SYN_ACK, "server"), (SYN_ACK, "router")):
        begun.scan(node, texts)
        worlds.append(begun.world)
    talking = established()
    worlds.append(talking.world)
    talking.scan("client", '10.0.1.2:40001 > 10.0.1.1:23 PSH,ACK seq=101 ack=301 data="hello"')
    worlds.append(talking.world)
    return worlds


def _up_seeds() -> Iterator[bytes]:
    for number, line in enumerate((SYN, SYN_ACK, ACK, *TALK, "10.0.1.2 > 10.0.1.1 ping id=7 number=1"), 1):
        with suppress(ValueError):
            written = to_json(notation.parse(line))
            yield b"b1/up/scan\n" + messages.encode(Scan("b1", BOOT, number, number, f"DEMO-{number}", written))
    problem = messages.Problem("card.damaged", "it is torn")
    for more in ({"problem": problem}, {"command": "lose client router"}, {"role": "client"}):
        yield b"b1/up/scan\n" + messages.encode(Scan("b1", BOOT, 1, 1, "DEMO-1", **more))
    yield b"b1/up/status\n" + messages.encode(
        BadgeStatus("b1", "online", BOOT, 3, "paperhop", "opencv", 9.5, False, 60.0)
    )


def _down(octets: bytes) -> None:
    line, _, payload = octets.partition(b"\n")
    on_topic = f"paperhop/kit/badge/{line.decode('utf-8', 'replace')}"
    try:
        message = messages.decode_down(on_topic, payload)
    except BadMessage:
        return
    assert messages.decode_down(on_topic, messages.encode(message)) == message


def _down_seeds() -> Iterator[bytes]:
    answer = Answer(
        "b1", BOOT, 1, Verdict.STOPPED, "tcp.ack-mismatch", "ack should be 101", LightWord.STOPPED, 4, "client"
    )
    light, role = Light("b1", LightWord.YOUR_TURN, "Your turn"), Role("b1", "client", "Client", "10.0.1.2", "Lesson")
    form = next(iter(known().values()))
    for message in (answer, Resend("b1", BOOT, 3), light, role, Form("b1", form)):
        yield messages.topic(message).partition("/badge/")[2].encode() + b"\n" + messages.encode(message)


# Texts that people write.


def _lesson(octets: bytes) -> None:
    try:
        lesson = from_text(_text(octets), "fuzzed")
    except LessonError as error:
        str(error)
        return
    judge(new_world(lesson.rules, "seed"), Scanned(1000, "b1", "A-1", notation.parse(SYN)))


def _lesson_seeds() -> Iterator[bytes]:
    for path in sorted(LESSONS.glob("*.yaml")):
        yield path.read_bytes()
    hosts = b"[{id: a, title: A, address: 10.0.0.1}, {id: b, title: B, address: 10.0.0.2}]"
    yield b"title: T\ngoal: G\nnodes: " + hosts + b"\nlinks: [[a, b]]\n"
    yield b"a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c]\n"


def _words(octets: bytes) -> None:
    text = _text(octets)
    with suppress(ValueError):
        written = notation.parse(text)
        assert from_json(to_json(written)) == written
        assert notation.parse(notation.write(written)) == written
    for rules in _rules():
        with suppress(ValueError):
            command = commands.parse(text, rules)
            assert commands.parse(command.text, rules).act == command.act
            commands.meaning(text, rules)
    with suppress(RosterError):
        for name in paste(text):
            name.encode()


@cache
def _rules() -> list[Rules]:
    return [load(id).rules for id in ("handshake", "booth", "loss")]


def _words_seeds() -> Iterator[bytes]:
    for line in TALK:
        yield line.encode()
    for line in (
        "lose client router",
        "down client router",
        "delay 3 client router",
        "round",
        "play server",
        "undo client",
    ):
        yield line.encode()
    for line in (
        "corrupt seq client router 20%",
        "lift all",
        "Anna\nBert\n3. Carla",
        "Meier, Anna\nHuber, Bert",
        "\tA;B;C",
    ):
        yield line.encode()


def _deck(octets: bytes) -> None:
    with suppress(ValueError):
        deck.parse_deck(octets, "fuzzed.toml")


def _deck_seeds() -> Iterator[bytes]:
    for id in deck.ids():
        yield deck.write_deck(deck.load(id)).encode()[:4000]


# Files of others.


def _capture(octets: bytes) -> None:
    try:
        there = list(frames(octets, "fuzzed"))
    except CaptureError:
        return
    for frame in there[:50]:
        with suppress(NoCard):
            dissect(frame)
    survey(there[:200])


def _capture_seeds() -> Iterator[bytes]:
    for link in (ETHERNET, RAW):
        packets = [framed(link, ip(line)) for line in TALK]
        yield pcap(packets, link)
        yield pcap(packets[:2], link, order=">", nano=True, snaplen=60)
        yield section() + interface(link) + b"".join(map(enhanced, packets))
        yield section(">") + interface(link, ">") + b"".join(enhanced(packet, order=">") for packet in packets[:2])


def _photo(octets: bytes) -> None:
    try:
        picture = reader.from_octets(octets)
    except ValueError:
        return
    for found in reader.read(picture):
        sighting(found)


def _photo_seeds() -> Iterator[bytes]:
    card = PrintedCard(CardId("DEMO", 1), parse_packet(SYN))
    printed = Image.fromarray(drawing.picture(card, dpi=80))
    form = next(iter(known().values()))
    written = Image.fromarray(paper(form, sorted(marks(form, notation.parse(SYN)))).picture)
    for image in (
        printed,
        written.resize((written.width // 2, written.height // 2)),
        printed.resize((64, 64)),
        Image.new("L", (1, 1)),
    ):
        for kind in ("PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP", "PPM"):
            made = io.BytesIO()
            image.save(made, kind)
            yield made.getvalue()
    exif = Image.Exif()
    exif[0x0112] = 6
    made = io.BytesIO()
    printed.save(made, "JPEG", exif=exif)
    yield made.getvalue()


# Requests.


class Pages:
    """The pages of a hub, made anew now and then so that no input is about what came long before."""

    EVERY = 300

    def __init__(self) -> None:
        self._count = 0
        self._hall: Hall | None = None

    def fresh(self) -> Hall:
        if self._hall is None or self._count >= self.EVERY:
            if self._hall is not None:
                self._hall.close()
                shutil.rmtree(self._hall.data)
            self._hall, self._count = Hall(Path(tempfile.mkdtemp(prefix="paperhop-fuzz-"))), 0
            self._hall.come("b1")
            self._hall.scan("b1", "DEMO-1", SYN)
            self.teacher, self.csrf = self._hall.teacher()
            self.phone, self.token, _ = self._hall.phone()
            self.stranger = self._hall.app.test_client()
        self._count += 1
        return self._hall


_pages = Pages()


def _http(octets: bytes) -> None:
    """The first line is METHOD PATH CONTENT-TYPE, the rest the body; asked by a stranger, a phone, and the teacher."""
    line, _, body = octets.partition(b"\n")
    words = line.decode("latin-1").split(" ")
    method, path, kind = (*words, "", "", "")[:3]
    if not path.startswith("/") or path.startswith("/api/events") or not method.isascii() or not method.isalpha():
        return
    if not kind.isprintable():
        return  # no client sends such a header
    hall = _pages.fresh()
    bearer = {"Authorization": f"Bearer {_pages.token}", "X-CSRF-Token": _pages.csrf}
    for client, headers in ((_pages.stranger, {}), (_pages.phone, bearer), (_pages.teacher, bearer)):
        with suppress(UnicodeError):  # the client itself cannot send it
            answer = client.open(path, method=method, data=body, content_type=kind, headers=headers)
            assert answer.status_code < 500 or answer.status_code == 503, answer.text
            assert "Traceback" not in answer.text[:5000] if answer.mimetype == "text/html" else True
            assert answer.headers["Content-Security-Policy"]
    assert hall.desk.state()["nodes"], "the room goes on"


def _http_seeds() -> Iterator[bytes]:
    asked = {
        "/api/teacher/do": ("round", "lose client router", "delay 3 client router", "undo client"),
    }
    for path, texts in asked.items():
        for text in texts:
            yield f"POST {path} application/json\n".encode() + msgspec.json.encode({"do": "command", "text": text})
            late = {"do": "command", "text": text, "in_seconds": 9}
            yield f"POST {path} application/json\n".encode() + msgspec.json.encode(late)
    orders: tuple[dict[str, Any], ...] = (
        *({"do": "cancel", "plan": 1}, {"do": "pace", "rate": 0}, {"do": "pace", "rate": 2}, {"do": "step"}),
        *({"do": "back", "event": 3}, {"do": "table", "node": "router", "routes": [["10.0.1.0/24", "link"]]}),
        *(
            {"do": "card", "card": "DEMO-1", "lost": True},
            {"do": "hint", "node": "client", "step": 0},
            {"do": "forget"},
        ),
        *(
            {"do": "sit", "badge": "b2", "node": "server", "others": []},
            {"do": "swap", "one": "client", "other": "server"},
        ),
        *({"do": "reader", "badge": "b1", "on": True}, {"do": "lesson", "lesson": "data:basic", "language": "it"}),
        *({"do": "countdown", "seconds": 3}, {"do": "paste", "text": "Anna\nBert"}, {"do": "deal", "bots": True}),
        *({"do": "join", "name": "Carla"}, {"do": "leave", "name": "Anna"}, {"do": "ask", "moment": "before"}),
        {"do": "hands", "moment": "after", "question": "three", "counts": [1, 2, 3]},
    )
    for order in orders:
        yield b"POST /api/teacher/do application/json\n" + msgspec.json.encode(order)
    yield b'POST /api/teacher/login application/json\n{"pin": "123456"}'
    yield b"POST /teach application/x-www-form-urlencoded\npin=123456"
    yield b"POST /api/phones \n"
    yield b'POST /api/phone/seat application/json\n{"node": "server"}'
    yield b'POST /api/phone/answer application/json\n{"question": "three", "option": "A"}'
    code = qrtext.encode(PrintedCard(CardId("DEMO", 9), parse_packet(SYN)))
    yield b"POST /api/scan application/json\n" + msgspec.json.encode({"text": code, "counter": 1})
    yield b"POST /api/scan?counter=2 image/png\n" + next(_photo_seeds())[:3000]
    part = b'--x\r\nContent-Disposition: form-data; name="photo"; filename="a"\r\n\r\nx\r\n--x--'
    yield b"POST /api/scan multipart/form-data;boundary=x\n" + part
    for path in (
        *("/", "/screen", "/teach", "/join", "/join.svg?at=10.42.0.1:8000", "/healthz", "/docs/", "/docs/running"),
        *("/fonts/bold.ttf", "/static/main.js", "/C/P-DEMO-1-AAAA-BBBBB", "/api/state", "/api/ladders", "/?lang=it"),
        *(
            "/api/packets/DEMO-1",
            "/export/room.pcapng?at=client",
            "/export/room.csv",
            "/api/phone",
            "/api/teacher/state",
        ),
        *("/api/teacher/lessons", "/api/teacher/film/3", "/api/teacher/inside/client", "/api/teacher/debrief?round=1"),
        *("/api/teacher/pictures/3.png", "/api/teacher/questions.pdf?paper=a4"),
    ):
        yield f"GET {path} \n".encode()


TARGETS = {
    target.name: target
    for target in (
        Target("qr", _qr_text, _qr_seeds),
        Target("up", _up, _up_seeds),
        Target("down", _down, _down_seeds),
        Target("words", _words, _words_seeds),
        Target("deck", _deck, _deck_seeds, slowest=2.0),
        Target("lesson", _lesson, _lesson_seeds, slowest=5.0),
        Target("capture", _capture, _capture_seeds),
        Target("photo", _photo, _photo_seeds, slowest=5.0),
        Target("http", _http, _http_seeds, slowest=10.0),
    )
}
