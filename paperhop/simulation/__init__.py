"""A whole class in one process, without threads and in virtual time: badges, a broker that is as bad as may be, a hub.

    python -m paperhop.simulation --seeds 10000 [--first 0]

The link and the outbox of each badge are those that badges run; so are the hub's edge, its room, and its journal. What
lies between loses, doubles, delays and reorders messages; the broker, the hub (in the middle of whatever it does, and
with a disk that is full for a while) and each badge stop and start again. A seed is a class: whatever happens in it
follows from the seed alone. The hub takes snapshots every few records, and a command card begins new rounds.

In the end every scan that a badge has shown as taken must be in the journal once, in the badge's order; every badge
must have shown for each the verdict that the journal has, once, and once more at most for each time that it was
started anew; and a room that is given the same scans in that order, with nothing in the way, must be the same.

`air` is time and the broker, `badge` and `hub` are what meets there, and `classroom` is all of it for one seed. `plan`
says what people do and what goes wrong, `promises` looks at the end, `play` is the class from one to the other.
"""
