// Who must hold which card: after the room has gone back, paper has to be put where it was by hand.

import { redraw } from "./controls.js";
import { element } from "./dom.js";
import { t } from "./text.js";

/** The list of what is in whose hand. */
export class Holders {
  constructor() {
    this.list = document.getElementById("holders");
  }

  /** Shows the cards of a room. */
  show({ backstage: { holders } }) {
    const there = holders.nodes.filter((node) => node.sentences.length);
    redraw(this.list, there, () =>
      there.length ? there.flatMap(({ title, sentences }) => sentences.map((text) => lineOf(title, text))) : [element("li", "none", t("teach.nobody-holds"))],
    );
  }
}

function lineOf(title, text) {
  return element("li", "", "", element("strong", "", title), " ", element("span", "", text));
}
