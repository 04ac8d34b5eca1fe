// Lesson time: it stands still, goes on, or goes faster.

import { button, redraw } from "./controls.js";
import { order } from "./desk.js";
import { t } from "./text.js";

const RATES = [0.5, 1, 2, 4];

/** The controls of lesson time. */
export class Pace {
  constructor() {
    this.group = document.getElementById("pace");
  }

  /** Shows the pace of a room. */
  show({ state: { pace } }) {
    redraw(this.group, pace, () => [
      button(t(pace === 0 ? "teach.go-on" : "teach.pause"), () => order({ do: "pace", rate: pace === 0 ? 1 : 0 }), "main"),
      ...(pace === 0 ? [button(t("teach.step"), () => order({ do: "step" }))] : []),
      ...RATES.map((rate) => {
        const made = button(`${rate}×`, () => order({ do: "pace", rate }), rate === pace ? "is" : "");
        made.setAttribute("aria-pressed", String(rate === pace));
        return made;
      }),
    ]);
  }
}
