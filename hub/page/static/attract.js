// While nobody plays: how to begin, large, and a card that walks through a handshake by itself to show what happens.

import { element, icon, shape } from "./dom.js";
import { isStill, move, pause } from "./motion.js";
import { kindOf } from "./station.js";
import { t } from "./text.js";
import { symbolOf, wordOf } from "./words.js";

const MS = { hop: 1000, look: 650, appear: 450, vanish: 350, done: 2600, again: 900, calm: 1000 };
const HOP = 11; // How high the card hops, and how far above a node it stops, in the units of attract.css.
const DOCK = 14;
const STEPS = 8; // Keyframes of a hop.
/** A handshake: what the card says, and whether it goes the way back. */
const FLIGHTS = [["SYN", false], ["SYN,ACK", true], ["ACK", false]];

/** The poster in the element `attract`. */
export class Attract {
  constructor() {
    this.element = document.getElementById("attract");
    this.begin = document.getElementById("attract-begin");
    this.nodes = document.getElementById("attract-nodes");
    this.wires = document.getElementById("attract-wires");
    this.ghost = document.getElementById("attract-ghost");
    this.label = this.ghost.querySelector(".label");
    this.places = new Map();
    this.walk = 0;
  }

  /** Takes the network of a room: its nodes and wires. */
  draw({ lesson, nodes, links }) {
    const flat = nodes.every((node) => Math.abs(node.y - nodes[0].y) < 0.1);
    this.places = new Map(nodes.map((node) => [node.id, { x: node.x * 100, y: flat ? 50 : node.y * 100, element: figureOf(node) }]));
    this.way = wayOf(nodes, links);
    const start = this.way[0];
    this.begin.replaceChildren(...(start ? chipped(t("screen.attract-begin", { card: FLIGHTS[0][0], node: titleOf(nodes, start) }), FLIGHTS[0][0]) : [lesson.goal]));
    this.wires.replaceChildren(...links.map(([a, b]) => wire(this.places.get(a), this.places.get(b))));
    for (const [id, { x, y, element: figure }] of this.places) {
      Object.assign(figure.style, { left: `${x}%`, top: `${y}%` });
      if (id === start) figure.append(element("span", "here", t("screen.attract-here")));
      figure.classList.toggle("start", id === start);
    }
    this.nodes.replaceChildren(...[...this.places.values()].map((place) => place.element));
    this.ghost.hidden = !start;
    this.walk += 1;
    if (this.element.hidden) this.#rest();
    else this.#show(this.walk);
  }

  /** Shows it, or takes it away at once. */
  toggle(on) {
    if (this.element.hidden !== on) return;
    this.element.hidden = !on;
    document.body.classList.toggle("attracting", on);
    this.walk += 1;
    if (on) this.#show(this.walk);
  }

  async #show(walk) {
    while (walk === this.walk) {
      this.#rest();
      if (isStill() || !this.way.length) {
        await new Promise((resolve) => setTimeout(resolve, MS.calm));
        continue;
      }
      for (const [label, back] of FLIGHTS) {
        if (walk === this.walk && !isStill()) await this.#fly(walk, label, back ? this.way.toReversed() : this.way, back);
      }
      if (walk !== this.walk || isStill()) continue;
      this.element.classList.add("connected");
      await pause(MS.done);
      this.element.classList.remove("connected");
      await pause(MS.again);
    }
  }

  /** One packet goes its way, and each node lights up. */
  async #fly(walk, label, way, back) {
    this.label.textContent = label;
    const [first, ...others] = way;
    const start = this.places.get(first);
    await move(this.ghost, [at(start, 0, 0.3, 0), at(start)], MS.appear, "ease-out");
    if (!back) this.#light(first, "sent");
    await pause(MS.look);
    let here = start;
    for (const id of others) {
      if (walk !== this.walk) return;
      const there = this.places.get(id);
      await move(this.ghost, hop(here, there), MS.hop);
      if (walk !== this.walk) return;
      this.#light(id, id === way.at(-1) ? "delivered" : "forwarded");
      await pause(MS.look);
      here = there;
    }
    await move(this.ghost, [at(here), at(here, 0, 0.2, 0)], MS.vanish, "ease-in");
  }

  /** Only this node is lit. */
  #light(id, word) {
    for (const [each, place] of this.places) light(place.element, each === id ? word : "");
  }

  /** The picture for those who want nothing to move: the first card lies where it is shown first. */
  #rest() {
    this.#light(null, "");
    this.element.classList.remove("connected");
    const start = this.places.get(this.way[0]);
    this.label.textContent = FLIGHTS[0][0];
    if (start) Object.assign(this.ghost.style, at(start));
  }
}

function figureOf(node) {
  const figure = element("li", "attract-node", "", element("span", "disc", "", icon(`kind-${kindOf(node)}`)), element("strong", "", node.title), element("span", "said"));
  light(figure, "");
  return figure;
}

function light(figure, word) {
  figure.classList.toggle("lit", Boolean(word));
  figure.dataset.light = word || "ready";
  figure.querySelector(".said").replaceChildren(...(word ? [icon(symbolOf(word)), wordOf(word)] : []));
}

function wire(a, b) {
  return shape("line", { x1: `${a.x}%`, y1: `${a.y}%`, x2: `${b.x}%`, y2: `${b.y}%` });
}

/** The way of a handshake: from the first host that serves nobody to the nearest that does; empty when there is none. */
function wayOf(nodes, links) {
  const kinds = new Map(nodes.map((node) => [node.id, kindOf(node)]));
  for (const start of nodes.filter((node) => kinds.get(node.id) === "client")) {
    const ways = [[start.id]];
    const seen = new Set([start.id]);
    for (const way of ways) {
      const here = way.at(-1);
      if (kinds.get(here) === "server") return way;
      for (const next of links.filter((link) => link.includes(here)).map(([a, b]) => (a === here ? b : a))) {
        if (seen.has(next)) continue;
        seen.add(next);
        ways.push([...way, next]);
      }
    }
  }
  return [];
}

function titleOf(nodes, id) {
  return nodes.find((node) => node.id === id).title;
}

/** A text in which the name of a card looks like one. */
function chipped(text, card) {
  const [before, ...after] = text.split(card);
  return after.length ? [before, element("span", "chip", card), after.join(card)] : [text];
}

function at({ x, y }, up = 0, size = 1, opacity = 1) {
  return {
    left: `${x}%`,
    top: `${y}%`,
    transform: `translate(-50%, -50%) translateY(calc(var(--u) * ${-(DOCK + up)})) scale(${size})`,
    opacity: String(opacity),
  };
}

/** From one place to another, in a hop. */
function hop(from, to) {
  return Array.from({ length: STEPS + 1 }, (_, n) => {
    const part = n / STEPS;
    const along = { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part };
    return { ...at(along, HOP * 4 * part * (1 - part)), easing: "linear" };
  });
}
