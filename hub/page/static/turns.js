// Whose turn it is, for what, and since when: who waits longest stands on top.

import { clock, redraw } from "./controls.js";
import { element } from "./dom.js";
import { t } from "./text.js";

const LONG_MS = 60_000;
const VERY_LONG_MS = 120_000;

/** The list of turns. onChoose(node): somebody wants to see that node. */
export class Turns {
  constructor(onChoose) {
    this.list = document.getElementById("turns");
    this.onChoose = onChoose;
  }

  /** Shows the turns of a room. */
  show({ nodes, backstage }) {
    const rows = backstage.turns.filter((turn) => !turn.optional);
    const key = [rows, backstage.at_ms, [...nodes.values()].map((node) => [node.id, node.title, node.player])];
    redraw(this.list, key, () => (rows.length ? rows.map((row) => this.#row(row, nodes, backstage.at_ms)) : [none()]));
  }

  #row(row, nodes, now) {
    const waits = now - row.since_ms;
    const node = nodes.get(row.node);
    const name = element("strong", "", node?.title ?? row.node);
    const player = element("span", "player", node?.player ?? "");
    const since = element("span", "since", clock(waits));
    since.title = t("teach.since");
    const button = element("button", "turn-row", "", name, player, since, element("span", "what", row.text));
    button.type = "button";
    button.dataset.wait = waits > VERY_LONG_MS ? "very-long" : waits > LONG_MS ? "long" : "short";
    if (row.until_ms !== null) button.append(element("span", "until", t("teach.timer", { time: clock(row.until_ms - now) })));
    if (row.tries) button.append(element("span", "tries", tries(row)));
    button.addEventListener("click", () => this.onChoose(row.node));
    return element("li", "", "", button);
  }
}

function tries({ tries: count, last }) {
  return last ? t("teach.tries-last", { count, last }) : t("teach.tries", { count });
}

function none() {
  return element("li", "none", t("teach.no-turns"));
}
