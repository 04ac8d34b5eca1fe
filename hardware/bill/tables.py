"""The tables of docs/bill.md, and the lists for ordering."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from hardware.bill.parts import BUILDS, Part
from hardware.bill.totals import AIM, SETS, Choice, badge_usd, cheapest, chosen, options, order, usual
from hardware.pages import table

_COLUMNS = (
    *("packs", "pieces", "spare", "name", "maker", "number", "designators"),
    *("usd", "sum", "priced", "source", "alternates"),
)
_GUESSED = "\N{NO-BREAK SPACE}e"
"""After a price that is an estimate."""
_SAID = {
    **{"camera=module3": "Camera Module 3", "camera=ring": "camera with a lens that turns"},
    **{"camera=plain": "camera with fixed focus", "power=bank": "power bank", "power=charger": "charger for six"},
    **{"card=32": "32 GB card", "card=16": "16 GB card", "pi=header": "pins soldered on"},
    **{"pi=bare": "pins soldered by you", "case=printed": "printed case", "case=own": "a stand of your own"},
    **{"case=laser": "case cut by laser", "case=lanyard": "printed case to wear"},
    **{"extras=yes": "buzzer, POWER, display's socket", "extras=none": "no buzzer, POWER, display's socket"},
}


def blocks(parts: Sequence[Part]) -> dict[str, str]:
    """What docs/bill.md takes from here."""
    return {
        "totals": _totals(parts),
        "saving": _saving(parts),
        "cases": _cases(parts),
        "sets": _sets(parts),
        **{build: _list(parts, build) for build in BUILDS},
        "hub": _hub(parts),
        "prices": _prices(parts),
    }


def why(parts: Sequence[Part]) -> dict[str, str]:
    """What docs/parts.md takes from here."""
    rows = dict.fromkeys((part.name, part.why, part.alternates, part.wrong) for part in parts if part.why or part.wrong)
    return {"why": table(("part", "why", "or", "a wrong one"), list(rows))}


def ordering(parts: Sequence[Part], build: str, badges: int) -> str:
    """The list for ordering a set, as CSV: whole packs, spares included."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(_COLUMNS)
    for each in order(parts, build, badges, usual(parts, build)):
        part = each.part
        spare = badges // part.spares if part.spares and part.per_badge[build] else 0
        rows.writerow(
            (
                *(each.packs, each.pieces, spare, part.name, part.maker, part.number, " ".join(part.designators)),
                *(f"{part.usd:.2f}", f"{each.usd:.2f}", part.priced, part.source, part.alternates),
            )
        )
    return text.getvalue()


def _example(part: Part) -> str:
    """Maker and number; nothing where any will do."""
    return " ".join(text for text in (part.maker, part.number) if text and text != "any")


def _usd(value: float) -> str:
    return f"{value:,.0f}"


def _cents(value: float) -> str:
    return f"{value:.2f}"


def _totals(parts: Sequence[Part]) -> str:
    """A row for each camera and power, a column for each build; cards and pins as usual, and the cheapest of all."""
    choices = options(parts, BUILDS[0])
    rows = [
        (_SAID[camera], _SAID[power], *(_marked(parts, build, {"camera": camera, "power": power}) for build in BUILDS))
        for camera in choices["camera"]
        for power in choices["power"]
    ]
    least = tuple(_marked(parts, build, cheapest(parts, build)) for build in BUILDS)
    heads = ("camera", "power", *(f"{build}, $" for build in BUILDS))
    return table(heads, [*rows, ("*the cheapest of everything*", "", *least)], (2, 3))


def _marked(parts: Sequence[Part], build: str, choice: Choice) -> str:
    value = badge_usd(parts, build, {**usual(parts, build), **choice})
    return f"**{_usd(value)}**" if value <= AIM else _usd(value)


def _saving(parts: Sequence[Part]) -> str:
    """How much less a badge costs with each step, one after the other, on the board."""
    build = BUILDS[1]
    choice = usual(parts, build)
    before = badge_usd(parts, build, choice)
    rows = [("as usual: " + ", ".join(_SAID[name] for name in choice.values()), "", _cents(before))]
    best = cheapest(parts, build)
    steps = [(group, name) for group, names in options(parts, build).items() for name in names[1:]]
    for group, name in steps:
        if name == best[group] or group == "camera":
            choice = {**choice, group: name}
            now = badge_usd(parts, build, choice)
            rows.append((f"{_SAID[name]}", _cents(now - before), _cents(now)))
            before = now
    return table(("change", "$", "a badge then, $"), rows, (1, 2))


def _cases(parts: Sequence[Part]) -> str:
    """What a badge costs with each kind of case; all else as usual."""
    rows = []
    for name in options(parts, BUILDS[1])["case"]:
        sums = [
            _usd(badge_usd(parts, build, {**usual(parts, build), "case": name}))
            if name in options(parts, build)["case"]
            else "no"
            for build in BUILDS
        ]
        rows.append((_SAID[name], *sums))
    return table(("case", *(f"{build}, $" for build in BUILDS)), rows, (1, 2))


def _sets(parts: Sequence[Part]) -> str:
    rows = []
    for badges in SETS:
        sums = [
            sum(each.usd for each in order(parts, build, badges, choice(parts, build)))
            for build in BUILDS
            for choice in (usual, cheapest)
        ]
        links = " · ".join(f"[{build}](../hardware/bill/out/{build}-{badges}.csv)" for build in BUILDS)
        rows.append((str(badges), *(_usd(value) for value in sums), links))
    heads = ("badges", *(f"{build}{how}, $" for build in BUILDS for how in ("", ", cheapest")), "to order")
    return table(heads, rows, (0, 1, 2, 3, 4))


def _list(parts: Sequence[Part], build: str) -> str:
    """Everything that one badge needs; of the options the usual ones."""
    mine = [part for part in chosen(parts, usual(parts, build)) if part.per_badge[build]]
    rows = [
        (
            str(part.per_badge[build]),
            part.name,
            " ".join(part.designators),
            _example(part),
            _cents(part.unit * part.per_badge[build]) + ("" if part.seen else _GUESSED),
        )
        for part in mine
    ]
    total = _cents(sum(part.unit * part.per_badge[build] for part in mine))
    return table(
        ("", "part", "on the board", "for example", "$"), [*rows, ("", "**sum**", "", "", f"**{total}**")], (0, 4)
    )


def _hub(parts: Sequence[Part]) -> str:
    rows = list(_shared(parts))
    hub = sum(part.usd * part.hub for part in parts)
    network = sum(part.usd for part in parts if part.least > 1)
    rows += [
        ("**the hub**", "", "", f"**{_cents(hub)}**", ""),
        ("**its network**", "", "", f"**{_cents(network)}**", ""),
    ]
    return table(("part", "how many", "for example", "$", "or"), rows, (3,))


def _shared(parts: Sequence[Part]) -> Iterator[tuple[str, ...]]:
    for part in parts:
        if part.option or not (part.hub or part.one_per):
            continue
        many = f"{part.hub} for the hub" if part.hub else f"1 for {part.one_per} badges begun"
        if part.least > 1:
            many = f"1, from {part.least} badges on"
        price = _cents(part.usd) + ("" if part.seen else _GUESSED)
        yield part.name, many, _example(part), price, part.alternates


def _prices(parts: Sequence[Part]) -> str:
    seen = [part for part in parts if part.seen]
    rows = [(part.name, _cents(part.usd), str(part.priced), f"<{part.source}>") for part in seen]
    return table(("part", "$", "on", "where"), rows, (1,))
