"""What is missing before a lesson can begin, and while it goes on, in plain words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from hub import texts
from hub.journal import Damage
from hub.lessons import Lesson
from hub.messages import BadgeStatus
from hub.messages.health import FULL_MB, HOT_C, SLOW_RATE
from hub.seats import MOST_BADGES, PHONE, phone_number
from hub.simulator.world import World

SILENT_S = 120
"""Seconds after which a badge that went away is one that somebody should look after."""


FLOOD_S = 300
"""Seconds for which a teacher is told of a badge that floods."""
LOW_MB = 500
"""Megabytes of room on the hub's disk below which somebody should make some: a long day takes a fifth of that."""


class Finding(msgspec.Struct, frozen=True):
    """Something that is missing. code: the text's, `preflight.nobody`; node, badge: where."""

    code: str
    text: str
    node: str | None = None
    badge: str | None = None


def findings(
    lesson: Lesson,
    world: World,
    heard: Mapping[str, tuple[BadgeStatus, float]],
    broker_up: bool,
    now: float,
    dealt: Mapping[str, str],
    language: str = "en",
    damage: Damage | None = None,
    trouble: str = "",
) -> list[Finding]:
    """Everything that is missing. heard: each badge's last status, and when it came; now: on the same clock, in s.
    dealt: node -> who of the class has its seat. damage, trouble: of the journal (`Journal`).
    """

    def found(code: str, node: str | None = None, badge: str | None = None, **params: str) -> Finding:
        title = {} if node is None else {"node": lesson.rules.title(node)}
        named = {} if badge is None else {"badge": badge}
        return Finding(code, texts.page(code, {**title, **named, **params}, language), node, badge)

    def all_found() -> Iterator[Finding]:
        if trouble:
            yield found("preflight.unkept", why=trouble)
        if damage is not None:
            yield found("preflight.damaged", kept=str(damage.kept), file=damage.aside.name)
        if not broker_up:
            yield found("preflight.broker")
        played = {node: badge for badge, nodes in world.seats.items() for node in nodes}
        for node in lesson.rules.by_id:
            if node in world.engines:
                continue
            badge = played.get(node)
            if badge is None and node in dealt:
                yield found("preflight.dealt", node, name=dealt[node])
            elif badge is None:
                yield found("preflight.nobody", node)
            elif badge in heard and heard[badge][0].state != "online":
                gone = int(now - heard[badge][1])
                number = phone_number(badge)
                code = "silent" if gone >= SILENT_S else "left"
                code = f"preflight.phone-{code}" if number else f"preflight.{code}"
                yield found(code, node, badge, minutes=str(gone // 60), seconds=str(gone), number=number)
            elif badge not in heard and not badge.startswith(PHONE):
                yield found("preflight.never", node, badge)
        for badge, (status, _) in sorted(heard.items()):
            if status.state == "online":
                for code, params in _unwell(status):
                    yield found(code, badge=badge, **params)

    return list(all_found())


def crowding(floods: Iterable[str], badges: int, free_mb: int, language: str = "en") -> Iterator[Finding]:
    """What comes near a limit of the hub. floods: badges that send more than their share; badges: that it follows;
    free_mb: room on its disk, 10^6 octets.
    """

    def found(code: str, badge: str | None = None, **params: str) -> Finding:
        named = {} if badge is None else {"badge": badge}
        return Finding(code, texts.page(code, {**named, **params}, language), badge=badge)

    for badge in floods:
        yield found("preflight.flood", badge) if badge else found("preflight.strangers")
    if badges >= MOST_BADGES:
        yield found("preflight.crowd", count=str(MOST_BADGES))
    if free_mb < LOW_MB:
        yield found("preflight.disk", free=str(free_mb))


def _unwell(status: BadgeStatus) -> Iterator[tuple[str, dict[str, str]]]:
    """What is wrong with a badge that is there, by what it says itself: codes with what to fill in."""
    if status.waiting > 1:
        yield "preflight.waiting", {"count": str(status.waiting)}
    if status.dark:
        yield "preflight.dark", {}
    elif status.frame_rate is not None and status.frame_rate < SLOW_RATE:
        yield ("preflight.slow", {"rate": f"{status.frame_rate:.0f}"}) if status.frame_rate else ("preflight.blind", {})
    if status.under_voltage:
        yield "preflight.voltage", {}
    if status.temperature is not None and status.temperature >= HOT_C:
        yield "preflight.hot", {"degrees": f"{status.temperature:.0f}"}
    if status.free_mb is not None and status.free_mb < FULL_MB:
        yield "preflight.full", {}
