"""What is written is what is marked: from a packet to the bubbles of a form, and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address

from cards.packet import Carries, Flags, Written
from cards.payload import Ink, Payload
from cards.penform import FLAGS, PenForm, joined, split
from cards.seqnum import SeqNum

Mark = tuple[str, str]
"""A field and the value that is marked in it."""

_COLUMNS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
_HEADS = {"src": "FROM", "dst": "TO", "seq": "SEQ", "ack": "ACK", "hop": "NEXT HOP", "kind": "IF IT IS NOT TCP"}

_MOST_NAMED = 3
"""Empty fields that are named at once."""

_AS_WRITTEN = ("src", "dst", "sport", "dport", "flags", "seq", "ack", "window", "carries")


class Misfilled(ValueError):
    """A card that does not say one thing: something is missing, marked twice, or does not fit its check digit.

    code: `card.marks` or `card.check-digit`. detail: a sentence for the person with the pen.
    """

    def __init__(self, detail: str, code: str = "card.marks") -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


def place(field: str) -> str:
    """Where a field stands, as it is printed there: "ACK, second column"."""
    name, _, part = field.partition(".")
    head = _HEADS.get(name, name.upper())
    if not part:
        return head
    if part.isdigit():
        number = int(part)
        return f"{head}, {_COLUMNS[number - 1] if number <= len(_COLUMNS) else f'{number}th'} column"
    return f"{head}, {part}"


def check_fits(form: PenForm, written: Written) -> None:
    """ValueError when a payload has more octets than the comb has cells."""
    length = len(written.payload or b"")
    if length > form.comb:
        raise ValueError(f"{length} octets do not fit: this form has {form.comb} cells for data")


def bears(form: PenForm, card: Written) -> bool:
    """Whether this can be written on a card of the form, and is all that is read there, but for a TTL."""
    try:
        check_fits(form, card)
        filled = marks(form, card)
        marked = {f.name: tuple(value for value in f.values if (f.name, value) in filled) for f in form.fields}
        said = written(form, marked, ink(len(card.payload or b"")))
    except ValueError:
        return False
    same = all(getattr(said, name) == getattr(card, name) for name in _AS_WRITTEN)
    # A card may name the next hop by its title; what is read is its id.
    return same and card.ttl in (None, said.ttl) and (said.next_hop is None) == (card.next_hop is None)


def marks(form: PenForm, written: Written) -> frozenset[Mark]:
    """The bubbles with which somebody writes this on a card of the form; what the form does not ask for is left out:
    the window, and numbers, TTL and next hop on a form without a place for them.

    ValueError says what cannot be marked there.
    """
    return frozenset(_marks(form, written))


def check_digit(form: PenForm, seq: int | None, ack: int | None, octets: int) -> int:
    """The last digit of the sum of all digits in SEQ, in ACK, and in the number of letters of DATA.

    Any one wrong digit changes it. What changes from hop to hop is left out.
    """
    numbers = (seq if form.seq else None, ack if form.ack else None, octets)
    return sum(int(digit) for number in numbers if number is not None for digit in str(number)) % 10


def written(form: PenForm, marked: Mapping[str, tuple[str, ...]], payload: Payload = b"") -> Written:
    """What a card says. marked: of every field of the form, its marked values. Misfilled says why it says nothing.

    payload: the ink in the comb.
    """
    kind = Carries(_at_most_one(marked, "kind") or Carries.TCP.value) if form.kinds else Carries.TCP
    empty = [place(field) for field in _required(form, kind) if not marked[field]]
    if empty:
        raise Misfilled(f"nothing is marked under {'; '.join(empty[:_MOST_NAMED])}")
    src, dst = (_address(form, marked, side) for side in ("src", "dst"))
    sport, dport = (_port(marked, f"{side}.port", kind) for side in ("src", "dst"))
    seq = _number(form, marked, "seq") if form.seq else None
    ack = _number(form, marked, "ack") if form.ack else None
    if form.check:
        _check(form, seq, ack, len(payload), int(_one(marked, "check")))
    flags = Flags.NONE
    for name in marked["flags"]:
        flags |= Flags[name]
    return Written(
        src,
        dst,
        sport,
        dport,
        flags if kind is Carries.TCP else None,
        None if seq is None else SeqNum(seq),
        None if ack is None else SeqNum(ack),
        None,
        payload,
        form.ttl - len(marked["ttl"]) if form.ttl else None,
        _next_hop(form, marked),
        kind,
    )


def _marks(form: PenForm, written: Written) -> Iterator[Mark]:
    for side, address in (("src", written.src), ("dst", written.dst)):
        if address is not None:
            yield from _of_address(form, side, address)
    if written.carries.has_ports:
        for field, port in (("src.port", written.sport), ("dst.port", written.dport)):
            if port is not None:
                yield _one_of(field, str(port), [str(each.number) for each in form.ports])
    if written.carries is not Carries.TCP:
        yield _one_of("kind", written.carries.value, [kind.value for kind in form.kinds])
    yield from (_one_of("flags", name, FLAGS) for name in (written.flags or Flags.NONE).names)
    yield from _of_number(form.seq, form.digits, "seq", written.seq)
    yield from _of_number(form.ack, form.digits, "ack", written.ack)
    if form.check:
        seq, ack = (None if number is None else number.value for number in (written.seq, written.ack))
        yield "check", str(check_digit(form, seq, ack, len(written.payload or b"")))
    crossed = max(0, form.ttl - (form.ttl if written.ttl is None else written.ttl))
    yield from (("ttl", str(box + 1)) for box in range(crossed))
    if form.hops and written.next_hop is not None:
        field = f"hop.{min(max(1, crossed), form.hops)}"
        named = {each.title.casefold(): each.id for each in form.neighbours}
        next_hop = named.get(written.next_hop.casefold(), written.next_hop)
        yield _one_of(field, next_hop, [each.id for each in form.neighbours])


def _of_address(form: PenForm, side: str, address: IPv4Address) -> Iterator[Mark]:
    network, host = split(address)
    if len(form.networks) > 1:
        yield _one_of(f"{side}.network", network, form.networks)
    elif network not in form.networks:
        raise ValueError(f"{address} cannot be marked on this form: its only network is {form.networks[0]}")
    yield _one_of(f"{side}.host", str(host), [str(each) for each in form.hosts])


def _one_of(field: str, value: str, values: list[str] | tuple[str, ...]) -> Mark:
    if value not in values:
        there = ", ".join(values) or "nothing"
        raise ValueError(f"{value} cannot be marked on this form: {place(field)} has {there}")
    return field, value


def _of_number(asked: bool, digits: int, name: str, number: SeqNum | None) -> Iterator[Mark]:
    if not asked or number is None:
        return
    text = str(number.value)
    if len(text) > digits:
        raise ValueError(f"{name}={text} cannot be marked on this form: it has {digits} columns for a number")
    yield from ((f"{name}.{digits - len(text) + n + 1}", digit) for n, digit in enumerate(text))


def _required(form: PenForm, kind: Carries) -> Iterator[str]:
    """The fields that no card leaves empty, in the order of the form."""
    for side in ("src", "dst"):
        yield from (f"{side}.{part}" for part in ("network", "host") if part == "host" or len(form.networks) > 1)
        if kind.has_ports:
            yield f"{side}.port"
    if form.check:
        yield "check"


def _one(marked: Mapping[str, tuple[str, ...]], field: str) -> str:
    value = _at_most_one(marked, field)
    assert value is not None, "what is required is there"
    return value


def _at_most_one(marked: Mapping[str, tuple[str, ...]], field: str) -> str | None:
    values = marked[field]
    if len(values) > 1:
        raise Misfilled(f"{len(values)} are marked under {place(field)}: one is right")
    return values[0] if values else None


def _address(form: PenForm, marked: Mapping[str, tuple[str, ...]], side: str) -> IPv4Address:
    network = _one(marked, f"{side}.network") if len(form.networks) > 1 else form.networks[0]
    return joined(network, int(_one(marked, f"{side}.host")))


def _port(marked: Mapping[str, tuple[str, ...]], field: str, kind: Carries) -> int | None:
    return int(_one(marked, field)) if kind.has_ports else None


def _number(form: PenForm, marked: Mapping[str, tuple[str, ...]], name: str) -> int | None:
    """The number in some columns, of which those on the left may be empty; None when all are."""
    digits = [_at_most_one(marked, f"{name}.{column}") for column in range(1, form.digits + 1)]
    text = "".join(digit or " " for digit in digits).lstrip()
    if not text:
        return None
    if " " in text:
        empty = form.digits - len(text) + text.index(" ") + 1
        raise Misfilled(f"nothing is marked under {place(f'{name}.{empty}')}: a number ends in the last column")
    return int(text)


def _check(form: PenForm, seq: int | None, ack: int | None, octets: int, found: int) -> None:
    if found != check_digit(form, seq, ack, octets):
        raise Misfilled(
            f"CHECK says {found}, and the digits of SEQ, of ACK and of the number of letters add up to something that "
            f"ends in {check_digit(form, seq, ack, octets)}: look at all of them again",
            "card.check-digit",
        )


def _next_hop(form: PenForm, marked: Mapping[str, tuple[str, ...]]) -> str | None:
    hops = [_at_most_one(marked, f"hop.{hop + 1}") for hop in range(form.hops)]
    return next((hop for hop in reversed(hops) if hop is not None), None)


def ink(length: int, picture: bytes = b"") -> Payload:
    """A payload of so many inked cells."""
    return Ink(length, picture) if length else b""
