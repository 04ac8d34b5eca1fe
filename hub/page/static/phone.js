// The phone: a badge for whoever has taken a node on it, and the page of a card whose code it has opened.
// Opening or reloading this page scans nothing; only the two buttons do.

import { Asking } from "./asking.js";
import { Camera } from "./camera.js";
import { redraw } from "./controls.js";
import { element, icon, say, roomSpeaks } from "./dom.js";
import { PhoneLine } from "./phoneline.js";
import { small } from "./photo.js";
import { follow } from "./stream.js";
import { sure } from "./sure.js";
import { t } from "./text.js";
import { waitingFor } from "./waiting.js";
import { adviceOf, buzzOf, numberOf, symbolOf, wordOf } from "./words.js";

const FRESH_MS = 20_000; // So long the answer to a scan stays; then the light is what the hub says of the node.

const PAUSE_MS = 1000; // After an answer the buttons rest as long as a thumb that has pressed twice.
const HERE_MS = 20_000; // So often an open page shows that it is there; after 90 s without, its seat is free to take.

const $ = (id) => document.getElementById(id);
const here = document.querySelector("main");
const line = new PhoneLine();
const camera = new Camera($("view"));
const asking = new Asking((question, option) => act(() => line.answer(question, option)));
const nodes = new Map();
let asked = null;
const packets = new Map();
let goals = [];
let story = [];
let me = null;
let answered = null;
let round = 0;
let scanning = false;

/** The nodes that are played here: one, or those of a whole table. */
function mineAll() {
  return (me?.nodes ?? []).map((id) => nodes.get(id)).filter(Boolean);
}

/** The node that this is about: where the last card was seen, else whose turn it is. */
function node() {
  const all = mineAll();
  return all.find((each) => each.id === answered?.node) ?? all.find((each) => each.turn) ?? all[0];
}

function show() {
  const mine = node();
  if (!mine && camera.isOpen) camera.close();
  say($("who"), mineAll().map((each) => t("phone.you-are", { node: each.title, address: each.address })).join(", "));
  say($("name"), me && t("phone.name", { number: numberOf(me.badge) }));
  showFace(mine);
  showLast();
  say($("waiting"), mineAll().length === 1 && !mine.turn && !me.sentence ? waitingFor(mine, nodes, packets) : "");
  const wanted = goals.filter((each) => !each.quest);
  say($("done"), wanted.length && wanted.every((each) => each.reached) ? t("phone.done") : "");
  say($("turn"), answered && mine && between(mine).sentence); // A hint does not wait until the light is gone.
  $("todo-title").textContent = t(me?.hint ? "phone.hint" : "phone.your-turn");
  $("todo").hidden = $("turn").hidden;
  showCard(mine);
  showScan(mine);
  showSeats(mine);
  asking.show(asked, me?.answers ?? {});
  $("leave").hidden = !mine;
}

function showFace(mine) {
  const shown = answered ?? (mine && between(mine));
  $("face").hidden = !shown;
  if (!shown) return;
  $("face").dataset.light = shown.light;
  $("sign").setAttribute("href", `#${symbolOf(shown.light)}`);
  if ($("word").textContent !== wordOf(shown.light)) $("word").textContent = wordOf(shown.light);
  say($("fix"), adviceOf(shown.key));
  const [sentence, ...lines] = shown.sentence.split("\n");
  $("sentence").textContent = sentence;
  say($("copy"), lines.join(" "));
}

/** What the last scan was answered, once its light is gone: the reason outlives it, and a reload of the page. */
function showLast() {
  const last = answered ? null : me?.last;
  $("last").hidden = !last;
  if (!last) return;
  const fix = adviceOf(last.key);
  $("last").dataset.light = last.light;
  $("last-word").textContent = t("phone.last", { light: fix ? `${wordOf(last.light)} · ${fix}` : wordOf(last.light) });
  $("last-sign").setAttribute("href", `#${symbolOf(last.light)}`);
  $("last-sentence").textContent = last.sentence;
}

/** What the phone shows between scans: what the hub has said to it, which may be a hint; else whose turn it is. */
function between(mine) {
  return me.sentence ? me : { light: mine.turn ? "your-turn" : "ready", sentence: mine.turn ?? "" };
}

function showCard(mine) {
  const { card } = here.dataset;
  $("card").hidden = !card;
  if (!card) return;
  $("card-title").textContent = t("phone.card", { card });
  const hops = story.filter((entry) => entry.card === card && entry.round === round);
  const text = hops.findLast((entry) => entry.packet)?.packet.text;
  say($("card-says"), text ?? here.dataset.says);
  $("card-new").hidden = hops.length > 0;
  $("trail").replaceChildren(...hops.map(hopOf));
}

function hopOf(entry) {
  const hop = element("li", "hop");
  hop.dataset.light = entry.light;
  const verdict = element("p", "verdict", "", icon(symbolOf(entry.light)), element("strong", "", wordOf(entry.light)));
  const where = nodes.get(entry.node)?.title;
  if (where) verdict.append(element("span", "", t("phone.at", { node: where })));
  hop.append(verdict, element("p", "", entry.sentence));
  return hop;
}

function showScan(mine) {
  const { kind } = here.dataset;
  $("scan").hidden = !mine && kind !== "R";
  for (const id of ["scan-this", "photo", "shoot"]) $(id).disabled = scanning;
  const text = kind === "P" || kind === "M" ? t("phone.scan-at", { node: mine?.title }) : t("phone.play-role");
  $("scan-this").hidden = !kind || kind === "C" || (kind !== "R" && !mine);
  $("scan-this").textContent = text;
  $("scan-photo").hidden = !mine || camera.isOpen;
  $("live").hidden = !mine || !Camera.possible;
  $("viewer").hidden = !camera.isOpen;
  $("camera").textContent = t(camera.isOpen ? "phone.camera-off" : "phone.camera");
}

function showSeats(mine) {
  $("seats").hidden = Boolean(mine) || here.dataset.kind === "R";
  if (mine) return;
  const free = [...nodes.values()].filter((each) => each.free).map(({ id, title, address }) => ({ id, title, address }));
  const focused = $("free").contains(document.activeElement) ? document.activeElement.dataset.node : null;
  redraw($("free"), free, () => (free.length ? free.map(seatOf) : [element("li", "none", t("phone.no-seat"))]));
  if (focused) $("free").querySelector(`[data-node="${focused}"]`)?.focus(); // Somebody took another seat meanwhile.
}

function seatOf({ id, title, address }) {
  const button = element("button", "", "", element("strong", "", title), element("span", "", address));
  button.type = "button";
  button.dataset.node = id;
  button.addEventListener("click", () => act(() => line.take(id)));
  return element("li", "", "", button);
}

/** Whether a node is played on this phone, or was until now. */
function isMine(node) {
  return me !== null && (node.badge === me.badge || me.nodes.includes(node.id));
}

/** Does something with the hub, and shows what came of it, or why nothing did. */
async function act(what) {
  document.body.classList.add("busy");
  say($("busy"), t("phone.asking"));
  try {
    const result = await what();
    if (result.nodes) me = result;
    say($("busy"), "");
    return result;
  } catch (error) {
    say($("busy"), error.message);
    say($("banner"), $("scan").hidden ? error.message : "");
    return null;
  } finally {
    document.body.classList.remove("busy");
    show();
  }
}

/** What the hub knows of this phone. Whoever opens /join comes in, so that the teacher can seat them. */
function hello() {
  return here.dataset.kind ? line.state() : line.comeIn();
}

/** What is asked or told now. A phone that is asked comes in, and is known to be there, before it answers. */
async function ask(questions) {
  const before = asked;
  asked = questions;
  if (before?.moment === asked?.moment && before?.open === asked?.open) return; // Somebody else has answered.
  if (asked?.open) await line.comeIn();
  me = await line.state();
}

/** One press, or as many as a thumb makes of it, is one scan. */
async function scan(what) {
  if (scanning) return;
  scanning = true;
  showScan(node());
  const answer = await act(what);
  setTimeout(() => {
    scanning = false;
    showScan(node());
  }, answer ? PAUSE_MS : 0);
  if (!answer) return;
  answered = answer;
  navigator.vibrate?.(buzzOf(answer.light));
  setTimeout(() => {
    if (answered === answer) answered = null;
    show();
  }, FRESH_MS);
  me = await line.state();
  show();
  $("face").scrollIntoView({ block: "start" });
}

$("scan-this").addEventListener("click", () => scan(() => line.scan(location.href)));
$("photo").addEventListener("change", async () => {
  const [file] = $("photo").files;
  if (file) await scan(async () => line.photo(await small(file)));
  $("photo").value = "";
});
$("camera").addEventListener("click", async () => {
  $("camera").disabled = true; // The browser may ask somebody first.
  if (camera.isOpen) {
    camera.close();
  } else {
    try {
      await camera.open();
      say($("busy"), "");
    } catch {
      say($("busy"), t("phone.no-camera"));
    }
  }
  $("camera").disabled = false;
  show();
  if (camera.isOpen) $("shoot").focus();
});
$("shoot").addEventListener("click", () => scan(async () => line.photo(await camera.frame())));
$("leave-seat").addEventListener("click", async () => {
  const left = mineAll().map((each) => each.title).join(", ");
  if (!(await sure(t("phone.leave-sure", { node: left }), [t("phone.leave-text")], t("phone.leave")))) return;
  answered = null;
  act(() => line.take(null));
});

follow({
  async onState(state) {
    roomSpeaks(state.lesson.language);
    nodes.clear();
    for (const each of state.nodes) nodes.set(each.id, each);
    packets.clear();
    for (const each of state.packets) packets.set(each.card, each);
    goals = state.goals;
    story = state.story;
    round = state.round;
    try {
      me = await hello();
      await ask(state.questions ?? null);
    } finally {
      show();
    }
  },
  async onChange(change) {
    for (const each of change.nodes ?? []) nodes.set(each.id, each);
    if (change.round && change.round !== round) answered = null; // What was said in the last round.
    round = change.round ?? round;
    for (const each of change.packets ?? []) packets.set(each.card, each);
    goals = change.goals ?? goals;
    if (change.entry) story.push(change.entry);
    try {
      if ("questions" in change) await ask(change.questions);
      else if ((change.nodes ?? []).some(isMine)) me = await line.state();
    } finally {
      show();
    }
  },
  onLine(connected) {
    say($("banner"), connected ? "" : t("phone.no-line"));
  },
});

/** Shows the hub that this phone is there, and looks whether its seat still is. */
async function stayHere() {
  try {
    me = await hello();
    show();
  } catch {
    // The banner says that there is no line.
  }
}

setInterval(stayHere, HERE_MS);
document.addEventListener("visibilitychange", () => document.hidden || stayHere());
