// One node: who plays it, its connections, its table, and what a teacher can do for whoever plays it.

import { button, choice, redraw } from "./controls.js";
import { command, order } from "./desk.js";
import { element } from "./dom.js";
import { t } from "./text.js";

const HELD = ":hover, :has(:focus-visible, input:focus, select:focus)"; // A button that was clicked keeps the focus, too.

/**
 * The panel of the node that was chosen last; as long as none was, of the one that has waited longest. It does not turn
 * to another while somebody points at it, or has the focus in it.
 */
export class NodePanel {
  constructor() {
    this.box = document.getElementById("node-box");
    this.title = document.getElementById("node-title");
    this.body = document.getElementById("node-panel");
    this.table = document.getElementById("node-table");
    this.chosen = null;
    this.shown = null;
    this.room = null;
    this.box.addEventListener("pointerleave", () => this.room && this.show(this.room));
  }

  /** Shows another node from now on; null: the one whose turn it is. */
  choose(node) {
    this.chosen = node;
    this.shown = null;
    if (this.room) this.show(this.room);
  }

  #which({ nodes, backstage }) {
    const held = this.box.matches(HELD);
    const turn = backstage.turns.find((each) => !each.optional)?.node;
    return nodes.get(this.chosen) ?? (held ? nodes.get(this.shown) : null) ?? nodes.get(turn) ?? nodes.get(this.shown) ?? [...nodes.values()][0];
  }

  /** Shows the node as it is now. */
  show(room) {
    this.room = room;
    if (this.name !== room.backstage.name) this.chosen = null; // Another room.
    this.name = room.backstage.name;
    const node = this.#which(room);
    if (!node) return;
    this.shown = node.id;
    for (const each of document.querySelectorAll("#room .node")) each.classList.toggle("chosen", each.dataset.node === node.id);
    this.title.textContent = [node.title, node.address, node.player].filter(Boolean).join(" · ");
    const engine = room.backstage.engines.includes(node.id);
    const table = room.backstage.tables.find((each) => each.node === node.id);
    const can = { help: room.backstage.helpable.includes(node.id), play: room.backstage.playable.includes(node.id) };
    const key = [node.id, node.title, node.connections, node.listening, node.badge, engine, [...room.nodes.keys()], can, this.chosen];
    redraw(this.body, key, () => [this.#help(node, can.help), this.#mend(node, room, engine, can.play), ...connections(node), ...this.#follow()]);
    // By itself: what is being edited stays until the table changes.
    redraw(this.table, [node.id, table], () => (table ? [tableOf(table, room)] : []));
  }

  #help(node, can) {
    const steps = ["hint-0", "hint-1", "hint-2"].map((key, step) =>
      enabled(can, button(t(`teach.${key}`), () => order({ do: "hint", node: node.id, step }))),
    );
    const why = can ? [] : [element("p", "cannot", t(node.badge ? "teach.no-hint" : "teach.no-reader-of-hint"))];
    return group(t("teach.hints", { node: node.title }), ...steps, ...why);
  }

  /** The way back to whoever's turn it is, for whoever has chosen a node. */
  #follow() {
    return this.chosen ? [element("p", "follow", "", button(t("teach.follow"), () => this.choose(null)))] : [];
  }

  #mend(node, room, engine, can) {
    const peers = [...room.nodes.values()].filter((each) => each.id !== node.id && each.kind !== "router");
    const { select, field } = choice(t("teach.restart-with"), peers.map((each) => [each.id, each.title]));
    const named = (key) => t(`teach.${key}`, { node: node.title });
    const buttons = [
      enabled(can, button(named("play"), () => command(`play ${node.id}`))),
      button(named("undo"), () => command(`undo ${node.id}`)),
      button(named("redo"), () => command(`redo ${node.id}`)),
      button(named("forgive"), () => command(`forgive ${node.id}`)),
      button(named(engine ? "people" : "engine"), () => command(`${engine ? "people" : "engine"} ${node.id}`)),
    ];
    const restart = node.kind === "router" || !peers.length ? [] : [
      element("div", "row", "", field, button(named("restart"), () => command(`restart ${node.id} ${select.value}`))),
    ];
    return group(named("mend"), ...buttons, ...restart);
  }
}

/** A button that cannot be pressed when nothing would come of it. */
function enabled(can, made) {
  made.disabled = !can;
  return made;
}

function group(title, ...children) {
  const made = element("fieldset", "group", "", element("legend", "", title), element("div", "buttons", "", ...children));
  return made;
}

function connections(node) {
  const rows = node.connections.map((each) => [each.local, each.remote, each.state]);
  for (const port of node.listening) rows.push([`*:${port}`, "", "LISTEN"]);
  if (!rows.length) return [];
  const body = element("tbody", "", "", ...rows.map((row) => element("tr", "", "", ...row.map((text) => element("td", "", text)))));
  const head = ["local", "remote", "state"].map((key) => element("th", "", t(`teach.${key}`)));
  return [element("table", "sockets-table", "", element("thead", "", "", element("tr", "", "", ...head)), body)];
}

/** A routing table that can be edited, line by line. */
function tableOf({ node, lines: routes, solution }, room) {
  const lines = element("div", "routes");
  const near = [...room.nodes.values()].filter((each) => room.links.some((link) => link.includes(node) && link.includes(each.id) && each.id !== node));
  const add = ([network, via]) => {
    const prefix = element("input");
    prefix.value = network;
    prefix.setAttribute("aria-label", t("teach.network"));
    const options = [["link", t("teach.own-wire")], ...near.map((each) => [each.id, each.title])];
    const { select } = choice("", options, via);
    select.setAttribute("aria-label", t("teach.next-hop"));
    const line = element("div", "row route", "", prefix, element("span", "", "→"), select);
    const remove = button("×", () => line.remove());
    remove.setAttribute("aria-label", t("teach.remove-line"));
    line.append(remove);
    lines.append(line);
  };
  routes.forEach(add);
  const save = button(t("teach.save-table"), () => {
    const rows = [...lines.children].map((line) => [line.querySelector("input").value.trim(), line.querySelector("select").value]);
    return order({ do: "table", node, routes: rows.filter(([network]) => network) });
  });
  const more = button(t("teach.add-line"), () => add(["", "link"]));
  const right = JSON.stringify(routes) === JSON.stringify(solution) ? [] : [button(t("teach.fill-table"), () => command(`fill ${node}`))];
  const made = element("fieldset", "group", "", element("legend", "", t("teach.table")), lines, element("div", "buttons", "", more, save, ...right));
  return made;
}
