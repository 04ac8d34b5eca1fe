"""`make soak`: plays with hundreds of kills, each compared with the same play undisturbed.

    python -m tests.faults.soak --kills 500 --seed 1
    python -m tests.faults.soak --again data:17:4

The second line plays one run again, as the summary names it; where the clock of the machine has a hand in it (a process
is killed so many ms after another has written) it may come out otherwise all the same.
"""

from __future__ import annotations

import argparse
import itertools
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

from hub.lessons import ids
from tests.faults.plays import Play, found
from tests.faults.processes import Failed
from tests.faults.rig import Outcome, Rig
from tests.faults.saboteur import Saboteur

RUNS_OF_A_PLAY = 4
"""Runs with kills for each run without."""


def main() -> int:
    """1 when a promise was broken."""
    parser = argparse.ArgumentParser(prog="make soak", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kills", type=int, default=300, metavar="N", help="go on until so many (%(default)s)")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000), help="default: another each time")
    parser.add_argument("--again", metavar="LESSON:PLAY:SABOTEUR", help="one run of before")
    arguments = parser.parse_args()
    mosquitto = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
    if mosquitto is None:
        print("mosquitto is not on this machine: apt-get install mosquitto", file=sys.stderr)
        return 2
    if arguments.again is not None:
        lesson, play, saboteur = arguments.again.split(":")
        return Soak(mosquitto).play(found(lesson, int(play)), [int(saboteur)])
    print(f"Seed {arguments.seed}, until {arguments.kills} programs were killed.", flush=True)
    soak, luck = Soak(mosquitto), random.Random(arguments.seed)
    lessons = itertools.cycle(ids())
    with suppress(KeyboardInterrupt):  # what was seen until then counts
        while soak.kills.total() < arguments.kills:
            play = found(next(lessons), luck.randrange(100_000))
            soak.play(play, [luck.randrange(100_000) for _ in range(RUNS_OF_A_PLAY)], arguments.kills)
    return soak.summary()


class Soak:
    """What has been seen so far."""

    def __init__(self, mosquitto: str) -> None:
        self._mosquitto = mosquitto
        self.kills: Counter[str] = Counter()
        self._began = time.monotonic()
        self._scans = self._runs = 0
        self._broken: list[str] = []

    def play(self, play: Play, saboteurs: list[int], most: int = sys.maxsize) -> int:
        """One play undisturbed, then with each of these saboteurs; 1 when a promise was broken."""
        calm = self._run(play, None)
        for seed in saboteurs:
            if calm is not None and self.kills.total() < most:
                self._run(play, seed, calm)
        return 1 if self._broken else 0

    def summary(self) -> int:
        minutes = (time.monotonic() - self._began) / 60
        killed = ", ".join(f"{what} {count}" for what, count in self.kills.most_common())
        print(f"{self._runs} runs, {self._scans} scans, {self.kills.total()} kills ({killed}), {minutes:.1f} min.")
        if not self._broken:
            print("Every run came to the same end as the same play undisturbed.")
        for name in self._broken:
            print(f"BROKEN: {name}; again: make soak ARGS='--again {name}'")
        return 1 if self._broken else 0

    def _run(self, play: Play, seed: int | None, calm: Outcome | None = None) -> Outcome | None:
        name = f"{play.lesson}:{play.seed}:{'-' if seed is None else seed}"
        began = time.monotonic()
        outcome: Outcome | None = None
        try:
            with tempfile.TemporaryDirectory() as folder, Rig(Path(folder), play, self._mosquitto) as kit:
                outcome = kit.run(None if seed is None else Saboteur(seed, play.badges))
            wrong = "" if calm is None else outcome.unlike(calm)
        except Failed as error:
            wrong = str(error)
        self._runs += 1
        scans = sum(len(wave.shows) for wave in play.waves)
        self._scans += scans
        self.kills += Counter("badge" if each in play.badges else each for each in kit.killed)
        print(f"{name}: {scans} scans, {len(kit.killed)} kills, {time.monotonic() - began:.0f} s", flush=True)
        if wrong:
            self._broken.append(name)
            print(f"  {wrong}", flush=True)
            return None
        return outcome


if __name__ == "__main__":
    sys.exit(main())
