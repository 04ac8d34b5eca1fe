"""What the badges show between scans, and which of them must be told."""

from __future__ import annotations

from msgspec.structs import replace

from cards.notation import write
from hub.messages import Light, LightWord
from hub.simulator import bots, counting
from hub.simulator.explain import as_line
from hub.simulator.rules import Rules
from hub.simulator.turns import turn
from hub.simulator.world import Instance, World
from hub.speech import said, turn_text
from hub.texts import of_room

_MOST = 1000
"""Characters of a light's sentence."""


class Lights:
    """What each badge shows, as far as it has been told."""

    def __init__(self) -> None:
        self._shown: dict[str, Light] = {}
        self._hints: dict[str, tuple[Light, Light]] = {}

    def forget(self, badge: str) -> None:
        """A badge came or went: nobody knows what it shows."""
        self._shown.pop(badge, None)

    def changed(self, world: World, badge: str) -> Light | None:
        """What a badge is to show; None: it does already."""
        light = self._light(world, badge)
        if self._shown.get(badge) == light:
            return None
        self._shown[badge] = light
        return light

    def hint(self, world: World, badge: str, node: str, sentence: str) -> Light:
        """A badge shows a hint for the player of a node, until it has something else to show."""
        own = _light(world, badge)
        light = replace(own, sentence=_of_table(world, badge, node, sentence)[:_MOST])
        self._hints[badge] = own, light
        self._shown[badge] = light
        return light

    def is_hint(self, badge: str) -> bool:
        """Whether what a badge shows is a hint."""
        hinted = self._hints.get(badge)
        return hinted is not None and self._shown.get(badge) == hinted[1]

    def _light(self, world: World, badge: str) -> Light:
        own = _light(world, badge)
        then, hint = self._hints.get(badge, (None, own))
        if own == then:
            return hint
        self._hints.pop(badge, None)
        return own


def _light(world: World, badge: str) -> Light:
    """Of several nodes, a badge shows the one that has kept others waiting for longest."""
    lights = [found for node in world.seats.get(badge, ()) if (found := _at(world, badge, node)) is not None]
    return min(lights, key=lambda light: light[0])[1] if lights else Light(badge, LightWord.READY)


def _at(world: World, badge: str, node: str) -> tuple[int, Light] | None:
    """What is to be shown for a node, and since when (ms); None: it is ready.

    A station has nothing to write: it waits for a card, or for somebody who takes its answer along. A player for whom
    the engine has played a step has a card to write: what it says is on a line of its own.
    """
    answer = bots.untaken(world, node)
    if answer is not None:
        sentence = _to_take(world.rules, answer) if node in world.engines else _to_copy(world.rules, answer)
        return answer.since, Light(badge, LightWord.YOUR_TURN, _of_table(world, badge, node, sentence)[:_MOST])
    owed = turn(world, node)
    if owed is None or owed.optional or (node in world.engines and owed.card is None):
        return None
    word = LightWord.SEND_AGAIN if owed.code == "resend" else LightWord.YOUR_TURN
    return owed.since, Light(badge, word, _of_table(world, badge, node, turn_text(world.rules, owed))[:_MOST])


def _of_table(world: World, badge: str, node: str, sentence: str) -> str:
    """A badge that serves several nodes says which one is meant."""
    return sentence if len(world.seats.get(badge, ())) < 2 else f"{world.rules.title(node)}: {sentence}"


def _to_take(rules: Rules, answer: Instance) -> str:
    """What whoever stands at a station does with its answer."""
    return f"{said(rules, answer.last)} {write(answer.said)}"


def _to_copy(rules: Rules, answer: Instance) -> str:
    """What whoever plays a node does with a packet that the engine has sent for them."""
    to = "" if answer.due is None else rules.title(answer.due)
    told = of_room("played-for-you", {"to": to}, rules.language)
    return f"{told}\n{as_line(counting.on_form(rules, answer.said))}"
