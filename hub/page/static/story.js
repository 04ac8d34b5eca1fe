// The story: a line per scan, newest on top, and the same said aloud for those who listen.

import { element, icon, say } from "./dom.js";
import { t } from "./text.js";
import { adviceOf, nameOf, symbolOf, wordOf } from "./words.js";

const KEPT = 100;
const ROLES = ["room.seated", "room.seat-taken"]; // What is said of a role card.
const WHOLE = 0.95; // The part of a line that must be in sight; the rest is rounding.

/** The list of scans. `titleOf(node)`: what people call a node. `more(entry)`: what else stands in its line. */
export class Story {
  constructor(titleOf, more = () => []) {
    this.more = more;
    this.titleOf = titleOf;
    this.list = document.getElementById("entries");
    this.empty = document.getElementById("story-empty");
    this.said = document.getElementById("said");
    this.newest = 0;
    this.round = 0;
    this.whole = new IntersectionObserver(hideSliced, { root: this.list, threshold: [0, WHOLE] });
    say(this.empty, t("screen.looking"));
  }

  /** Starts over with the entries of a state, oldest first. round: that is played. */
  begin(entries, round) {
    this.whole.disconnect();
    this.list.replaceChildren();
    this.newest = 0;
    this.round = 0;
    for (const entry of entries) this.#put(entry);
    this.enter(round);
    say(this.empty, entries.length ? "" : t("screen.empty"));
  }

  /** A round has begun: a line parts it from those before. */
  enter(round) {
    if (!round || round === this.round) return;
    this.round = round;
    if (this.list.childElementCount) this.list.prepend(element("li", "divider", t("screen.round", { round })));
  }

  /** Adds one entry; one that is there already is left alone. */
  add(entry) {
    if (entry.event <= this.newest) return;
    this.#put(entry).classList.add("new");
    this.empty.hidden = true;
    const verdict = `${wordOf(entry.light)}. ${entry.sentence}`;
    this.said.textContent = entry.node ? `${this.titleOf(entry.node)}: ${verdict}` : verdict; // Some badges have no seat.
  }

  #put(entry) {
    this.enter(entry.round);
    const line = lineOf(entry, this.titleOf(entry.node));
    line.append(...this.more(entry));
    this.newest = entry.event;
    this.list.prepend(line);
    this.whole.observe(line);
    while (this.list.childElementCount > KEPT) {
      this.whole.unobserve(this.list.lastElementChild);
      this.list.lastElementChild.remove();
    }
    return line;
  }
}

/** Hides the line that the lower edge of the list would cut; one that is higher than the list is never whole. */
function hideSliced(seen) {
  for (const { target, rootBounds, boundingClientRect: line, intersectionRatio } of seen) {
    const sliced = intersectionRatio < WHOLE && line.bottom > rootBounds.bottom && line.height <= rootBounds.height;
    target.classList.toggle("sliced", sliced);
  }
}

/** A scan as a line. title: of the node where it was. */
export function lineOf(entry, title) {
  const line = element("li", "entry");
  line.dataset.light = entry.light;
  const verdict = element("p", "verdict");
  verdict.append(icon(symbolOf(entry.light)), element("span", "", wordOf(entry.light)));
  const advice = adviceOf(entry.key);
  if (advice) verdict.append(element("span", "key", advice));
  const who = element("p", "who");
  who.append(element("strong", "", title), whenOf(entry));
  const sentence = element("p", "why", entry.sentence);
  if (entry.rfc) sentence.append(" ", element("span", "rfc", entry.rfc));
  line.append(verdict, who, packetOf(entry), sentence);
  return line;
}

/** Which badge saw it, and when: minutes and seconds of lesson time. */
function whenOf({ badge, at_ms }) {
  const time = element("span", "", "", element("span", "unseen", `${t("screen.time")} `), clock(at_ms));
  time.title = t("screen.time-title", { time: clock(at_ms) });
  const when = element("span", "when");
  if (badge) {
    const name = element("span", "", nameOf(badge));
    name.title = t("screen.seen-at", { badge });
    when.append(name, " · ");
  }
  when.append(time);
  return when;
}

function packetOf(entry) {
  const packet = element("p", "packet");
  const written = entry.packet;
  if (!written) {
    packet.append(element("span", "line", t(instead(entry.reason))));
    return packet;
  }
  const flags = written.flags?.join(",") || (written.data ? t("screen.data") : "–");
  const ends = `${end(written.src, written.sport)} → ${end(written.dst, written.dport)}`;
  const numbers = ["seq", "ack"].filter((name) => written[name] != null).map((name) => `${name}=${written[name]}`);
  packet.append(element("span", "flags", flags), element("span", "line", ends));
  if (numbers.length) packet.append(element("span", "line", numbers.join(" ")));
  const payload = written.data ? `“${written.data}”` : written.ink ? t("screen.ink", { count: written.ink.length }) : "";
  if (payload) packet.append(element("span", "payload", payload));
  return packet;
}

/** What was shown where no packet was seen: most often a card that speaks to the room. */
function instead(reason) {
  if (ROLES.includes(reason)) return "screen.role-card";
  return reason.startsWith("room.") || reason === "card.command-unknown" ? "screen.command-card" : "screen.nothing-read";
}

function end(address, port) {
  return `${address ?? "?"}:${port ?? "?"}`;
}

function clock(ms) {
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
