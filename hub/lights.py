"""What the badges show between scans, and which of them must be told."""

from __future__ import annotations

from cards.notation import write
from hub.messages import Light, LightWord
from hub.simulator import bots
from hub.simulator.turns import turn
from hub.simulator.world import World
from hub.speech import said, turn_text


class Lights:
    """What each badge shows, as far as it has been told."""

    def __init__(self) -> None:
        self._shown: dict[str, Light] = {}

    def forget(self, badge: str) -> None:
        """A badge came or went: nobody knows what it shows."""
        self._shown.pop(badge, None)

    def changed(self, world: World, badge: str, node: str) -> Light | None:
        """What a badge at a node is to show; None: it does already."""
        light = _light(world, badge, node)
        if self._shown.get(badge) == light:
            return None
        self._shown[badge] = light
        return light


def _light(world: World, badge: str, node: str) -> Light:
    """A station has nothing to write: it waits for a card, or for somebody who takes its answer along."""
    answer = bots.untaken(world, node)
    if answer is not None:
        sentence = f"{said(world.rules, answer.last)} {write(answer.said)}"
        return Light(badge, LightWord.YOUR_TURN, sentence[:1000])
    owed = turn(world, node)
    if owed is None or owed.optional or (node in world.engines and owed.card is None):
        return Light(badge, LightWord.READY)
    word = LightWord.SEND_AGAIN if owed.code == "resend" else LightWord.YOUR_TURN
    return Light(badge, word, turn_text(owed)[:1000])
