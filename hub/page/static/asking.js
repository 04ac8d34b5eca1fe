// The lesson's questions on a phone: one after the other while they are open, and what was right when it is over.

import { redraw } from "./controls.js";
import { element, say } from "./dom.js";
import { t } from "./text.js";

const LETTERS = "ABCD";

const $ = (id) => document.getElementById(id);

/** choose(question, letter): tells the hub; it answers what this phone has chosen, or null when nothing came of it. */
export class Asking {
  constructor(choose) {
    this.choose = choose;
    this.asked = null;
    this.answers = {};
    this.at = 0;
    $("asking-back").addEventListener("click", () => this.#go(this.at - 1));
    $("asking-on").addEventListener("click", () => this.#on());
  }

  /** Shows what is asked or told now, null: nothing. answers: what this phone has chosen, question -> letter. */
  show(asked, answers) {
    const began = asked?.open && !(this.asked?.open && this.asked.moment === asked.moment);
    this.asked = asked;
    this.answers = answers;
    $("asking").hidden = !asked?.open;
    $("told").hidden = !asked || asked.open;
    if (asked?.open) {
      if (began) this.at = this.#firstOpen(0);
      this.#draw();
    } else if (asked) {
      redraw($("told-questions"), [asked.questions, answers], () => asked.questions.map((each) => toldOf(each, answers[each.id])));
    }
  }

  /** The first question from a place on that this phone has not answered; when there is none, the end. */
  #firstOpen(from) {
    const { questions } = this.asked;
    const order = [...questions.slice(from), ...questions.slice(0, from)];
    const next = order.find((each) => !(each.id in this.answers));
    return next ? questions.indexOf(next) : questions.length;
  }

  /** How many this phone has not answered. */
  #open() {
    return this.asked.questions.filter((each) => !(each.id in this.answers)).length;
  }

  /** To the next question; from one left for later to the next open one, and to the end only when none is open. */
  #on() {
    const { questions } = this.asked;
    const answered = questions[this.at].id in this.answers;
    const next = this.at + 1;
    this.#go(answered && next < questions.length ? next : this.#firstOpen(next % questions.length));
  }

  #go(at) {
    this.at = Math.max(0, Math.min(at, this.asked.questions.length));
    this.#draw();
    $("asking-title").focus();
  }

  #draw() {
    const { questions, moment } = this.asked;
    const question = questions[this.at];
    const when = moment === "before" ? t("questions.before-lesson") : t("questions.after-lesson");
    $("asking-when").textContent = when;
    $("asking-title").textContent = question ? question.text : t("questions.thanks");
    const open = this.#open();
    const where = () => `${t("questions.which", { number: this.at + 1, of: questions.length })} ${t("questions.still", { count: open })}`;
    say($("asking-note"), question ? where() : t("questions.may-change"));
    redraw($("options"), [question, this.answers[question?.id]], () => (question ? this.#options(question) : []));
    $("asking-back").hidden = this.at === 0;
    const answered = question && question.id in this.answers;
    $("asking-on").hidden = !question || (!answered && open === 1);
    $("asking-on").textContent = t(answered ? "questions.next" : "questions.later");
  }

  #options(question) {
    return question.options.map((text, place) => {
      const letter = LETTERS[place];
      const chosen = this.answers[question.id] === letter;
      const button = element("button", chosen ? "option chosen" : "option", "", element("strong", "", letter), element("span", "", text));
      button.type = "button";
      button.setAttribute("aria-pressed", String(chosen));
      if (chosen) button.append(element("em", "", t("questions.chosen")));
      button.addEventListener("click", async () => {
        const done = await this.choose(question.id, letter);
        if (done && this.asked?.open) this.#go(this.#firstOpen(this.at));
      });
      return element("li", "", "", button);
    });
  }
}

function toldOf({ text, options, right, why }, answer) {
  const line = element("li", "", "", element("h3", "", text));
  const is = element("p", "is-right", "", element("strong", "", t("questions.right-is", { letter: right })), " ", options[LETTERS.indexOf(right)]);
  line.append(is, element("p", "", why));
  if (answer === right) line.append(element("p", "own", t("questions.you-too")));
  else if (answer) line.append(element("p", "own", t("questions.you-chose", { letter: answer, option: options[LETTERS.indexOf(answer)] })));
  return line;
}
