// The lesson's questions on the teacher's page: asked before and after, hands counted, and what has changed.

import { redraw } from "./controls.js";
import { order } from "./desk.js";
import { element } from "./dom.js";
import { t } from "./text.js";

const LETTERS = "ABCD";
const MOMENTS = ["before", "after"];

const $ = (id) => document.getElementById(id);

/** The part "Questions before and after" of the tab "Debrief". */
export class Questions {
  constructor() {
    this.open = null;
    this.answered = false;
    this.rows = new Map();
    for (const moment of MOMENTS) {
      $(`ask-${moment}`).addEventListener("click", () => order({ do: "ask", moment: this.open === moment ? null : moment }));
    }
  }

  /** Brings everything up to date with a room. */
  show({ backstage: { survey } }) {
    const { open, phones, done, questions } = survey;
    this.open = open;
    $("questions-box").hidden = !questions.length;
    const answered = questions.some((question) => MOMENTS.some((moment) => sum(question[moment].all)));
    if (answered && !this.answered) $("answers").open = true; // By itself only once: she may fold it away.
    this.answered = answered;
    for (const moment of MOMENTS) {
      const is = open === moment;
      $(`ask-${moment}`).textContent = is ? t("questions.close") : wordOf(moment, "questions.ask-before", "questions.ask-after");
      $(`ask-${moment}`).classList.toggle("is", is);
    }
    const state = open === null ? "" : wordOf(open, "questions.open-before", "questions.open-after");
    const said = open === null ? "" : `${state} ${t("questions.done", { done, phones })}`;
    if ($("asking-now").textContent !== said) $("asking-now").textContent = said;
    redraw($("questions"), questions.map(({ id, text, options }) => [id, text, options]), () => this.#begin(questions));
    for (const question of questions) this.#row(question);
  }

  #begin(questions) {
    this.rows.clear();
    return questions.map((question) => {
      const row = { result: element("p", "shift"), chart: element("table", "chart"), hands: MOMENTS.map((moment) => handsOf(question, moment)) };
      this.rows.set(question.id, row);
      const hands = element("details", "hands", "", element("summary", "", t("questions.hands")), ...row.hands.map((each) => each.form));
      return element("li", "question", "", element("h3", "", question.text), row.result, row.chart, element("p", "why", t("questions.because", { letter: question.right, why: question.why })), hands);
    });
  }

  #row(question) {
    const row = this.rows.get(question.id);
    redraw(row.chart, [question, this.open], () => chartOf(question, this.open));
    row.result.textContent = resultOf(question, this.open);
    for (const [n, moment] of MOMENTS.entries()) row.hands[n].is(question[moment].hands);
  }
}

/** Of two texts the one of a moment. */
function wordOf(moment, before, after) {
  return t(moment === "before" ? before : after);
}

/** How many were right, before and after; nobody is counted while a question can be answered. */
function resultOf(question, open) {
  const shares = MOMENTS.map((moment) => {
    const { all } = question[moment];
    const of = sum(all);
    if (moment === open || !of) return "–";
    const right = all[LETTERS.indexOf(question.right)];
    return t("questions.share", { percent: Math.round((100 * right) / of) });
  });
  if (shares.every((share) => share === "–")) return "";
  return t("questions.shift", { before: shares[0], after: shares[1] });
}

function chartOf(question, open) {
  const head = element("tr", "", "", element("th", "", t("questions.option")), ...MOMENTS.map((moment) => element("th", "", wordOf(moment, "questions.before", "questions.after"))));
  const lines = question.options.map((text, place) => {
    const right = LETTERS[place] === question.right;
    const name = element("th", "", "", element("strong", "", `${LETTERS[place]} `), text);
    name.scope = "row";
    if (right) name.append(" ", element("span", "tick", t("questions.is-right")));
    return element("tr", right ? "right" : "", "", name, ...MOMENTS.map((moment) => barOf(question[moment].all, place, moment, open)));
  });
  return [element("thead", "", "", head), element("tbody", "", "", ...lines)];
}

function barOf(all, place, moment, open) {
  if (moment === open) return element("td", moment, "…");
  const bar = element("span", "bar");
  bar.style.setProperty("--share", all[place] / Math.max(1, sum(all)));
  return element("td", moment, "", bar, element("span", "number", String(all[place])));
}

/** A line to fill in, for hands that were raised or sheets that were counted. is(counts): what the hub has. */
function handsOf(question, moment) {
  const when = wordOf(moment, "questions.before", "questions.after");
  const fields = question.options.map((_, place) => {
    const field = element("input");
    Object.assign(field, { type: "number", min: 0, max: 999, value: 0, required: true });
    field.setAttribute("aria-label", t("questions.hands-for", { letter: LETTERS[place], when }));
    return field;
  });
  const labels = fields.map((field, place) => element("label", "", LETTERS[place], field));
  const form = element("form", "row", "", element("strong", "", when), ...labels, element("button", "", t("questions.count")));
  let known = null;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    order({ do: "hands", moment, question: question.id, counts: fields.map((field) => Number(field.value)) });
  });
  return {
    form,
    is(counts) {
      if (String(known) === String(counts)) return;
      known = counts;
      fields.forEach((field, place) => {
        field.value = counts[place];
      });
    },
  };
}

function sum(counts) {
  return counts.reduce((one, other) => one + other, 0);
}
