// A station: one node on the stage, with what its badge shows, its connections and the sentence under it.

import { element, icon, say } from "./dom.js";
import { move } from "./motion.js";
import { t } from "./text.js";
import { LAMPS, adviceOf, nameOf, symbolOf, wordOf } from "./words.js";

const SOCKETS = 3;
const SOCKETS_SMALL = 2;

/** The element of one node; `show` brings it up to date, `expect` says which packet it should scan next. */
export class Station {
  constructor(id) {
    this.node = null;
    this.most = SOCKETS;
    this.element = element("li", "node");
    this.element.dataset.node = id;
    this.ribbon = element("p", "ribbon");
    this.kind = element("span", "kind");
    this.title = element("h3");
    this.address = element("p", "address");
    this.badge = element("p", "badge");
    this.sockets = element("ul", "sockets");
    this.lamps = element("div", "lamps");
    this.lamps.setAttribute("aria-hidden", "true");
    this.lamps.append(...LAMPS.map(lampOf));
    this.status = element("p", "status");
    this.sentence = element("p", "sentence");
    const names = element("div", "names", "", this.title, this.address);
    const head = element("div", "head", "", this.kind, names, this.badge);
    this.device = element("div", "device", "", this.status, this.lamps);
    const card = element("div", "station", "", head, this.sockets, this.device);
    this.element.append(this.ribbon, card, this.sentence);
  }

  /** Shows a node as the hub describes it. */
  show(node) {
    this.node = node;
    this.title.textContent = node.title;
    this.address.textContent = node.address;
    this.kind.replaceChildren(icon(`kind-${kindOf(node)}`));
    this.element.classList.toggle("offline", Boolean(node.badge) && !node.online);
    say(this.badge, node.badge ? (node.online ? nameOf(node.badge) : t("screen.offline", { badge: shortOf(node.badge) })) : "");
    this.badge.title = node.badge ? t("screen.badge-title", { node: node.title, badge: node.badge }) : "";
    this.sockets.replaceChildren(...socketsOf(node, this.most));
    this.#light(node);
    say(this.sentence, node.sentence);
    this.sentence.classList.toggle("long", (node.sentence ?? "").length > 110);
    this.#ribbon("");
  }

  /** Marks the node as the next one to scan a packet with this label; an empty label takes the mark away. */
  expect(label) {
    this.#ribbon(label);
  }

  /** Whether there is room for a few lines only. */
  small(is) {
    this.most = is ? SOCKETS_SMALL : SOCKETS;
    if (this.node) this.sockets.replaceChildren(...socketsOf(this.node, this.most));
  }

  /** Marks the node whose scan is the newest. */
  newest(is) {
    this.element.classList.toggle("newest", is);
  }

  /** Makes the light seen to come on, even when it says the same as before. */
  flash() {
    move(this.device, [{ filter: "brightness(2.4)" }, { filter: "none" }], 600, "ease-out");
  }

  #light(node) {
    const light = node.light ?? "ready";
    this.element.dataset.light = light;
    for (const lamp of this.lamps.children) lamp.classList.toggle("lit", lamp.dataset.lamp === light);
    this.status.replaceChildren(icon(symbolOf(light)), element("span", "word", node.light ? wordOf(light) : idleWord(node)));
    const advice = adviceOf(node.key);
    if (advice) this.status.append(element("span", "key", advice));
  }

  #ribbon(expected) {
    const turn = this.node?.turn;
    this.element.classList.toggle("turn", Boolean(turn));
    this.element.classList.toggle("expecting", !turn && Boolean(expected));
    this.ribbon.replaceChildren();
    if (turn) this.ribbon.append(element("span", "call", "", icon("light-your-turn"), element("strong", "", t("screen.your-turn")), element("span", "what", turn)));
    else if (expected) this.ribbon.append(element("span", "", t("screen.next", { what: expected })));
  }
}

/** A badge by its name alone; a phone, whose name nobody knows, as what it is. */
function shortOf(badge) {
  return badge.startsWith("phone-") ? nameOf(badge) : badge;
}

/** What a node is drawn as: `router`, `server` or `client`. */
export function kindOf(node) {
  if (node.kind === "router") return "router";
  return node.services.length || node.listening.length ? "server" : "client";
}

/** What a badge says that has shown no light yet; `ready` only when it is there. */
function idleWord(node) {
  if (!node.badge) return t("screen.no-badge");
  return node.online ? wordOf("ready") : t("screen.badge-off");
}

function lampOf(light) {
  const lamp = element("span", "lamp", "", icon(symbolOf(light)), element("span", "name", wordOf(light)));
  lamp.dataset.lamp = light;
  return lamp;
}

function socketsOf(node, most) {
  if (node.kind === "router") return [element("li", "", t("screen.carries"))];
  const names = new Map(node.services.map((service) => [service.port, service.name]));
  const listening = node.listening.map((port) => socket([port, names.get(port)].filter(Boolean).join(" "), "LISTEN"));
  const connections = node.connections.map((connection) => socket(connection.remote, connection.state));
  const all = [...connections, ...listening];
  if (!all.length) return [socket(t("screen.closed"), "CLOSED")];
  const count = all.length + (node.more ?? 0);
  const shown = all.slice(0, count > most ? most - 1 : most);
  if (shown.length < count) shown.push(element("li", "more", t("screen.more", { count: count - shown.length })));
  return shown;
}

function socket(what, state) {
  const line = element("li", "", "", element("span", "what", what), element("span", "state", state));
  line.dataset.state = state;
  return line;
}
