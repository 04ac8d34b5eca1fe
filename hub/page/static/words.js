// The words that a light can say, as people read them. The icons are in templates/symbols.svg, one for each word.

import { has, t } from "./text.js";

/** The three that have a lamp of their own, in the order in which the lamps stand on a badge. */
export const LAMPS = ["delivered", "rst", "dropped"];

/** How a phone shakes, as the light of a badge blinks: ms on, off, on ... */
const BUZZES = {
  "delivered": [300],
  "rst": [100, 80, 100, 80, 100],
  "dropped": [700],
  "sent": [80],
  "forwarded": [80],
  "stopped": [60, 60, 60, 60, 60, 60, 60],
  "unread": [60, 60, 60],
};

/** What to put right after `stopped`; empty for no key, or for one that this page does not know. */
export function adviceOf(key) {
  return has(`fix.${key}`) ? t(`fix.${key}`) : "";
}

/** A light's word as it is written on the page; `ready` for one that this page does not know. */
export function wordOf(light) {
  return t(`light.${known(light)}`);
}

/** The name of the symbol that belongs to a light. */
export function symbolOf(light) {
  return `light-${known(light)}`;
}

/** The number by which a phone is called, on its own screen and by the teacher (`phone_number` in hub/seats.py). */
export function numberOf(badge) {
  return badge.match(/^phone-(\d{1,4})-/)?.[1] ?? badge.slice("phone-".length);
}

/** What a badge is called where everybody reads it: of a phone nobody says whose it is. */
export function nameOf(badge) {
  return badge.startsWith("phone-") ? t("screen.phone") : t("screen.badge", { badge });
}

/** How a phone shakes for a light. */
export function buzzOf(light) {
  return BUZZES[light] ?? [];
}

function known(light) {
  return has(`light.${light}`) ? light : "ready";
}
