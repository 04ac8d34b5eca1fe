"""One TCP connection as one end sees it: the transmission control block (RFC 9293 §3.3.1)."""

from __future__ import annotations

from ipaddress import IPv4Address

import msgspec

from cards.seqnum import SeqNum
from hub.simulator.options import Options
from hub.simulator.reassembly import Piece
from hub.simulator.rto import Rto
from hub.simulator.states import State

DEFAULT_MSS = 536
"""What a peer can take that has said nothing (RFC 9293 §3.7.1, MUST-15), in octets."""
LEAST_MSS = 28
"""What fits every link beside the headers, whatever a peer says (RFC 791 §3.2: 68 octets), in octets."""
FIN_CAME = frozenset((State.CLOSE_WAIT, State.CLOSING, State.LAST_ACK, State.TIME_WAIT))
"""Where the other end's FIN has come."""

_ZERO = SeqNum(0)


class Endpoint(msgspec.Struct, frozen=True, gc=False, order=True, cache_hash=True):
    """One end of a connection."""

    address: IPv4Address
    port: int

    def __str__(self) -> str:
        return f"{self.address}:{self.port}"


class Pair(msgspec.Struct, frozen=True, gc=False, order=True, cache_hash=True):
    """What names a connection: both ends, ours first (the RFC's "socket pair")."""

    local: Endpoint
    remote: Endpoint


class Connection(msgspec.Struct, frozen=True, gc=False):
    """The RFC's variables; SND.x and RCV.x are `snd_x` and `rcv_x`. Times are in ms of lesson time.

    passive: it began by a SYN that came to a listener, at the address (None: any) and port `came_to`. iss: None until
    our SYN has gone out; irs: None until theirs has come in. snd_sml: where the last segment ended that was not full
    (RFC 9293 appendix A.3). max_wnd: the largest window that they ever offered. snd_mss: octets of data that we put
    into one segment. text: octets from SND.UNA on: `sent` of them have gone out, the others wait. fin: CLOSE was
    called; our FIN comes after the text and is not acknowledged yet. beyond: where an earlier connection of the pair
    ended, when this one follows it out of TIME-WAIT. held: text that came before its turn. acked: the last
    acknowledgement number that we sent, None before the first; passed: what RCV.NXT was since then, oldest first, the
    last few. deaf: the application has gone, nobody reads what comes.

    Obligations: owes_syn (SYN or SYN,ACK), owes_ack (now, or at `ack_at` at the latest), owes_resend (the timer ran
    out: what is oldest should go once more), owes_probe (the window is shut, or nearly, for too long),
    owes_keep_alive. challenges: how many ACKs were owed for nothing acceptable, since when in ms.

    Clocks, each None when it is off: retransmit_at, ack_at, until (the end of TIME-WAIT), keep_alive_at. retries: how
    often it was sent again without any answer. unanswered: keep-alive questions. recover: what was outstanding when
    the timer ran out (RFC 6582's variable); resent: how far of that has gone again. probing: what is outstanding was
    sent into a shut window, to learn when it opens. soft_error: an ICMP error that may explain it if nothing comes.
    """

    pair: Pair
    state: State
    options: Options = Options()
    passive: bool = False
    came_to: tuple[IPv4Address | None, int] | None = None
    iss: SeqNum | None = None
    snd_una: SeqNum = _ZERO
    snd_nxt: SeqNum = _ZERO
    snd_wnd: int = 0
    snd_wl1: SeqNum = _ZERO
    snd_wl2: SeqNum = _ZERO
    snd_sml: SeqNum = _ZERO
    max_wnd: int = 0
    snd_mss: int = DEFAULT_MSS
    syn_acked: bool = False
    text: bytes = b""
    sent: int = 0
    fin: bool = False
    fin_sent: bool = False
    beyond: SeqNum | None = None
    irs: SeqNum | None = None
    rcv_nxt: SeqNum = _ZERO
    rcv_wnd: int = 0
    held: tuple[Piece, ...] = ()
    acked: SeqNum | None = None
    passed: tuple[SeqNum, ...] = ()
    deaf: bool = False
    owes_syn: bool = False
    owes_ack: bool = False
    challenges: tuple[int, int] = (0, 0)
    owes_resend: bool = False
    owes_probe: bool = False
    owes_keep_alive: bool = False
    rto: Rto = Rto()
    retries: int = 0
    recover: SeqNum | None = None
    resent: SeqNum | None = None
    probing: bool = False
    retransmit_at: int | None = None
    ack_at: int | None = None
    until: int | None = None
    keep_alive_at: int | None = None
    unanswered: int = 0
    soft_error: str | None = None

    @property
    def first(self) -> SeqNum:
        """The sequence number of the first octet of `text`."""
        return self.snd_una if self.syn_acked else self.snd_una + 1

    @property
    def outstanding(self) -> int:
        """Sequence numbers that were sent and are not acknowledged."""
        return self.snd_nxt - self.snd_una

    @property
    def received(self) -> int:
        """Octets of text that have come in order."""
        return 0 if self.irs is None else self.rcv_nxt - self.irs - 1 - (self.state in FIN_CAME)

    @property
    def waiting(self) -> bool:
        """Text or a FIN has not gone out yet."""
        return len(self.text) > self.sent or (self.fin and not self.fin_sent)

    @property
    def room(self) -> int:
        """Octets that we may still send: what is left of SND.WND (§3.8.6)."""
        return max(0, self.snd_wnd - self.outstanding)

    @property
    def deadline(self) -> int | None:
        """When its next timer runs out, in ms; None when none is running."""
        first = self.retransmit_at
        for clock in (self.ack_at, self.until, self.keep_alive_at):
            if clock is not None and (first is None or clock < first):
                first = clock
        return first
