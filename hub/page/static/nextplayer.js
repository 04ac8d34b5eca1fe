// A room that clears itself for the next player: while it is free it attracts one, and it says before it clears.

import { Attract } from "./attract.js";
import { say } from "./dom.js";
import { t } from "./text.js";

const SOON_S = 10; // Seconds before the round ends that are counted on the screen.
const TICK_MS = 200;

/** What the page shows of it. A room whose lesson never clears itself shows nothing. */
export class NextPlayer {
  constructor() {
    this.attract = new Attract();
    this.shown = document.getElementById("next-player");
    this.clears = false;
    this.due = null;
    this.pace = 1;
    this.end = 0;
    this.counting = 0;
  }

  /** Hears a state or a change as soon as it is there, whatever is still being played. */
  hear(news) {
    if (news.lesson) {
      this.clears = Boolean(news.lesson.reset_after);
      if (this.clears) this.attract.draw(news);
    }
    if ("pace" in news) this.pace = news.pace;
    if ("resets_at_ms" in news) this.due = news.resets_at_ms;
    if ("at_ms" in news) this.end = performance.now() + (this.due - news.at_ms) / this.pace;
    this.attract.toggle(this.clears && this.due === null && this.pace !== 0);
    this.#count();
  }

  #count() {
    clearInterval(this.counting);
    const show = () => {
      const left = Math.ceil((this.end - performance.now()) / 1000);
      const soon = this.due !== null && this.pace !== 0 && left > 0 && left <= SOON_S;
      say(this.shown, soon ? t("screen.next-player", { seconds: left }) : "");
    };
    show();
    if (this.due !== null) this.counting = setInterval(show, TICK_MS);
  }
}
