"""The rules, with nothing plugged into them.

No module in this package imports time, random, socket, threading, paho or flask. Every event carries its
time, timers that are due fire first, and luck is a seed: the same events give the same world and the same
verdicts. Values are frozen; a step gives a new world and leaves the old one as it was.

The referee of a room: referee; scans, and then origin, elsewhere, stations or hop; acts, teacher and history. What it
knows: world, rules, events; what it says: verdicts, reasons, facts; why not: admission, explain, counting. Whose turn
it is: turns, tasks. Who plays by itself: bots, apps. What links do: faults. What comes of it: goals, when, rounds,
race. A host: host, sockets, datagrams, options. A TCP connection: connection, states, checks, arrive, reassembly,
emit, transmit, moves, timers, rto, isn, icmp_errors. IP below: node, router, tables, icmp, fragments, hooks; arp,
ethernet; wire.
docs/referee.md says how judging works, docs/engine.md which rule of which RFC is where.
"""

RULES_VERSION = 4
"""Counts up whenever the same events would be judged differently; every room names the one it began with."""
