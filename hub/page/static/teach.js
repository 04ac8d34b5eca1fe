// The teacher's page: the room as everybody sees it, what only she sees, and the tabs.

import { button, clock } from "./controls.js";
import { backstage, logout, order } from "./desk.js";
import { say, roomSpeaks } from "./dom.js";
import { Debrief } from "./debrief.js";
import { Faults } from "./faults.js";
import { Holders } from "./holders.js";
import { HubClock } from "./hubclock.js";
import { Inside } from "./inside.js";
import { NodePanel } from "./nodepanel.js";
import { Pace } from "./pace.js";
import { People } from "./people.js";
import { Questions } from "./questions.js";
import { Setup } from "./setup.js";
import { Stage } from "./stage.js";
import { Story } from "./story.js";
import { follow } from "./stream.js";
import { t } from "./text.js";
import { Turns } from "./turns.js";
import { Understand } from "./understand.js";

const SOON_MS = 200; // Several changes at once are asked about once.
const AGAIN_MS = 5000;

const stage = new Stage(document.getElementById("room"));
const story = new Story((node) => stage.titleOf(node), backTo);
const panel = new NodePanel();
const turns = new Turns((node) => panel.choose(node));
const parts = [panel, turns, new Faults(), new Holders(), new Setup(), new Pace(), new Understand(), new Inside(), new Debrief(), new Questions(), new People(), new HubClock()];
const room = { lesson: null, nodes: new Map(), links: [], backstage: null };
let asking = 0;
let opened = false; // Which tab comes first, the room says.

/** Makes the room as it was, and shows who must then hold which card. */
async function goBack(event) {
  if (!(await order({ do: "back", event }))) return;
  const box = document.getElementById("holders").closest("details");
  box.open = true;
  box.scrollIntoView({ block: "nearest" });
}

/** The way back to the moment after a scan. */
function backTo(entry) {
  const back = button(t("teach.back"), () => goBack(entry.event), "back");
  back.title = t("teach.back-title");
  return [back];
}

function show() {
  if (!room.lesson || !room.backstage) return;
  say(document.getElementById("lesson-title"), room.lesson.title);
  const where = { round: room.round, time: clock(room.backstage.at_ms) };
  say(document.getElementById("lesson-where"), t("teach.where", where));
  for (const node of room.nodes.values()) {
    node.player = room.backstage.leases.filter((lease) => lease.node === node.id).map((lease) => lease.name).join(", ");
  }
  for (const part of parts) part.show(room);
}

function ask() {
  clearTimeout(asking);
  asking = setTimeout(async () => {
    const there = await backstage();
    if (there) room.backstage = there;
    show();
    clearTimeout(asking);
    asking = setTimeout(ask, AGAIN_MS);
  }, SOON_MS);
}

function open(tab) {
  opened = true;
  for (const button of document.querySelectorAll("[role=tab]")) {
    const chosen = button.dataset.tab === tab;
    button.setAttribute("aria-selected", String(chosen));
    button.tabIndex = chosen ? 0 : -1;
    document.getElementById(`panel-${button.dataset.tab}`).hidden = !chosen;
  }
  show();
}

function tabs() {
  const all = [...document.querySelectorAll("[role=tab]")];
  for (const [n, button] of all.entries()) {
    button.addEventListener("click", () => {
      location.hash = button.dataset.tab;
    });
    button.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = all[(n + step + all.length) % all.length];
      next.focus();
      next.click();
    });
  }
}

/** The tab that the address names; else, as long as nobody has scanned anything in the room, the one to begin with. */
function fromHash() {
  const wanted = document.getElementById(`tab-${location.hash.slice(1)}`)?.dataset.tab;
  open(wanted ?? (room.scans ? "run" : "setup"));
}

tabs();
addEventListener("hashchange", fromHash);
document.addEventListener("ordered", ask);
document.getElementById("logout").addEventListener("click", logout);
document.querySelector("#room .nodes").addEventListener("click", (event) => {
  const node = event.target.closest("[data-node]")?.dataset.node;
  if (node) panel.choose(node);
});

follow({
  onState(state) {
    roomSpeaks(state.lesson.language);
    Object.assign(room, { lesson: state.lesson, links: state.links, round: state.round, scans: state.story.length, state });
    room.nodes = new Map(state.nodes.map((node) => [node.id, node]));
    stage.begin(state);
    story.begin(state.story, state.round);
    if (!opened) fromHash();
    ask();
  },
  async onChange(change) {
    for (const node of change.nodes ?? []) room.nodes.set(node.id, node);
    if ("round" in change) room.round = change.round;
    if (change.entry) room.scans += 1;
    Object.assign(room.state, change);
    await stage.play(change, 0, () => {
      story.enter(change.round);
      if (change.entry) story.add(change.entry);
    });
    ask();
  },
  onLine(connected) {
    say(document.getElementById("banner"), connected ? "" : t("screen.no-line"));
  },
});
