// The packets as pieces of paper: carried along the links, waiting on the way, and what becomes of them.

import { element, shape } from "./dom.js";
import { detour, dock, waitingPlaces } from "./geometry.js";
import { isStill, move, pause } from "./motion.js";
import { t } from "./text.js";

const MS = { carry: 900, leave: 750, enter: 450, fall: 800, tear: 800, shake: 600, look: 350, vanish: 200 };
const MANY = 8; // More letters than this do not fit beside the folded corner.

/** All packets that are on their way. `layer` holds the papers, `trails` (an SVG) the ways they were flown. */
export class Papers {
  constructor(layer, trails) {
    this.layer = layer;
    this.trails = trails;
    this.papers = new Map();
    this.packets = [];
    this.plan = null;
  }

  /** Takes the arrangement of the stage, and which nodes are neighbours; everything jumps to its new place. */
  arrange(plan, links) {
    this.plan = plan;
    this.links = new Set(links.flatMap(([a, b]) => [`${a} ${b}`, `${b} ${a}`]));
    this.begin(this.packets);
  }

  /** Shows these packets where they wait, without a movement. */
  begin(packets) {
    this.packets = packets;
    this.layer.replaceChildren();
    this.trails.replaceChildren();
    this.papers.clear();
    for (const [key, { packet, place }] of this.#waiting(packets)) this.#lay(key, packet, place);
  }

  /**
   * A scan, up to the moment before the light: the packet is brought to the node that looks at it.
   * Returns its paper, or null when none is seen (a packet that only now gets into the world).
   */
  async arrive(entry, speed) {
    const box = this.plan.boxes.get(entry.node);
    if (!box || !entry.packet) return null;
    const end = dock(box, this.plan.em);
    const known = this.papers.get(`${entry.card} 0`);
    if (entry.verdict === "sent" && !entry.from) return null;
    const start = this.plan.boxes.get(entry.from);
    const paper = known ?? this.#lay(`${entry.card} 0`, paperOf(entry), start ? dock(start, this.plan.em) : end);
    paper.element.classList.add("carried");
    if (start && start !== box) await this.#carry(paper, start, box, end, MS.carry / speed);
    else await this.#glide(paper, end, known ? MS.carry / speed : 0);
    await pause(MS.look / speed);
    return paper;
  }

  /** A scan, after the light: what becomes of the paper. */
  async become(verdict, paper, speed) {
    const { x, y } = paper.place;
    const { em } = this.plan;
    paper.element.classList.remove("carried");
    if (verdict === "delivered") {
      await move(paper.element, [at(x, y), at(x, y + 2 * em, 0.15, 0, 0)], MS.enter / speed, "ease-in");
    } else if (verdict === "dropped") {
      paper.element.classList.add("falling");
      await move(paper.element, [at(x, y), at(x + em, y - em, 1, 6), at(x + 2.5 * em, y + 15 * em, 0.9, 55, 0)], MS.fall / speed, "ease-in");
    } else if (verdict === "rst") {
      await this.#tear(paper, MS.tear / speed);
    } else if (verdict === "stopped") {
      paper.element.classList.add("refused");
      const shake = [0, -1, 1, -1, 1, -0.6, 0].map((aside) => at(x + aside * 0.6 * em, y));
      await move(paper.element, shake, MS.shake / speed);
      paper.element.classList.remove("refused");
    }
    if (verdict === "delivered" || verdict === "dropped" || verdict === "rst") this.#remove(paper);
  }

  /** Brings everything to where the hub says it is: new papers leave their node, others move on, the rest goes. */
  async settle(packets, speed) {
    this.packets = packets;
    const waiting = this.#waiting(packets);
    const moves = [];
    for (const paper of [...this.papers.values()]) {
      if (waiting.has(paper.key)) continue;
      this.papers.delete(paper.key);
      moves.push(move(paper.element, [{ opacity: 1 }, { opacity: 0 }], MS.vanish / speed).then(() => paper.element.remove()));
    }
    for (const [key, { packet, place }] of waiting) {
      const known = this.papers.get(key);
      known?.write(packet);
      const paper = known ?? this.#lay(key, packet, dock(this.plan.boxes.get(packet.at), this.plan.em), 0.3);
      paper.element.classList.remove("carried");
      moves.push(this.#glide(paper, place, MS.leave / speed, known ? 1 : 0.3));
    }
    await Promise.all(moves);
  }

  #waiting(packets) {
    const { boxes } = this.plan;
    const known = packets.filter((packet) => boxes.has(packet.at));
    const places = waitingPlaces(known.map(({ at: from, to }) => ({ from: boxes.get(from), to: boxes.get(to) })), this.plan);
    const cards = new Map();
    return new Map(known.map((packet, n) => [`${packet.card} ${next(cards, packet.card)}`, { packet, place: places[n] }]));
  }

  #lay(key, packet, place, size = 1) {
    const paper = new Paper(key, packet, place);
    Object.assign(paper.element.style, at(place.x, place.y, size));
    stack(paper);
    this.papers.set(key, paper);
    this.layer.append(paper.element);
    return paper;
  }

  async #glide(paper, place, ms, size = 1) {
    const { x, y } = paper.place;
    paper.place = place;
    stack(paper);
    if (size === 1 && Math.hypot(place.x - x, place.y - y) < 1) return;
    await move(paper.element, [at(x, y, size), at(place.x, place.y)], ms);
  }

  /** Along the link when there is one; else past everything, on a way that no network has. */
  async #carry(paper, from, to, end, ms) {
    if (this.links.has(`${from.id} ${to.id}`)) {
      await this.#glide(paper, end, ms);
      return;
    }
    const start = paper.place;
    const top = detour(start, end, this.plan.em);
    const control = { x: 2 * top.x - (start.x + end.x) / 2, y: 2 * top.y - (start.y + end.y) / 2 };
    const trail = shape("path", { "class": "detour", d: `M${start.x} ${start.y} Q${control.x} ${control.y} ${end.x} ${end.y}` });
    this.trails.append(trail);
    const steps = Array.from({ length: 13 }, (_, n) => {
      const t = n / 12;
      const along = (axis) => (1 - t) ** 2 * start[axis] + 2 * t * (1 - t) * control[axis] + t ** 2 * end[axis];
      return at(along("x"), along("y"), 1, 8 * Math.sin(Math.PI * 2 * t));
    });
    paper.place = end;
    await move(paper.element, steps, ms * 1.6, "linear");
    move(trail, [{ opacity: 1 }, { opacity: 1, offset: 0.6 }, { opacity: 0 }], isStill() ? 0 : 2200).then(() => trail.remove());
  }

  async #tear(paper, ms) {
    const { x, y } = paper.place;
    const { em } = this.plan;
    const halves = ["left", "right"].map((side) => {
      const half = paper.element.cloneNode(true);
      half.classList.add("torn", side);
      this.layer.append(half);
      return half;
    });
    paper.element.style.visibility = "hidden";
    await Promise.all(halves.map((half, n) => {
      const way = n === 0 ? -1 : 1;
      const frames = [at(x, y), at(x, y, 1.08), at(x + way * 0.5 * em, y, 1, way * 5), at(x + way * 3 * em, y + 5 * em, 0.9, way * 40, 0)];
      return move(half, frames, ms, "ease-in");
    }));
    for (const half of halves) half.remove();
  }

  #remove(paper) {
    paper.element.remove();
    if (this.papers.get(paper.key) === paper) this.papers.delete(paper.key);
  }
}

class Paper {
  constructor(key, packet, place) {
    this.key = key;
    this.place = place;
    this.element = element("div", "paper");
    this.write(packet);
  }

  write(packet) {
    const numbers = packet.text.match(/\b(?:seq|ack)=\d+/g) ?? [];
    const payload = packet.text.match(/data="((?:[^"\\]|\\.)+)"/)?.[1] ?? "";
    const below = payload ? `“${payload}”` : packet.text.match(/> (\S+)/)?.[1] ?? "";
    this.element.replaceChildren(
      labelOf(packet.label || "–"),
      element("span", "numbers", numbers.join(" ").replaceAll("=", " ")),
      element("span", payload ? "payload" : "to", below),
    );
  }
}

/** The flags; many of them are written smaller, and may go on in a second line after a comma. */
function labelOf(text) {
  const many = text.length > MANY;
  return element("span", many ? "label many" : "label", many ? text.replaceAll(",", ",\u200b") : text);
}

/** A packet that the hub does not list (it was stopped, or is dropped at once), as its scan tells it. */
function paperOf(entry) {
  return { label: entry.packet.flags?.join(",") || t("screen.data"), text: entry.packet.text ?? "" };
}

function at(x, y, size = 1, turn = 0, opacity = 1) {
  return { transform: `translate(${Math.round(x)}px, ${Math.round(y)}px) translate(-50%, -50%) rotate(${turn}deg) scale(${size})`, opacity: String(opacity) };
}

/** Puts a paper in front of those that lie higher, whose flags are then still seen. */
function stack(paper) {
  paper.element.style.setProperty("--depth", Math.round(paper.place.y));
}

function next(counts, key) {
  const count = counts.get(key) ?? 0;
  counts.set(key, count + 1);
  return count;
}
