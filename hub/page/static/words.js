// The words that a light can say, as people read them. The icons are in templates/symbols.svg, one for each word.

const WORDS = {
  "delivered": "delivered",
  "rst": "RST",
  "dropped": "dropped",
  "sent": "sent",
  "forwarded": "forwarded",
  "stopped": "stopped",
  "unread": "show it again",
  "one-at-a-time": "one at a time",
  "your-turn": "your turn",
  "send-again": "send it again",
  "no-answer": "no answer from the hub",
  "no-broker": "no connection",
  "ready": "ready",
};

/** The three that have a lamp of their own, in the order in which the lamps stand on a badge. */
export const LAMPS = ["delivered", "rst", "dropped"];

/** What the page says until the hub has told it anything. */
export const LOOKING = "Looking for the hub …";

/** What the blinking after `stopped` counts, as an instruction. */
const KEYS = { 1: "fix: address", 2: "fix: port", 3: "fix: flags", 4: "fix: numbers", 5: "wrong place" };

/** What to put right after `stopped`; empty for no key, or for one that this page does not know. */
export function adviceOf(key) {
  return KEYS[key] ?? "";
}

/** A light's word as it is written on the page; `ready` for one that this page does not know. */
export function wordOf(light) {
  return WORDS[light] ?? WORDS.ready;
}

/** The name of the symbol that belongs to a light. */
export function symbolOf(light) {
  return `light-${light in WORDS ? light : "ready"}`;
}
