"""The network of a lesson file: nodes with addresses, tables and tasks, and the wires between them."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface

from hub.lessons.document import Document, Path, each
from hub.lessons.schema import Link, NodeFile, TaskFile
from hub.simulator.connection import Endpoint
from hub.simulator.router import Interface
from hub.simulator.rules import Do, NodeRules, Task
from hub.simulator.tables import OWN_WIRES, table
from hub.simulator.tables import network as network_of
from hub.simulator.when import EACH, OTHERS

Addresses = dict[str, tuple[IPv4Address, ...]]


def network(
    document: Document, files: list[NodeFile], pairs: list[Link]
) -> tuple[tuple[NodeRules, ...], frozenset[frozenset[str]]]:
    """The nodes and links of a lesson file. Raises LessonError."""
    document.distinct("nodes", "id", [node.id for node in files])
    for number, node in enumerate(files):
        if node.id in (OWN_WIRES, EACH, OTHERS):
            raise document.error(("nodes", number, "id"), f"{node.id!r} has a meaning of its own; choose another name")
    _names_apart(document, files)
    ids = [node.id for node in files]
    links = frozenset(each(enumerate(pairs), lambda pair: link(document, ("links", pair[0]), pair[1], ids)))
    interfaces = each(enumerate(files), lambda node: _interfaces(document, ("nodes", node[0]), node[1]))
    addresses = {
        node.id: tuple(address.ip for interface in own for address in interface.addresses)
        for node, own in zip(files, interfaces, strict=True)
    }
    _each_its_own(document, addresses)
    nodes = each(
        enumerate(zip(files, interfaces, strict=True)),
        lambda node: _node(document, ("nodes", node[0]), *node[1], addresses, links),
    )
    return tuple(nodes), links


def link(document: Document, path: Path, pair: Link, nodes: list[str]) -> frozenset[str]:
    """A wire between two of the nodes. Raises LessonError."""
    for end, id in enumerate(pair):
        document.one_of((*path, end), id, nodes)
    if pair[0] == pair[1]:
        raise document.error(path, "a wire joins two different nodes")
    return frozenset(pair)


def places(nodes: list[NodeFile]) -> dict[str, tuple[float, float]]:
    """Where each node is drawn; who has no place of its own stands in a row."""
    return {
        node.id: node.place or ((number + 0.5) / len(nodes), 0.5 if len(nodes) < 4 else 0.3 + 0.4 * (number % 2))
        for number, node in enumerate(nodes)
    }


def _names_apart(document: Document, files: list[NodeFile]) -> None:
    """Players mark the next hop by its title or id: no two nodes may be called the same."""
    called: dict[str, str] = {}
    for number, node in enumerate(files):
        for name in {node.id, node.title.casefold()}:
            if name in called:
                there = called[name]
                raise document.error(("nodes", number, "title"), f"{name!r} is the name of {there} too; choose another")
            called[name] = node.id


def _each_its_own(document: Document, addresses: Addresses) -> None:
    seen: dict[IPv4Address, str] = {}
    for number, (id, own) in enumerate(addresses.items()):
        for address in own:
            if address in seen:
                there = seen[address]
                raise document.error(
                    ("nodes", number, "address"), f"'{address}' is there twice: {there} has it; each has its own"
                )
            seen[address] = id


def _interfaces(document: Document, path: Path, node: NodeFile) -> tuple[Interface, ...]:
    texts = [node.address] if isinstance(node.address, str) else node.address
    if not texts:
        raise document.error((*path, "address"), "a node needs an address, like 10.0.1.2")
    return tuple(Interface(f"if{n}", (_interface(document, (*path, "address"), text),)) for n, text in enumerate(texts))


def _interface(document: Document, path: Path, text: str) -> IPv4Interface:
    try:
        return IPv4Interface(text)
    except ValueError:
        raise document.error(
            path, f"{text!r} is not an IPv4 address; write one like 10.0.1.2, or 10.0.1.254/24"
        ) from None


def _node(
    document: Document,
    path: Path,
    node: NodeFile,
    interfaces: tuple[Interface, ...],
    addresses: Addresses,
    links: frozenset[frozenset[str]],
) -> NodeRules:
    routes = routes_of(document, (*path, "routes"), node.id, node.routes, links)
    try:
        its_table = table(interfaces, routes, addresses)
    except ValueError as error:
        raise document.error((*path, "routes"), str(error)) from None
    tasks = [Task(Do.OPEN, _endpoint(document, (*path, "opens", place), text)) for place, text in enumerate(node.opens)]
    for place, task in enumerate(node.tasks):
        tasks.append(_task(document, (*path, "tasks", place), task, tasks))
    return NodeRules(
        node.id,
        node.title,
        interfaces,
        its_table,
        node.router,
        tuple(sorted(node.services.items())),
        tuple(tasks),
        node.silent,
        node.team,
        node.fill_in,
        node.secret,
    )


def routes_of(
    document: Document, path: Path, node: str, routes: dict[str, str], links: frozenset[frozenset[str]]
) -> tuple[tuple[str, str], ...]:
    """The lines of a routing table, each to a neighbour. Raises LessonError."""
    near = sorted(id for pair in links if node in pair for id in pair if id != node)

    def route(line: tuple[str, str]) -> tuple[str, str]:
        prefix, via = line
        try:
            network_of(prefix)
        except ValueError as error:
            raise document.error((*path, prefix), f"{error}; write a network like 10.0.1.0/24, or default") from None
        if via != OWN_WIRES:
            document.one_of((*path, prefix), via, [*near, OWN_WIRES])
        return line

    return tuple(each(routes.items(), route))


def _task(document: Document, path: Path, file: str | TaskFile, before: list[Task]) -> Task:
    opened = next((task.remote for task in reversed(before) if task.do is Do.OPEN), None)
    if isinstance(file, str):
        document.one_of(path, file, ["close"])
    chosen = [] if isinstance(file, str) else [name for name in ("open", "say", "ping", "trace") if getattr(file, name)]
    if not isinstance(file, str) and len(chosen) != 1:
        raise document.error(path, "a task is one of open, say, ping, trace, or the word close")
    if isinstance(file, str) or file.say is not None:
        if opened is None:
            raise document.error(path, "to say or close something, open a connection first: {open: 10.0.1.1:23}")
        if isinstance(file, str):
            return Task(Do.CLOSE, opened)
        return Task(Do.SAY, opened, _octets(document, (*path, "say"), file.say or ""))
    if file.open is not None:
        return Task(Do.OPEN, _endpoint(document, (*path, "open"), file.open), port=file.port)
    if file.ping is not None:
        return Task(Do.PING, Endpoint(address_of(document, (*path, "ping"), file.ping), 0))
    to = file.trace or ""
    remote = _endpoint(document, (*path, "trace"), to) if ":" in to else Endpoint(address_of(document, path, to), 0)
    return Task(Do.TRACE, remote, port=file.port)


def _octets(document: Document, path: Path, text: str) -> bytes:
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        raise document.error(path, f"{text!r} has letters that are more than one byte; write it without them") from None


def address_of(document: Document, path: Path, text: str) -> IPv4Address:
    """The address that stands there; LessonError when it is none."""
    try:
        return IPv4Address(text)
    except ValueError:
        raise document.error(path, f"{text!r} is not an IPv4 address; write one like 10.0.1.2") from None


def _endpoint(document: Document, path: Path, text: str) -> Endpoint:
    address, _, port = text.rpartition(":")
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise document.error(path, f"{text!r} has no port; write ADDRESS:PORT, like 10.0.1.1:23")
    return Endpoint(address_of(document, path, address), int(port))
