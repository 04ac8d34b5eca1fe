"""What stands for a room behind the hub's edge."""

from __future__ import annotations

from hub.messages import BadgeStatus, Down


class OnlyScans:
    """Has nothing to say of its own; what it does with `scans` is for a test to say."""

    def status(self, status: BadgeStatus) -> list[Down]:
        return []

    def roles(self) -> list[Down]:
        return []

    def tick(self) -> list[Down]:
        return []
