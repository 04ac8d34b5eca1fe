// A sequence ladder, as in the figures of RFC 9293: time runs down, a packet is a line from its sender to its receiver.

import { element, shape } from "./dom.js";
import { has, t } from "./text.js";

const STEP = 30; // From one thing that happens to the next.
const TOP = 58;
const HEAD = TOP - 8; // Names and addresses; below it, the poles begin.
const SIDE = 120; // Room for the states on either side, at most: the longest takes 95.
const SIDE_LEAST = 97;

/**
 * A ladder as a drawing: its heads, and below them what happened, so that they can stay where that is longer than there
 * is room for. titleOf(node); onCard(card): somebody wants to know more of a packet. width: in its own
 * units, of which a letter is about 13 high: the less, the larger it is written.
 */
export function ladderOf(ladder, titleOf, onCard, width = 720) {
  const columns = columnsOf(ladder, width);
  const rows = rowsOf(ladder);
  const height = Math.max(...rows.values()) + STEP * 1.3;
  const heads = shape("svg", { viewBox: `0 0 ${width} ${HEAD}`, "class": "heads", "aria-hidden": "true" });
  for (const [node, x] of columns) heads.append(text(x, TOP - 34, titleOf(node), "who"));
  for (const end of [ladder.left, ladder.right]) heads.append(text(columns.get(end.node), TOP - 16, endOf(end), "end"));
  const svg = shape("svg", { viewBox: `0 ${HEAD} ${width} ${height - HEAD}`, role: "img" });
  svg.setAttribute("aria-label", t("ladder.of", { left: endOf(ladder.left), right: endOf(ladder.right) }));
  for (const x of columns.values()) svg.append(shape("line", { "class": "pole", x1: x, x2: x, y1: HEAD, y2: height - 6 }));
  for (const rung of ladder.rungs) svg.append(rungOf(rung, ladder, columns, rows, onCard));
  for (const slip of ladder.slips) svg.append(slipOf(slip, ladder, columns, rows));
  svg.append(...statesOf(ladder, columns, rows));
  return element("div", "ladder", "", heads, element("div", "drawn", "", svg));
}

/** The same in words, for those who listen, and for keyboards: a button for each packet. */
export function rungsOf(ladder, titleOf, onCard) {
  const list = element("ol", "rungs");
  for (const rung of ladder.rungs) {
    const from = titleOf((rung.left ? ladder.left : ladder.right).node);
    const why = rung.end === "dropped" ? markOf(rung.hops.at(-1).reason) : "";
    const end = [t(`ladder.${rung.end}`), why].filter(Boolean).join(", ");
    const button = element("button", "", t("ladder.rung", { what: saysOf(rung), from, end }));
    button.type = "button";
    button.dataset.end = rung.end;
    button.addEventListener("click", () => onCard(rung.card));
    list.append(element("li", "", "", button));
  }
  return list;
}

/** What a packet says, in a few words. */
export function saysOf({ label, seq, ack, data, ink, again }) {
  const parts = [label];
  if (seq !== null) parts.push(`seq=${seq}`);
  if (ack !== null) parts.push(`ack=${ack}`);
  if (data) parts.push(`“${data.length > 18 ? `${data.slice(0, 17)}…` : data}”`);
  if (ink) parts.push(t("ladder.ink", { count: ink }));
  if (again !== null) parts.push(t("ladder.again"));
  return parts.join(" ");
}

function columnsOf({ left, right, between }, width) {
  const nodes = [left.node, ...between, right.node];
  const side = Math.min(SIDE, Math.max(SIDE_LEAST, width / 6));
  const gap = (width - 2 * side) / (nodes.length - 1);
  return new Map(nodes.map((node, n) => [node, side + gap * n]));
}

/**
 * Event -> its height: everything that happens in this exchange has a height of its own. What ends one line and begins
 * another takes two, so that there is room for what the other says.
 */
function rowsOf({ rungs, slips }) {
  const events = [...rungs.flatMap((rung) => rung.hops.map((hop) => hop.event)), ...slips.map((slip) => slip.event)];
  return new Map(events.sort((a, b) => a - b).map((event, n) => [event, TOP + STEP * (n + 0.7)]));
}

function text(x, y, words, className, anchor = "middle") {
  const made = shape("text", { x, y, "class": className, "text-anchor": anchor });
  made.textContent = words;
  return made;
}

function rungOf(rung, ladder, columns, rows, onCard) {
  const points = rung.hops.map((hop) => [columns.get(hop.node) ?? 0, rows.get(hop.event)]);
  const group = shape("g", { "class": `rung ${rung.again === null ? "" : "again"}`, "data-end": rung.end });
  const goal = columns.get((rung.left ? ladder.right : ladder.left).node);
  if (rung.end === "under-way" && points.length) points.push(halfway(points.at(-1), goal));
  group.append(shape("polyline", { "class": "way", points: points.map((point) => point.join(",")).join(" ") }));
  for (const [x, y] of points.slice(1, -1)) group.append(shape("circle", { "class": "stop", cx: x, cy: y, r: 2.5 }));
  group.append(headOf(rung, points));
  const [x, y] = points[0];
  const [endX, endY] = points.at(-1);
  const goesRight = points.length > 1 ? points[1][0] > x : x === goal ? !rung.left : goal > x;
  const isNew = rung.hops[0].verdict !== "delivered"; // What somebody carries on after it has arrived is named already.
  if (isNew) group.append(text(x + (goesRight ? 9 : -9), y - 6, saysOf(rung), "says", goesRight ? "start" : "end"));
  const last = rung.hops.at(-1);
  if (rung.end === "dropped") {
    const cameFromLeft = points.length > 1 ? points.at(-2)[0] < endX : rung.left;
    // Below the line, towards its sender: at the edge there is no room for words.
    group.append(text(endX + (cameFromLeft ? -10 : 10), endY + 11, markOf(last.reason), "why", cameFromLeft ? "end" : "start"));
  }
  group.addEventListener("click", () => onCard(rung.card));
  return group;
}

/** How a packet ends: an arrow where it arrived, a cross where it was refused, a hole where it was lost. */
function headOf(rung, points) {
  const [x, y] = points.at(-1);
  if (rung.end === "dropped") return shape("circle", { "class": "hole", cx: x, cy: y, r: 5.5 });
  if (rung.end === "reset") return shape("path", { "class": "cross", d: `M${x - 5} ${y - 5}l10 10m0-10l-10 10` });
  const [fromX, fromY] = points.at(-2) ?? [x - (rung.left ? 10 : -10), y - 4];
  const angle = (Math.atan2(y - fromY, x - fromX) * 180) / Math.PI;
  return shape("path", { "class": "head", d: "M0 0l-10-4.5v9z", transform: `translate(${x} ${y}) rotate(${angle})` });
}

function halfway([x, y], goal) {
  return [x + (goal - x) * 0.35, y + 12];
}

function slipOf(slip, ladder, columns, rows) {
  const x = columns.get(slip.node);
  const y = rows.get(slip.event);
  const isLeft = slip.node !== ladder.right.node;
  const group = shape("g", { "class": "slip" });
  group.append(shape("rect", { x: x - 5, y: y - 5, width: 10, height: 10, rx: 2 }));
  const says = [`${slip.label} ${t("ladder.stopped")}`, markOf(slip.reason)].filter(Boolean).join(": ");
  group.append(text(x + (isLeft ? 11 : -11), y + 4, says, "why", isLeft ? "start" : "end"));
  return group;
}

/** The states on both sides, each where it has come about. */
function statesOf(ladder, columns, rows) {
  const marks = [];
  const changes = ladder.rungs.flatMap((rung) => [
    [rung.hops[0].event, rung.sent],
    ...(rung.end === "under-way" ? [] : [[rung.hops.at(-1).event, rung.came]]),
  ]);
  changes.sort(([one], [other]) => one - other);
  for (const [end, side] of [[ladder.left, -1], [ladder.right, 1]]) {
    let before = "";
    for (const [event, states] of changes) {
      const now = states[end.node];
      if (!now || now === before) continue;
      before = now;
      marks.push(text(columns.get(end.node) + side * 10, rows.get(event) + 4, now, "state-mark", side < 0 ? "end" : "start"));
    }
  }
  return marks;
}

function endOf({ address, port }) {
  return port === null ? address : `${address}:${port}`;
}

/** Why a packet was stopped or dropped, in a few words; empty for a reason that has none. */
function markOf(reason) {
  return has(`marks.${reason}`) ? t(`marks.${reason}`) : "";
}
