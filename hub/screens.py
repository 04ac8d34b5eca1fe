"""What each phone shows: a badge has its lights and keeps them, a page is opened again and asks."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import msgspec

from hub.messages import Answer, Down, Light, LightWord


class LastAnswer(msgspec.Struct, frozen=True):
    """What the last scan of a phone in this round was answered (`hub.messages.Answer`). node: where it was."""

    light: LightWord
    key: int | None
    sentence: str
    node: str | None


class Screens:
    """What phones were told. They are called by their names as badges."""

    def __init__(self) -> None:
        self._lights: dict[str, Light] = {}
        self._answers: dict[str, tuple[int, Answer]] = {}

    def note(self, downs: Iterable[Down], phones: Collection[str], round: int) -> None:
        """These messages go out in this round; those for `phones` are kept."""
        for down in downs:
            if isinstance(down, Light) and down.badge in phones:
                self._lights[down.badge] = down
            elif isinstance(down, Answer) and down.badge in phones:
                self._answers[down.badge] = round, down

    def light(self, phone: str) -> Light | None:
        """What a phone shows between scans."""
        return self._lights.get(phone)

    def last(self, phone: str, nodes: Collection[str], round: int) -> LastAnswer | None:
        """What its last scan of this round was answered, as long as it plays the node at which it was."""
        then, answer = self._answers.get(phone, (0, None))
        if answer is None or then != round or answer.node not in (None, *nodes):
            return None
        return LastAnswer(answer.light, answer.key, answer.sentence, answer.node)

    def went_back(self) -> None:
        """The room is as it was before: scans that phones were answered have not been."""
        self._answers.clear()

    def forget(self, phone: str) -> None:
        """A phone is known no more."""
        self._lights.pop(phone, None)
        self._answers.pop(phone, None)

    def clear(self) -> None:
        """Another room begins."""
        self._lights.clear()
        self._answers.clear()
