// The tab "Understand": the ladder of each exchange, what is behind every connection, and the autopsy of a packet.

import { redraw } from "./controls.js";
import { get } from "./desk.js";
import { element, icon, say } from "./dom.js";
import { ladderOf, rungsOf } from "./ladder.js";
import { t } from "./text.js";
import { symbolOf, wordOf } from "./words.js";

/** Ladders on the left, the card that was asked for on the right. */
export class Understand {
  constructor() {
    this.exchanges = document.getElementById("exchanges");
    this.drawing = document.getElementById("ladder");
    this.rungs = document.getElementById("rungs");
    this.body = document.getElementById("autopsy");
    this.panel = document.getElementById("panel-understand");
    this.chosen = 0;
    this.card = null;
    this.event = 0;
    document.getElementById("find-card").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#open(new FormData(event.target).get("card").trim());
    });
  }

  /** Brings everything up to date with a room. */
  async show(room) {
    this.titleOf = (node) => room.nodes.get(node)?.title ?? node ?? "";
    if (this.panel.hidden || this.event === room.backstage.event) return;
    this.event = room.backstage.event;
    try {
      const { ladders } = await get("/api/ladders");
      this.ladders = ladders;
      this.#draw();
      if (this.card) await this.#open(this.card);
    } catch (error) {
      say(document.getElementById("ladder-empty"), error.message);
    }
  }

  #draw() {
    const { ladders } = this;
    say(document.getElementById("ladder-empty"), ladders.length ? "" : t("understand.empty"));
    const index = Math.min(this.chosen, ladders.length - 1);
    redraw(this.exchanges, [ladders.map((each) => [each.left, each.right, each.states]), index], () =>
      ladders.map((each, n) => this.#exchange(each, n, n === index)),
    );
    const ladder = ladders[index];
    redraw(this.drawing, ladder ?? null, () => (ladder ? [ladderOf(ladder, this.titleOf, (card) => this.#open(card))] : []));
    redraw(this.rungs, ladder ?? null, () => (ladder ? [rungsOf(ladder, this.titleOf, (card) => this.#open(card))] : []));
  }

  #exchange(each, n, is) {
    const ends = [each.left, each.right].map((end) => `${this.titleOf(end.node)} ${end.port ?? ""}`.trim());
    const button = element("button", is ? "is" : "", ends.join(" – "));
    button.type = "button";
    button.setAttribute("aria-pressed", String(is));
    button.addEventListener("click", () => {
      this.chosen = n;
      this.#draw();
    });
    return button;
  }

  async #open(card) {
    this.card = card;
    try {
      const found = await get(`/api/packets/${encodeURIComponent(card)}`);
      redraw(this.body, found, () => [element("h3", "", t("understand.card", { card: found.card })), ...found.lives.map((life, n) => this.#life(life, n))]);
    } catch (error) {
      redraw(this.body, error.message, () => [element("p", "none", error.message)]);
    }
  }

  #life(life, n) {
    const made = element("section", "life");
    if (n) made.append(element("p", "none", t("understand.before", { round: life.round })));
    made.append(element("p", "packet-line", life.said?.text ?? life.label));
    if (life.forged) made.append(element("p", "tag", t("understand.forged")));
    if (life.picture) {
      const picture = element("img", "handwriting");
      picture.src = `/api/teacher/pictures/${life.picture}.png`;
      picture.alt = t("understand.handwriting");
      made.append(picture);
    }
    const hops = element("ol", "trail", "", ...life.hops.map((hop) => this.#hop(hop)));
    made.append(hops);
    if (life.broke) made.append(this.#broke(life.broke));
    return made;
  }

  #hop(hop) {
    const line = element("li", "hop");
    line.dataset.light = hop.verdict;
    const verdict = element("p", "verdict", "", icon(symbolOf(hop.verdict)), element("strong", "", wordOf(hop.verdict)));
    if (hop.node) verdict.append(element("span", "", this.titleOf(hop.node)));
    if (hop.ttl !== null) verdict.append(element("span", "when", `TTL ${hop.ttl}`));
    line.append(verdict, element("p", "", hop.sentence));
    return line;
  }

  #broke(broke) {
    const made = element("section", "broke", "", element("h4", "", t("understand.broke")));
    const rule = element("p", "", broke.sentence);
    if (broke.rfc) rule.append(" ", element("span", "rfc", broke.rfc));
    made.append(rule);
    if (broke.charged) made.append(element("p", "when", t("understand.charged", { node: this.titleOf(broke.charged) })));
    for (const { field, written, should } of broke.differences) {
      made.append(element("p", "difference", t("understand.difference", { field, written: written || "–", should: should || "–" })));
    }
    if (broke.hints) {
      made.append(element("h4", "", t("understand.worked")), element("p", "", broke.hints.answer));
    }
    return made;
  }
}
