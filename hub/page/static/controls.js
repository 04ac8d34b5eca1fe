// Things to press and to fill in, made the same way everywhere on the teacher's page.

import { element } from "./dom.js";

/** A button that does something; it cannot be pressed again until that is done. */
export function button(text, act, className = "") {
  const made = element("button", className, text);
  made.type = "button";
  made.addEventListener("click", async () => {
    made.disabled = true;
    try {
      await act();
    } finally {
      made.disabled = false;
    }
  });
  return made;
}

/** A field to choose from, with its label: pairs of value and text. */
export function choice(label, options, chosen, onChoose = () => {}) {
  const select = element("select");
  for (const [value, text] of options) {
    const option = element("option", "", text);
    option.value = value;
    option.selected = value === chosen;
    select.append(option);
  }
  select.addEventListener("change", () => onChoose(select.value));
  return { select, field: element("label", "", "", element("span", "", label), select) };
}

/** Replaces the children of an element only when what they are made from has changed: focus stays where it is. */
export function redraw(target, key, make) {
  const wanted = JSON.stringify(key);
  if (target.drawn === wanted) return;
  target.drawn = wanted;
  target.replaceChildren(...make());
}

/** Minutes and seconds. */
export function clock(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
