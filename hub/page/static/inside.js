// Inside a node: the variables of each connection as RFC 9293 calls them, its queue, and timers that drain.

import { clock, redraw } from "./controls.js";
import { get } from "./desk.js";
import { element } from "./dom.js";
import { t } from "./text.js";

const VARIABLES = [
  ["SND.UNA", "snd_una"], ["SND.NXT", "snd_nxt"], ["SND.WND", "snd_wnd"], ["ISS", "iss"],
  ["RCV.NXT", "rcv_nxt"], ["RCV.WND", "rcv_wnd"], ["IRS", "irs"],
];

/** The node that was chosen, opened. */
export class Inside {
  constructor() {
    this.select = document.getElementById("inside-node");
    this.body = document.getElementById("inside");
    this.select.addEventListener("change", () => this.#ask());
  }

  /** Brings it up to date with a room. */
  show(room) {
    redraw(this.select, [...room.nodes.values()].map((node) => [node.id, node.title]), () =>
      [...room.nodes.values()].map((node) => {
        const option = element("option", "", node.title);
        option.value = node.id;
        return option;
      }),
    );
    if (!document.getElementById("panel-understand").hidden) this.#ask();
  }

  async #ask() {
    try {
      const found = await get(`/api/teacher/inside/${this.select.value}`);
      redraw(this.body, found, () => (found.connections ? hostOf(found) : routerOf(found)));
    } catch (error) {
      redraw(this.body, error.message, () => [element("p", "none", error.message)]);
    }
  }
}

function hostOf({ at_ms, connections, listening }) {
  const ports = listening.map((each) => [each.port, each.service].filter(Boolean).join(" ")).join(", ");
  const lines = connections.map((each) => connectionOf(each, at_ms));
  if (ports) lines.push(element("p", "", t("understand.listens", { ports })));
  return lines.length ? lines : [element("p", "none", t("screen.closed"))];
}

function connectionOf(connection, now) {
  const made = element("section", "life", "", element("h3", "", `${connection.remote} · ${connection.state}`));
  const rows = VARIABLES.filter(([, name]) => connection[name] !== null).map(([label, name]) => {
    const value = connection[name];
    const text = typeof value === "number" ? value : value.paper === value.engine ? value.engine : `${value.paper ?? "–"} (${value.engine})`;
    return element("div", "", "", element("dt", "", label), element("dd", "", String(text)));
  });
  made.append(element("dl", "variables", "", ...rows));
  for (const timer of connection.timers) made.append(timerOf(timer, now));
  for (const each of connection.unacknowledged) {
    made.append(element("p", "when", t("understand.unacknowledged", { what: each.what === "data" ? t("screen.data") : each.what, seq: each.seq.paper ?? each.seq.engine, text: each.text })));
  }
  return made;
}

function timerOf({ kind, for_ms, due_ms }, now) {
  const left = Math.max(0, due_ms - now);
  const bar = element("progress");
  bar.max = for_ms;
  bar.value = left;
  return element("label", "timer", "", element("span", "", t(`inside.${kind}`, { time: clock(left) })), bar);
}

function routerOf({ table, forwards }) {
  const rows = table.map((route) => element("tr", "", "", element("td", "", route.prefix), element("td", "", route.via)));
  const made = [element("table", "sockets-table", "", element("tbody", "", "", ...rows))];
  for (const each of forwards) made.push(element("p", "when", each.text));
  return made;
}
