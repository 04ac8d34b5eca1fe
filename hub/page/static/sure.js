// Asks before something ends that cannot be brought back, and says what is lost with it.

import { element } from "./dom.js";

const $ = (id) => document.getElementById(id);

/** Whether she wants it. title: what would be done; losses: what ends with it, a line each; yes: on the button that does it. */
export function sure(title, losses, yes) {
  const box = $("sure");
  $("sure-title").textContent = title;
  $("sure-losses").replaceChildren(...losses.map((text) => element("li", "", text)));
  $("sure-yes").textContent = yes;
  box.returnValue = "";
  box.showModal();
  return new Promise((done) => box.addEventListener("close", () => done(box.returnValue === "yes"), { once: true }));
}
