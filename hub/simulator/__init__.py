"""The rules, with nothing plugged into them.

No module in this package imports time, random, socket, threading, paho or flask. Every event carries its
time, timers that are due fire first, and luck is a seed: the same events give the same world and the same
verdicts. Values are frozen; a step gives a new world and leaves the old one as it was.

The world of a room: world, referee, explain, admission, rules, events, verdicts, reasons. A host: host, sockets,
datagrams, options. A TCP connection: connection, states, checks, arrive, reassembly, emit, transmit, moves, timers,
rto, isn, icmp_errors. IP below: node, router, icmp, fragments, hooks; arp, ethernet; wire. docs/engine.md says which
rule of which RFC is where.
"""

RULES_VERSION = 2
"""Counts up whenever the same events would be judged differently; every room names the one it began with."""
