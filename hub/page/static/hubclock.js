// The hub's clock on the wall: shown, and set once by this computer's, where nobody else has set it.

import { order } from "./desk.js";
import { say } from "./dom.js";
import { t } from "./text.js";

const WRONG_MS = 60_000; // Less does no harm, and it may be this computer's.

/** The line about the hub's clock. */
export class HubClock {
  constructor() {
    this.line = document.getElementById("hub-clock");
    this.asked = false;
  }

  /** Shows what it shows. */
  show({ backstage: { clock } }) {
    this.line.hidden = clock.state === "foreign";
    if (this.line.hidden) return;
    const shown = new Date(clock.now_ms).toLocaleString(document.documentElement.lang, { dateStyle: "long", timeStyle: "short" });
    say(this.line, t(`teach.clock-${clock.state}`, { time: shown }));
    if (clock.state !== "unset" || this.asked || Math.abs(Date.now() - clock.now_ms) < WRONG_MS) return;
    this.asked = true;
    order({ do: "clock", at_ms: Date.now() });
  }
}
