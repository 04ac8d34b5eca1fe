// A round as a film: the network and its packets as they were after each thing that happened, and the ladders so far.

import { redraw } from "./controls.js";
import { get } from "./desk.js";
import { ladderOf } from "./ladder.js";
import { Stage } from "./stage.js";
import { lineOf } from "./story.js";
import { t } from "./text.js";

const NEXT_MS = 1400; // Between two scenes of a film that runs, beside the time that they take.
const KEPT = 400; // Scenes that are not asked for again.

const $ = (id) => document.getElementById(id);

/** The film of a round, with a handle to draw, two buttons for single steps, and one to let it run. */
export class Film {
  constructor() {
    this.stage = new Stage($("film-room"));
    this.events = [];
    this.scenes = new Map();
    this.at = 0;
    this.running = false;
    this.handle = $("film");
    this.handle.addEventListener("input", () => this.#stop(Number(this.handle.value)));
    $("film-back").addEventListener("click", () => this.#stop(this.at - 1));
    $("film-on").addEventListener("click", () => this.#stop(this.at + 1));
    $("film-run").addEventListener("click", () => (this.running ? this.#rest() : this.#run()));
    this.#rest();
  }

  /** Takes what there is to be seen, as numbers of the journal; whoever was at the end stays there. room: as shown. */
  async show(events, room) {
    const atEnd = this.at >= this.events.length;
    this.events = events;
    this.room = room;
    this.handle.min = Math.min(1, events.length);
    this.handle.max = events.length;
    $("film-empty").hidden = events.length > 0;
    $("film-room").hidden = !events.length;
    if (!this.running) await this.#show(atEnd ? events.length : this.at);
  }

  #stop(at) {
    this.#rest();
    return this.#show(at);
  }

  #rest() {
    this.running = false;
    clearTimeout(this.next);
    $("film-run").textContent = t("debrief.film-run");
  }

  async #run() {
    this.running = true;
    $("film-run").textContent = t("debrief.film-rest");
    if (this.at >= this.events.length) await this.#show(1);
    const go = async () => {
      if (!this.running) return;
      if (this.at >= this.events.length) return this.#rest();
      await this.#show(this.at + 1);
      if (this.running) this.next = setTimeout(go, NEXT_MS);
    };
    this.next = setTimeout(go, NEXT_MS);
  }

  async #show(wanted) {
    const at = Math.max(Math.min(1, this.events.length), Math.min(wanted, this.events.length));
    const before = this.scene;
    const follows = at === this.at + 1;
    this.at = at;
    this.handle.value = at;
    $("film-at").textContent = `${at} / ${this.events.length}`;
    const scene = at ? await this.#scene(this.events[at - 1]) : null;
    if (!scene || at !== this.at) return;
    this.scene = scene;
    const titleOf = (node) => this.room.nodes.get(node)?.title ?? node ?? "";
    const draw = () => {
      $("film-line").replaceChildren(lineOf(scene.entry, titleOf(scene.entry.node)));
      redraw($("film-ladders"), scene.ladders, () => scene.ladders.map((ladder) => ladderOf(ladder, titleOf, () => {})));
    };
    if (follows && before) return this.stage.play(changeTo(scene, before), 1, draw);
    this.stage.begin({ nodes: scene.nodes, packets: scene.packets, links: this.room.links, round: scene.entry.round, story: [scene.entry] });
    draw();
  }

  async #scene(event) {
    if (!this.scenes.has(event)) {
      if (this.scenes.size >= KEPT) this.scenes.clear();
      this.scenes.set(event, await get(`/api/teacher/film/${event}`));
    }
    return this.scenes.get(event);
  }
}

/** One scene as what has changed since another. */
function changeTo({ entry, nodes, packets }, before) {
  const there = new Set(packets.map((packet) => packet.card));
  const gone = before.packets.filter((packet) => !there.has(packet.card));
  return { entry, nodes, packets: [...gone.map((packet) => ({ ...packet, to: null })), ...packets] };
}
