// The stage: nodes, links and packets, and the order in which a scan is seen: brought, lit, and only then its end.

import { shape } from "./dom.js";
import { arrange, heightOfRow, isRow, stack, wireBetween } from "./geometry.js";
import { Papers } from "./papers.js";
import { Station } from "./station.js";
import { t } from "./text.js";

/** The network of a room. `room`: what holds the stage, and is told the shape of the network. */
export class Stage {
  constructor(room) {
    this.room = room;
    this.element = room.querySelector(".stage");
    this.list = room.querySelector(".nodes");
    this.wires = room.querySelector(".links");
    this.papers = new Papers(room.querySelector(".papers"), room.querySelector(".trails"));
    this.stations = new Map();
    this.links = [];
    this.packets = [];
    this.state = 0;
    new ResizeObserver(() => this.#arrange()).observe(this.element);
  }

  /** What people call a node. */
  titleOf(id) {
    return this.stations.get(id)?.node.title ?? id;
  }

  /** Shows a whole state at once; whatever was still moving is forgotten. */
  begin(state) {
    this.state += 1;
    this.stations.clear();
    this.list.replaceChildren();
    this.links = state.links;
    this.packets = state.packets;
    this.papers.packets = state.packets;
    this.#show(state.nodes);
    this.room.dataset.shape = isRow(state.nodes) ? "row" : "field";
    this.round = state.round;
    const last = state.story.at(-1);
    this.#newest(last?.round === state.round ? last?.node : null);
    this.#expect();
    this.#arrange();
  }

  /**
   * Shows one change. speed: 1 is for watching, more is faster, 0 shows the result at once.
   * lit(): called at the moment when the light comes on.
   */
  async play(change, speed, lit) {
    const { state } = this;
    const { entry } = change;
    const seen = speed > 0 && entry;
    const paper = seen ? await this.papers.arrive(entry, speed) : null;
    if (state !== this.state) return;
    if (change.nodes) this.#show(change.nodes);
    if (change.round && change.round !== this.round) this.#newest(null);
    this.round = change.round ?? this.round;
    if (entry) this.#newest(entry.node);
    if (seen) this.stations.get(entry.node)?.flash();
    if (change.packets) this.packets = merged(this.packets, change.packets);
    this.#expect();
    lit();
    if (paper) await this.papers.become(entry.verdict, paper, speed);
    if (state !== this.state) return;
    if (speed > 0) await this.papers.settle(this.packets, speed);
    else this.papers.begin(this.packets);
  }

  #show(nodes) {
    const before = this.stations.size;
    for (const node of nodes) {
      if (!this.stations.has(node.id)) {
        const station = new Station(node.id);
        this.stations.set(node.id, station);
        this.list.append(station.element);
      }
      this.stations.get(node.id).show(node);
    }
    if (before && this.stations.size > before) this.#arrange();
  }

  #newest(id) {
    for (const [each, station] of this.stations) station.newest(each === id);
  }

  #expect() {
    for (const [id, station] of this.stations) {
      station.expect(this.packets.filter((packet) => packet.to === id).map((packet) => packet.label).reduce(both, ""));
    }
  }

  #arrange() {
    if (!this.stations.size) return;
    const nodes = [...this.stations.values()].map((station) => station.node);
    const width = this.element.clientWidth;
    const stacked = getComputedStyle(this.element).getPropertyValue("--stacked") === "1"; // As the layout of the page has it.
    this.room.classList.toggle("stacked", stacked);
    if (!stacked && isRow(nodes)) this.room.style.setProperty("--row", `${Math.ceil(heightOfRow(nodes, this.links, width))}px`);
    const plan = stacked ? stack(nodes, width) : arrange(nodes, this.links, width, this.element.clientHeight);
    this.element.style.setProperty("--em", `${plan.em}px`);
    this.element.classList.toggle("small", plan.small);
    for (const station of this.stations.values()) station.small(plan.small);
    this.list.style.height = stacked ? `${plan.height}px` : "";
    for (const [id, box] of plan.boxes) {
      const { style } = this.stations.get(id).element;
      style.left = `${box.left}px`;
      style.top = `${box.top}px`;
      style.width = `${box.width}px`;
      style.setProperty("--room-left", `${box.roomLeft}px`);
      style.setProperty("--room-right", `${box.roomRight}px`);
    }
    this.#wire(plan);
    this.papers.arrange(plan, this.links);
  }

  #wire({ boxes, em }) {
    this.wires.replaceChildren();
    for (const [a, b] of this.links) {
      if (!boxes.has(a) || !boxes.has(b)) continue;
      const wire = wireBetween(boxes.get(a), boxes.get(b));
      this.wires.append(
        shape("line", { "class": "wire", ...wire }),
        shape("circle", { "class": "plug", cx: wire.x1, cy: wire.y1, r: em * 0.42 }),
        shape("circle", { "class": "plug", cx: wire.x2, cy: wire.y2, r: em * 0.42 }),
      );
    }
  }
}

/** "SYN and RST". */
function both(one, other) {
  return one ? t("screen.and", { one, other }) : other;
}

/** The packets on their way, after some have changed; one that goes nowhere any more has ended its way. */
function merged(packets, changed) {
  const cards = new Set(changed.map((packet) => packet.card));
  return [...packets.filter((packet) => !cards.has(packet.card)), ...changed.filter((packet) => packet.to)];
}
