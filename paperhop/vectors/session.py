"""One case under way: the node as it is now, and what comes out of it."""

from __future__ import annotations

from ipaddress import IPv4Address

from msgspec.structs import replace

from hub.simulator import wire
from hub.simulator.connection import Pair
from hub.simulator.ethernet import frame_from
from hub.simulator.node import Sent
from hub.simulator.sockets import Outcome, Sockets
from hub.simulator.states import State
from hub.simulator.wire import Damaged
from paperhop.vectors import craft, describe
from paperhop.vectors.case import Case, node_of
from paperhop.vectors.describe import Form
from paperhop.vectors.numbers import Numbers
from paperhop.vectors.reading import endpoint


class Session:
    """now: lesson time in ms, 0 at the start. emitted: what has come out since somebody looked, as the case writes it.

    streamed: every socket that was ever opened, and how many octets it was given to send.
    """

    def __init__(self, case: Case) -> None:
        """Raises ValueError for what makes no sense, Unsupported for what the engine does not have."""
        self.node = node_of(case)
        self.now = 0
        self.flows = {
            name: Numbers(name, Pair(endpoint(flow.host), endpoint(flow.peer)), flow.peer_isn)
            for name, flow in case.flows.items()
        }
        self.emitted: list[Form] = []
        self.streamed: dict[str, int] = {}
        self._by_pair = {numbers.pair: numbers for numbers in self.flows.values()}
        self._names_links = len(case.links) > 1

    # What happens

    def call(self, outcome: tuple[Sockets, Outcome]) -> Outcome:
        """An application called."""
        sockets, gave = outcome
        self.node = replace(self.node, host=sockets)
        return gave

    def arrive(self, octets: bytes, src: IPv4Address, link: str | None) -> None:
        """A packet came in by a link; None: by the one that is nearest to `src`. Damaged ones get no further.

        Raises ValueError when there is no such link.
        """
        if link is None:
            link = max(self.node.interfaces, key=lambda interface: interface.reaches(int(src))).name
        if all(link != interface.name for interface in self.node.interfaces):
            raise ValueError(f"no link is called {link!r}")
        if link in self.node.neighbours:
            self.arrive_framed(craft.framed(octets, src, self.node.neighbours[link].mac), link)
            return
        packet = wire.decode(octets)
        if not isinstance(packet, Damaged):
            self.node, _ = self.node.receive(packet, link, self.now)

    def arrive_framed(self, octets: bytes, link: str) -> None:
        """A frame came in by an Ethernet link."""
        frame = frame_from(octets)
        if not isinstance(frame, Damaged):
            self.node, _ = self.node.receive_frame(frame, link, self.now)

    def let_out(self, since: int | None = None) -> None:
        """Whatever the node sends now, it sends. since: when the step began, where that matters, in ms."""
        self.node, sent = self.node.transmit(self.now)
        for each in sent:
            when = {} if since is None else {"t_ms": self.now - since}
            self.emitted.append(self._form(each) | when)

    def pass_time(self, ms: int) -> None:
        """From deadline to deadline until `ms` are over; what is due in the last instant comes a little later, as a
        kernel's timers do.
        """
        since, end = self.now, self.now + ms
        while (due := self.node.deadline) is not None and due < end:
            self.now = max(self.now, due)
            self.node, _ = self.node.advance(self.now)
            self.let_out(since)
        self.now = end

    def catch_up(self) -> None:
        """What was due by now happens."""
        self.node, _ = self.node.advance(self.now)
        self.let_out()

    # What can be seen

    @property
    def sockets(self) -> Sockets:
        """What the applications hold."""
        return self.node.host

    def states(self) -> dict[str, str]:
        """The state of every flow."""
        return {name: self.state(numbers.pair).value for name, numbers in self.flows.items()}

    def state(self, pair: Pair) -> State:
        """The state of a connection; CLOSED when there is none."""
        c = self.sockets.host.connections.get(pair)
        return State.CLOSED if c is None else c.state

    def _form(self, sent: Sent) -> Form:
        where: Form = {"link": sent.link} if self._names_links else {}
        if sent.frame is not None:
            return where | describe.frame(sent.frame, self._by_pair)
        assert sent.packet is not None, "only ARP has no packet, and ARP is framed"
        return where | describe.packet(sent.packet, self._by_pair)
