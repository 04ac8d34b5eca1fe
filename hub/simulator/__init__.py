"""The rules, with nothing plugged into them.

No module in this package imports time, random, socket, threading, paho or flask. Every event carries its
time, timers that are due fire first, and luck is a seed: the same events give the same world and the same
verdicts. Values are frozen; a step gives a new world and leaves the old one as it was.
"""

RULES_VERSION = 2
"""Counts up whenever the same events would be judged differently; every room names the one it began with."""
