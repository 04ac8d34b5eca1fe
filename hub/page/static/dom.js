// Making elements. Whatever people wrote becomes text, never markup: nothing here takes HTML.

const SVG = "http://www.w3.org/2000/svg";

/** An element with a class, text and children. */
export function element(tag, className = "", text = "", ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  made.append(...children);
  return made;
}

/** An SVG element with attributes. */
export function shape(tag, attributes = {}) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

/** A picture out of templates/symbols.svg; the text beside it says the same. */
export function icon(symbol, className = "icon") {
  const made = shape("svg", { "class": className, "aria-hidden": "true" });
  made.append(shape("use", { href: `#${symbol}` }));
  return made;
}

/** Writes `text` into an element and hides it when there is none. */
export function say(target, text) {
  target.textContent = text ?? "";
  target.hidden = !text;
}

/** Marks in which language the room's own words are: a screen reader speaks them so, whatever the page's language. */
export function roomSpeaks(language) {
  for (const each of document.querySelectorAll("[data-room]")) each.lang = language;
}
