// The story: a line per scan, newest on top, and the same said aloud for those who listen.

import { element, icon } from "./dom.js";
import { KEYS, symbolOf, wordOf } from "./words.js";

const KEPT = 100;

/** The list of scans. `titleOf(node)`: what people call a node. */
export class Story {
  constructor(titleOf) {
    this.titleOf = titleOf;
    this.list = document.getElementById("entries");
    this.empty = document.getElementById("story-empty");
    this.said = document.getElementById("said");
    this.newest = 0;
  }

  /** Starts over with the entries of a state, oldest first. */
  begin(entries) {
    this.list.replaceChildren();
    this.newest = 0;
    for (const entry of entries) this.#put(entry);
    this.empty.hidden = this.list.childElementCount > 0;
  }

  /** Adds one entry; one that is there already is left alone. */
  add(entry) {
    if (entry.event <= this.newest) return;
    this.#put(entry).classList.add("new");
    this.empty.hidden = true;
    this.said.textContent = `${this.titleOf(entry.node)}: ${wordOf(entry.light)}. ${entry.sentence}`;
  }

  #put(entry) {
    const line = lineOf(entry, this.titleOf(entry.node));
    this.newest = entry.event;
    this.list.prepend(line);
    while (this.list.childElementCount > KEPT) this.list.lastElementChild.remove();
    return line;
  }
}

function lineOf(entry, title) {
  const line = element("li", "entry");
  line.dataset.light = entry.light;
  const verdict = element("p", "verdict");
  verdict.append(icon(symbolOf(entry.light)), element("span", "", wordOf(entry.light)));
  if (entry.key) verdict.append(element("span", "key", `${entry.key} ${KEYS[entry.key] ?? ""}`));
  const who = element("p", "who");
  who.append(element("strong", "", title), element("span", "", [entry.badge, clock(entry.at_ms)].filter(Boolean).join(" · ")));
  const sentence = element("p", "why", entry.sentence);
  if (entry.rfc) sentence.append(" ", element("span", "rfc", entry.rfc));
  line.append(verdict, who, packetOf(entry), sentence);
  return line;
}

function packetOf(entry) {
  const packet = element("p", "packet");
  const written = entry.packet;
  if (!written) {
    packet.append(element("span", "line", "no packet could be read"));
    return packet;
  }
  const flags = written.flags?.join(",") || (written.data ? "data" : "–");
  const ends = `${end(written.src, written.sport)} → ${end(written.dst, written.dport)}`;
  const numbers = ["seq", "ack"].filter((name) => written[name] != null).map((name) => `${name}=${written[name]}`);
  packet.append(element("span", "flags", flags), element("span", "line", ends));
  if (numbers.length) packet.append(element("span", "line", numbers.join(" ")));
  const payload = written.data ? `“${written.data}”` : written.ink ? `${written.ink.length} handwritten bytes` : "";
  if (payload) packet.append(element("span", "payload", payload));
  return packet;
}

function end(address, port) {
  return `${address ?? "?"}:${port ?? "?"}`;
}

function clock(ms) {
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
