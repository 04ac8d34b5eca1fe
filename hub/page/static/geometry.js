// Where things are on the stage: plain arithmetic in pixels, with nothing of the page in it.
// Lengths of a station are in ems, so that a whole stage grows and shrinks with one number.

/** A node's box from top to bottom: the ribbon that says whose turn it is, the station, the sentence under it. */
export const BOX = { width: 15.5, ribbon: 3.3, station: 12.2, sentence: 6.4 };
/** A packet's piece of paper. */
export const PAPER = { width: 6.4, height: 3.9 };

const HEIGHT = BOX.ribbon + BOX.station + BOX.sentence;
const LINK = { x: PAPER.width + 0.9, y: PAPER.height + 0.9 };
const APART = { x: 1, y: 0.6 };
const OVERHANG = 3;
const EM = { least: 7, most: 36, step: 0.25, stacked: 16 };
const STACKED_BELOW = 700;

/** True when a stage of this width has its nodes one below the other. */
export function isStacked(width) {
  return width < STACKED_BELOW;
}

/** True when the nodes stand in one row, so that the story fits below them; else it stands beside the stage. */
export function isRow(nodes) {
  const heights = nodes.map((node) => node.y);
  return Math.max(...heights) - Math.min(...heights) < 0.25;
}

/**
 * Gives every node its place.
 * nodes: {id, x, y} with x and y in 0..1. links: pairs of ids. width, height: the stage, in pixels.
 * Returns {em, height, boxes}: em in pixels; boxes by id: {left, top, width, x, y, right, bottom, roomLeft, roomRight},
 * where (x, y) is the middle of the station and the rooms say how far its sentence may reach out.
 */
export function arrange(nodes, links, width, height) {
  if (isStacked(width)) return stack(nodes, width);
  const linked = new Set(links.flatMap(([a, b]) => [`${a} ${b}`, `${b} ${a}`]));
  let em = EM.most;
  let boxes = place(nodes, em, width, height);
  while (em > EM.least && (HEIGHT * em > height || collide(boxes, linked, em))) {
    em -= EM.step;
    boxes = place(nodes, em, width, height);
  }
  if (isRow(nodes)) for (const box of boxes.values()) reach(box, boxes, em, width);
  return { em, height, boxes };
}

function place(nodes, em, width, height) {
  const half = (BOX.width * em) / 2;
  const upper = (HEIGHT * em) / 2;
  return new Map(nodes.map((node) => {
    const x = Math.min(Math.max(node.x * width, half), width - half);
    const middle = Math.min(Math.max(node.y * height, upper), height - upper);
    return [node.id, boxOf(node.id, x - half, middle - upper, BOX.width * em, em, BOX.sentence)];
  }));
}

function stack(nodes, width) {
  const em = EM.stacked;
  const sentence = BOX.sentence - 2.2;
  const step = (BOX.ribbon + BOX.station + sentence + PAPER.height + 0.4) * em;
  const inOrder = [...nodes].sort((a, b) => a.x - b.x || a.y - b.y);
  const boxes = new Map(inOrder.map((node, n) => [node.id, boxOf(node.id, 0, n * step, width, em, sentence)]));
  return { em, height: inOrder.length * step - PAPER.height * em, boxes };
}

function boxOf(id, left, top, width, em, sentence) {
  const y = top + (BOX.ribbon + BOX.station / 2) * em;
  const bottom = top + (BOX.ribbon + BOX.station + sentence) * em;
  return { id, left, top, width, x: left + width / 2, y, right: left + width, bottom, roomLeft: 0, roomRight: 0 };
}

function collide(boxes, linked, em) {
  const all = [...boxes.values()];
  return all.some((a, n) => all.slice(n + 1).some((b) => {
    const gap = linked.has(`${a.id} ${b.id}`) ? LINK : APART;
    return Math.abs(a.x - b.x) < a.width + gap.x * em && Math.abs(a.y - b.y) < (HEIGHT + gap.y) * em;
  }));
}

function reach(box, boxes, em, width) {
  const beside = [...boxes.values()].filter((other) => other !== box && Math.abs(other.y - box.y) < HEIGHT * em);
  const left = beside.filter((other) => other.x < box.x).map((other) => (box.left - other.right - em) / 2);
  const right = beside.filter((other) => other.x > box.x).map((other) => (other.left - box.right - em) / 2);
  box.roomLeft = Math.max(0, Math.min(OVERHANG * em, box.left, ...left));
  box.roomRight = Math.max(0, Math.min(OVERHANG * em, width - box.right, ...right));
}

/** The part of a link that can be seen between two boxes: {x1, y1, x2, y2}. */
export function gapBetween(a, b, em) {
  const start = edge(a, b, em);
  const end = edge(b, a, em);
  return { x1: start.x, y1: start.y, x2: end.x, y2: end.y };
}

/** Where the line from the middle of `box` towards another one leaves it: at a side, or past ribbon or sentence. */
function edge(box, other, em) {
  const dx = other.x - box.x;
  const dy = other.y - box.y;
  const upright = dy < 0 ? box.y - box.top : box.bottom - box.y;
  const sideways = box.width / 2;
  if (Math.abs(dy) < (HEIGHT * em) / 2) return { x: box.x + Math.sign(dx) * sideways, y: box.y + (dy * sideways) / Math.abs(dx) };
  const part = Math.min(upright / Math.abs(dy), dx === 0 ? Infinity : sideways / Math.abs(dx));
  return { x: box.x + dx * part, y: box.y + dy * part };
}

/**
 * Where a packet waits that left node `a` for node `b`: on the way, near `a`, on the right-hand side of the road, so
 * that those of both directions do not cover each other. nth: how many wait there already.
 */
export function waitingPlace(a, b, em, nth = 0) {
  const gap = gapBetween(a, b, em);
  const dx = gap.x2 - gap.x1;
  const dy = gap.y2 - gap.y1;
  const length = Math.hypot(dx, dy) || 1;
  const across = Math.abs(dx) >= Math.abs(dy);
  const half = ((across ? PAPER.width : PAPER.height) / 2 + 0.4) * em;
  const along = length < 2 * half ? length / 2 : Math.max(half, length * 0.36);
  const aside = ((across ? PAPER.height : PAPER.width) / 2 + 0.45 + 0.7 * nth) * em;
  return {
    x: gap.x1 + (dx / length) * along + (dy / length) * aside,
    y: gap.y1 + (dy / length) * along - (dx / length) * aside,
  };
}

/** Where a packet without a next hop lies: at the corner of the node that had it last. */
export function besidePlace(box, em, nth = 0) {
  return { x: box.right - (2 - 0.7 * nth) * em, y: box.y - (BOX.station / 2) * em };
}

/** Where a badge looks at a packet: on the upper half of its station, so that its lamps stay in sight. */
export function dock(box, em) {
  return { x: box.x, y: box.y - 1.4 * em };
}

/** The top of the arc on which a packet is carried past what lies between two places: never off the stage. */
export function detour(from, to, em) {
  const flat = Math.abs(to.x - from.x) >= Math.abs(to.y - from.y);
  const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
  return flat
    ? { x: middle.x, y: Math.max(PAPER.height * em * 0.5, middle.y - (BOX.station + 1) * em) }
    : { x: middle.x + BOX.width * em * 0.7, y: middle.y };
}
