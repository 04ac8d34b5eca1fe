// The tab "Debrief": the round as a film, mistakes by kind, ideas that earned a card, goals, and what to take along.

import { redraw } from "./controls.js";
import { get } from "./desk.js";
import { element } from "./dom.js";
import { Film } from "./film.js";
import { t } from "./text.js";

const $ = (id) => document.getElementById(id);

/** What the class talks about afterwards. */
export class Debrief {
  constructor() {
    this.panel = $("panel-debrief");
    this.film = new Film();
    this.round = null;
    this.event = 0;
    $("which-round").addEventListener("change", () => {
      const chosen = Number($("which-round").value);
      this.round = chosen === this.rounds ? null : chosen; // Whoever looks at the newest stays at the newest.
      this.#ask();
    });
    $("capture-node").addEventListener("change", captureOf);
    $("report").addEventListener("click", () => window.print());
  }

  /** Brings everything up to date with a room. */
  show(room) {
    this.room = room;
    this.titleOf = (node) => room.nodes.get(node)?.title ?? node ?? "";
    const nodes = [...room.nodes.values()].map(({ id, title }) => [id, title]);
    redraw($("capture-node"), nodes, () => nodes.map(([id, title]) => Object.assign(element("option", "", title), { value: id })));
    captureOf();
    if (this.name !== room.backstage.name) this.round = null; // Another room has rounds of its own.
    this.name = room.backstage.name;
    if (this.panel.hidden || this.event === room.backstage.event) return;
    this.event = room.backstage.event;
    this.#ask();
  }

  async #ask() {
    const found = await get(`/api/teacher/debrief${this.round ? `?round=${this.round}` : ""}`);
    this.rounds = found.rounds;
    $("report-lesson").textContent = this.room.lesson.title;
    $("report-round").textContent = t("screen.round", { round: found.round });
    $("report-date").textContent = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "long" }).format(new Date());
    redraw($("goals"), found.goals, () => found.goals.map((goal) => this.#goal(goal)));
    redraw($("standing"), found.standing, () => standingOf(found.standing));
    $("figures").textContent = t("debrief.figures", { scans: found.scans, again: found.again });
    redraw($("which-round"), [found.rounds, found.round], () => rounds(found));
    redraw($("mistakes"), found.mistakes, () => this.#listed(found.mistakes.map((each) => this.#mistake(each)), "debrief.no-mistakes"));
    redraw($("hacks"), found.hacks, () => this.#listed(found.hacks.map((each) => this.#hack(each)), "debrief.no-hacks"));
    await this.film.show(found.events, this.room);
  }

  #listed(lines, none) {
    return lines.length ? lines : [element("li", "none", t(none))];
  }

  #goal(goal) {
    const who = goal.reached_by.length ? t("debrief.by", { who: goal.reached_by.map(this.titleOf).join(", ") }) : "";
    return element("li", goal.reached ? "goal done" : "goal", "", element("span", "", goal.text), " ", element("small", "", who));
  }

  #mistake({ sentence, rfc, count, nodes, examples }) {
    const line = element("li", "", "", element("strong", "count", `${count}×`), element("span", "", sentence));
    if (rfc) line.append(" ", element("span", "rfc", rfc));
    const whom = Object.entries(nodes).map(([node, times]) => (times > 1 ? `${this.titleOf(node)} ${times}×` : this.titleOf(node)));
    line.append(element("p", "when", `${whom.join(", ")} · ${examples.join(", ")}`));
    return line;
  }

  #hack({ title, text, nodes }) {
    return element("li", "", "", element("strong", "", title), element("p", "", text), element("p", "when", nodes.map(this.titleOf).join(", ")));
  }
}

/** The link to what one node saw: of each packet one copy, as any capture has it. */
function captureOf() {
  $("capture-at").href = `/export/room.pcapng?at=${encodeURIComponent($("capture-node").value)}`;
}

function rounds({ rounds: count, round }) {
  return Array.from({ length: count }, (_, n) => {
    const option = element("option", "", String(n + 1));
    option.value = n + 1;
    option.selected = n + 1 === round;
    return option;
  });
}

function standingOf(standing) {
  if (!standing.length) return [];
  const row = (cells, tag) => element("tr", "", "", ...cells.map((text) => element(tag, "", String(text))));
  const head = element("thead", "", "", row(["#", t("debrief.team"), t("debrief.points"), t("debrief.time"), t("debrief.total")], "th"));
  const lines = standing.map((each) => row([each.place, each.team, each.points, each.time === null ? "–" : `${Math.round(each.time / 1000)} s`, each.total], "td"));
  return [head, element("tbody", "", "", ...lines)];
}
