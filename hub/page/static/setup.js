// Before the lesson: which one, who sits where, what is missing, how phones come in.

import { button, choice, clock, redraw } from "./controls.js";
import { command, get, order } from "./desk.js";
import { element, say } from "./dom.js";
import { sure } from "./sure.js";
import { t } from "./text.js";
import { nameOf, numberOf } from "./words.js";

const ENGINE = "*engine";
const NOBODY = "";
const SPOKEN = "paperhop-spoken"; // What she has chosen for the next lesson, in this room: kept while her browser is open.

/** The tab "Set up". */
export class Setup {
  constructor() {
    this.lessons = document.getElementById("lessons");
    this.spoken = document.getElementById("spoken");
    this.spokenWhen = document.getElementById("spoken-when");
    this.spoken.addEventListener("change", () => {
      sessionStorage.setItem(SPOKEN, JSON.stringify({ room: this.room, language: this.spoken.value }));
      this.#spokenWhen();
    });
    this.findings = document.getElementById("findings");
    this.seats = document.getElementById("seats");
    this.badges = document.getElementById("badges");
    this.addresses = document.getElementById("join-addresses");
    document.getElementById("print").addEventListener("submit", (event) => this.#print(event));
  }

  /** Shows the room as it is now. */
  show(room) {
    const { backstage, lesson, nodes } = room;
    this.language = lesson.language;
    if (this.room !== backstage.name) this.spoken.value = chosenIn(backstage.name) ?? lesson.language;
    this.room = backstage.name;
    this.#spokenWhen();
    this.lesson = lesson.id;
    this.losses = lossesOf(room);
    this.current = lesson.title;
    [this.host] = backstage.addresses;
    this.#listLessons();
    redraw(this.addresses, backstage.addresses, () => addressesOf(backstage.addresses));
    redraw(this.findings, backstage.findings, () => findingsOf(backstage.findings));
    const rows = [...nodes.values()].map((node) => [node.id, node.title, node.address, node.badge, backstage.engines.includes(node.id)]);
    const badges = backstage.badges.map((each) => [each.badge, each.nodes, each.online]);
    redraw(this.seats, [rows, badges], () => rows.map((row) => seatOf(row, backstage.badges)));
    const rows_of_badges = backstage.badges.map((each) => ({ ...each, seconds: isGone(each) ? each.seconds : 0 }));
    redraw(this.badges, [rows_of_badges, backstage.release], () => badgesOf(backstage, nodes));
  }

  /** The room that is played keeps its language. */
  #spokenWhen() {
    say(this.spokenWhen, this.spoken.value === this.language ? "" : t("teach.spoken-when"));
  }

  async #listLessons() {
    this.there ??= get("/api/teacher/lessons");
    try {
      const { lessons } = await this.there;
      redraw(this.lessons, [lessons, this.lesson], () => lessons.map((each) => lessonOf(each, this.lesson, (id) => this.#begin(id))));
    } catch {
      this.there = undefined; // No line: the next change asks again.
    }
  }

  /** Begins a lesson, spoken to in the language that is chosen above; asks first when that ends something. */
  async #begin(lesson) {
    const ending = t("teach.ends", { title: this.current });
    if (this.losses.length && !(await sure(ending, this.losses, t("teach.ends-yes")))) return;
    await order({ do: "lesson", lesson, language: this.spoken.value });
  }

  #print(event) {
    event.preventDefault();
    const asked = new URLSearchParams(new FormData(event.target));
    asked.set("lesson", this.lesson);
    asked.set("language", this.spoken.value);
    if (this.host) asked.set("host", this.host);
    window.open(`/api/teacher/deck.pdf?${asked}`, "_blank", "noopener");
  }
}

/** The language that was chosen for the lesson after this room; null: none was. */
function chosenIn(name) {
  const { room, language } = JSON.parse(sessionStorage.getItem(SPOKEN)) ?? {};
  return room === name ? language : null;
}

/** What ends with this room: what was played, the seats of phones, and answers to questions. */
function lossesOf({ scans, round, backstage: { badges, survey } }) {
  const phones = badges.filter((each) => each.phone && each.nodes.length).length;
  const counts = survey.questions.flatMap(({ before, after }) => [...before.all, ...after.all]);
  const answers = counts.reduce((one, other) => one + other, 0);
  return [
    ...(scans ? [t("teach.ends-scans", { round })] : []),
    ...(phones ? [t("teach.ends-phones", { count: phones })] : []),
    ...(answers ? [t("teach.ends-answers", { count: answers })] : []),
  ];
}

function lessonOf(each, current, begin) {
  const [id, variant = ""] = current.split(":");
  const chosen = each.id === id;
  const plain = button(t(chosen && !variant ? "teach.again" : "teach.begin"), () => begin(each.id));
  const more = each.variants.map(({ name, title }) => {
    const is = chosen && variant === name;
    const made = button(name, () => begin(`${each.id}:${name}`), is ? "is" : "");
    if (is) made.setAttribute("aria-current", "true");
    return element("li", "variant", "", made, element("span", "", title));
  });
  const title = element("h3", "", each.title);
  if (chosen) title.append(" ", element("span", "tag", t("teach.is-played")));
  const text = element("p", "", each.goal);
  const made = element("li", chosen ? "lesson-row chosen" : "lesson-row", "", title, text, element("div", "buttons", "", plain));
  if (more.length) made.append(element("ul", "variants", "", ...more));
  return made;
}

/** Where phones come in; as a code, too. */
function addressesOf(addresses) {
  if (!addresses.length) {
    const [before, after] = t("teach.only-here", { option: "\n" }).split("\n");
    const option = element("code", "", `--http 0.0.0.0:${location.port || 80}`);
    return [element("li", "finding", "", before, option, after)];
  }
  return addresses.map((address) => {
    const code = element("img", "join-code");
    code.src = `/join.svg?at=${encodeURIComponent(address)}`;
    code.alt = t("teach.join-code");
    return element("li", "", "", element("p", "address-big", `${address}/join`), code);
  });
}

function findingsOf(findings) {
  if (!findings.length) return [element("li", "well", t("teach.nothing-missing"))];
  return findings.map((each) => element("li", "finding", each.text));
}

function seatOf([id, title, address, badge, engine], badges) {
  const options = [
    [NOBODY, t("teach.nobody")],
    [ENGINE, t("teach.the-engine")],
    ...badges.map((each) => [each.badge, each.online ? nameLong(each.badge) : t("teach.is-off", { badge: nameLong(each.badge) })]),
  ];
  const { select } = choice("", options, engine && !badge ? ENGINE : badge ?? NOBODY, (value) => seat(id, badge, engine, value));
  select.setAttribute("aria-label", t("teach.plays", { node: title }));
  return element("tr", "", "", element("th", "", title), element("td", "", address), element("td", "", "", select));
}

async function seat(node, before, engine, value) {
  if (value === ENGINE) return command(`engine ${node}`);
  if (engine) await command(`people ${node}`);
  if (value !== NOBODY) return order({ do: "sit", badge: value, node });
  return before ? order({ do: "sit", badge: before, node: null }) : true;
}

function badgesOf({ badges, engines, release }, nodes) {
  if (!badges.length) return [element("li", "none", t("teach.no-badges"))];
  const [first, ...others] = [...nodes.keys()].filter((node) => !engines.includes(node));
  const behind = badges.filter((each) => each.online && each.release !== null && each.release < release);
  const rows = badges.map((each) => {
    const plays = each.nodes.map((id) => nodes.get(id)?.title ?? id).join(", ");
    const line = element("li", "badge-row", "", element("strong", "", nameLong(each.badge)));
    line.append(element("span", "", plays || t("teach.no-seat")));
    line.append(element("span", each.online ? "on" : "off", whereOf(each)));
    if (isGone(each)) line.append(button(t("teach.free-seat"), () => order({ do: "sit", badge: each.badge, node: null }), "free-seat"));
    const reader = element("label", "reader");
    const box = element("input");
    box.type = "checkbox";
    box.checked = each.reader;
    box.addEventListener("change", () => order({ do: "reader", badge: each.badge, on: box.checked }));
    reader.append(box, t("teach.reader"));
    line.append(reader);
    if (others.some((node) => !each.nodes.includes(node))) {
      line.append(button(t("teach.whole-table"), () => order({ do: "sit", badge: each.badge, node: first, others }), "whole-table"));
    }
    const facts = factsOf(each, release);
    if (facts.length) line.append(element("span", "facts", facts.join(" · ")));
    return line;
  });
  if (!behind.length) return rows;
  const all = button(t("teach.update-all", { count: behind.length, release }), () => order({ do: "update" }), "update-all");
  return [...rows, element("li", "update-row", "", all)];
}

/** A phone that has a seat, and has not been heard of for a while. */
function isGone(each) {
  return each.phone && !each.online && each.nodes.length > 0;
}

function whereOf(each) {
  if (each.online) return t("teach.on");
  return isGone(each) ? t("teach.gone-for", { time: clock(each.seconds * 1000) }) : t("teach.off");
}

/** What a badge tells of itself: its program, and what it has measured. */
function factsOf(each, newest) {
  if (each.phone || !each.online) return [];
  const version = each.program.replace("paperhop", "Paperhop");
  const facts = [each.release ? t("teach.fact-release", { version, release: each.release }) : version];
  if (each.release !== null && each.release < newest) facts.push(t(`teach.update-${each.update || "behind"}`));
  if (each.temperature !== null) facts.push(t("teach.fact-heat", { degrees: each.temperature }));
  if (each.under_voltage !== null) facts.push(t(each.under_voltage ? "teach.fact-voltage-low" : "teach.fact-voltage"));
  if (each.frame_rate !== null) facts.push(t("teach.fact-rate", { rate: each.frame_rate }));
  if (each.free_mb !== null) facts.push(t("teach.fact-room", { gb: (each.free_mb / 1000).toFixed(1) }));
  return facts.filter(Boolean);
}

/** A badge by its name; a phone as its own screen calls it. */
function nameLong(badge) {
  return badge.startsWith("phone-") ? `${nameOf(badge)} ${numberOf(badge)}` : badge;
}
