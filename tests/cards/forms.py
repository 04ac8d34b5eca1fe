"""Forms to test with, and any that a lesson could have."""

from __future__ import annotations

from hypothesis import strategies as st

from cards.forms import known
from cards.packet import Carries
from cards.penform import Neighbour, PenForm, Port

SMALL = PenForm(("10.0.1",), (1, 2, 254), (Port(23, "telnet"), Port(80, "web"), Port(40001, "A")), comb=16)
NUMBERS = PenForm(
    ("10.0.1", "10.0.2"), (1, 2, 254), (Port(23, "telnet"), Port(40001, "A")), seq=True, ack=True, comb=16
)
WHOLE = PenForm(
    ("10.0.1", "10.0.2"),
    (1, 2, 254),
    (Port(23, "telnet"), Port(40001, "A")),
    (Carries.ECHO, Carries.UDP),
    seq=True,
    ack=True,
    check=True,
    ttl=4,
    hops=4,
    neighbours=(Neighbour("r1", "Router 1"), Neighbour("server", "Server")),
    comb=24,
)

built_in = st.sampled_from(sorted(known().values(), key=lambda form: form.id))


@st.composite
def forms(draw: st.DrawFn) -> PenForm:
    """A form that may be too much for any paper."""
    networks = draw(st.lists(st.sampled_from([f"10.0.{n}" for n in range(1, 12)]), min_size=1, max_size=6, unique=True))
    hosts = draw(st.lists(st.integers(1, 254), min_size=2, max_size=9, unique=True))
    ports = draw(st.lists(st.integers(1, 65535), min_size=2, max_size=8, unique=True))
    near = tuple(Neighbour(f"n{n}", f"Node {n}") for n in range(draw(st.integers(1, 9))))
    ttl, next_hop = draw(st.sampled_from([0, 4, 6])), draw(st.booleans())
    return PenForm(
        tuple(networks),
        tuple(hosts),
        tuple(Port(number) for number in ports),
        tuple(draw(st.lists(st.sampled_from(list(Carries)[1:]), max_size=8, unique=True))),
        draw(st.booleans()),
        draw(st.booleans()),
        draw(st.integers(2, 4)),
        draw(st.booleans()),
        ttl,
        (ttl or 3) if next_hop else 0,
        near if next_hop else (),
        draw(st.integers(0, 64)),
    )
