// Beside the network: what is to be reached, how the teams stand, and the ladder of the exchange that moved last.

import { element } from "./dom.js";
import { ladderOf } from "./ladder.js";
import { t } from "./text.js";

const SOON_MS = 300;
const NARROW = 400; // Of a ladder in a column: so it can be read from the last row.
const WIDE = matchMedia("(min-width: 1500px)"); // Only there is room for a ladder.

/** Goals, teams, ladder and countdown. titleOf(node): what people call a node. */
export class Side {
  constructor(titleOf) {
    this.titleOf = titleOf;
    this.asking = 0;
    this.counting = 0;
  }

  /** Shows as much of it as `news` says. */
  tell(news) {
    if (news.goals) this.#goals(news.goals);
    if (news.standing) this.#teams(news.standing);
    if ("questions" in news) this.#asked(news.questions);
    if ("pace" in news) document.getElementById("paused").hidden = news.pace !== 0;
    if (news.entry || news.nodes) this.#askLadder();
  }

  /** Counts down to the start of a round; null: nobody counts. */
  countDown(seconds) {
    clearInterval(this.counting);
    const shown = document.getElementById("countdown");
    shown.hidden = !seconds;
    if (!seconds) return;
    const end = performance.now() + seconds * 1000;
    const show = () => {
      const left = Math.ceil((end - performance.now()) / 1000);
      shown.textContent = left > 0 ? String(left) : t("screen.go");
      if (left < -1) this.countDown(null);
    };
    show();
    this.counting = setInterval(show, 200);
  }

  #goals(goals) {
    document.getElementById("goals-box").hidden = !goals.length;
    const lines = goals.map((goal) => {
      const line = element("li", goal.reached ? "goal done" : "goal", goal.text);
      if (goal.earners.length > 1) line.append(" ", element("small", "", `${goal.reached_by.length}/${goal.earners.length}`));
      return line;
    });
    document.getElementById("goals").replaceChildren(...lines);
  }

  #asked(asked) {
    document.getElementById("asking-box").hidden = !asked?.open;
    document.getElementById("asking").textContent = asked?.open ? t("questions.on-phones", { count: asked.answers }) : "";
  }

  #teams(standing) {
    document.getElementById("board").hidden = !standing.length;
    const lines = standing.map((each) => {
      const time = each.time === null ? "" : t("screen.time-of-team", { seconds: Math.round(each.time / 1000) });
      return element("li", "", "", element("strong", "", `${each.place}. ${each.team}`), element("span", "", String(each.points)), element("small", "", time));
    });
    document.getElementById("teams").replaceChildren(...lines);
  }

  #askLadder() {
    if (!WIDE.matches) return;
    clearTimeout(this.asking);
    this.asking = setTimeout(() => this.#ladder(), SOON_MS);
  }

  async #ladder() {
    let ladders = [];
    try {
      const response = await fetch("/api/ladders");
      if (response.ok) ({ ladders } = await response.json());
    } catch {
      return; // The banner says that there is no line; the next change asks again.
    }
    const newest = ladders.toSorted((one, other) => lastOf(one) - lastOf(other)).at(-1);
    document.getElementById("exchange").hidden = !newest;
    document.getElementById("ladder").replaceChildren(...(newest ? [ladderOf(newest, this.titleOf, () => {}, NARROW)] : []));
  }
}

function lastOf({ rungs }) {
  return Math.max(0, ...rungs.flatMap((rung) => rung.hops.map((hop) => hop.event)));
}
