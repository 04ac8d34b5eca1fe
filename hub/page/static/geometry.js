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
/** The upper part of a paper that has its flags on it. */
const LABEL = 1.75;
/** How far a packet may wait from where it would like to: `steps` of `step` each, in both directions. */
const ROAM = { step: 0.6, steps: 15 };
/** What it costs to wait at a place: per em of the way there, or per square em of what is covered. */
const COST = { away: 1, backwards: 1.5, paper: 0.5, words: 3, station: 6, label: 1000 };
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
 * Returns {em, width, height, boxes}: em in pixels; boxes by id: {left, top, width, x, y, right, bottom, roomLeft, roomRight},
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
  return { em, width, height, boxes };
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
  return { em, width, height: inOrder.length * step - PAPER.height * em, boxes };
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
 * Where packets wait: a place ({x, y}) for each of `ways` ({from, to}: boxes), in their order. Each waits as near as can
 * be to the road to its next node, beside the others and the stations; where it gets tight, papers lie like a hand
 * of cards, the lower one in front, so that what is at the top of each stays in sight.
 */
export function waitingPlaces(ways, { em, width, height, boxes }) {
  const covered = [...boxes.values()].flatMap((box) => areasOf(box, em));
  const places = [];
  for (const { from, to } of ways) {
    const { home, aside } = to && to !== from ? besideRoad(from, to, em) : { home: corner(from, em), aside: { x: 0, y: 0 } };
    const cost = (place) => {
      const dx = (place.x - home.x) / em;
      const dy = (place.y - home.y) / em;
      const paper = paperAt(place, em);
      const way = COST.away * Math.hypot(dx, dy) + COST.backwards * Math.max(0, -(dx * aside.x + dy * aside.y));
      const areas = covered.map((area) => (area.cost * overlap(paper, area)) / em ** 2);
      return [...areas, ...places.map((other) => crowding(place, other, em))].reduce((sum, each) => sum + each, way);
    };
    const inside = (place) => ({
      x: Math.max((PAPER.width / 2) * em, Math.min(place.x, width - (PAPER.width / 2) * em)),
      y: Math.max((PAPER.height / 2) * em, Math.min(place.y, height - (PAPER.height / 2) * em)),
    });
    places.push(cheapest(around(home, em).map(inside), cost));
  }
  return places;
}

/** The places near `home`, the nearest first among those of equal cost. */
function around(home, em) {
  const offsets = Array.from({ length: 2 * ROAM.steps + 1 }, (_, n) => (n - ROAM.steps) * ROAM.step * em);
  return [home, ...offsets.flatMap((dy) => offsets.map((dx) => ({ x: home.x + dx, y: home.y + dy })))];
}

function cheapest(places, cost) {
  let best = { cost: Infinity };
  for (const place of places) {
    const its = cost(place);
    if (its < best.cost) best = { place, cost: its };
  }
  return best.place;
}

/** What a paper should not cover of a node: the station, and the words over and under it. */
function areasOf(box, em) {
  const top = box.y - (BOX.station / 2) * em;
  const bottom = box.y + (BOX.station / 2) * em;
  const { left, right } = box;
  return [
    { left, right, top: box.top, bottom: top, cost: COST.words },
    { left, right, top, bottom, cost: COST.station },
    { left: left - box.roomLeft, right: right + box.roomRight, top: bottom, bottom: box.bottom, cost: COST.words },
  ];
}

function paperAt({ x, y }, em) {
  const [half, upper] = [(PAPER.width / 2) * em, (PAPER.height / 2) * em];
  return { left: x - half, right: x + half, top: y - upper, bottom: y + upper };
}

function crowding(place, other, em) {
  const area = overlap(paperAt(place, em), paperAt(other, em)) / em ** 2;
  const hidden = area > 0 && Math.abs(place.y - other.y) < LABEL * em;
  return COST.paper * area + (hidden ? COST.label : 0);
}

/** The area that two rectangles have in common. */
function overlap(a, b) {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return Math.max(0, width) * Math.max(0, height);
}

/**
 * Where a packet would like to wait that left node `a` for node `b`: on the way, near `a`, at the side of the road that
 * is its direction's own, so that those of both directions do not cover each other. aside: the direction away from the road.
 */
function besideRoad(a, b, em) {
  const gap = gapBetween(a, b, em);
  const dx = gap.x2 - gap.x1;
  const dy = gap.y2 - gap.y1;
  const length = Math.hypot(dx, dy) || 1;
  const across = Math.abs(dx) >= Math.abs(dy);
  const half = ((across ? PAPER.width : PAPER.height) / 2 + 0.4) * em;
  const along = length < 2 * half ? length / 2 : Math.max(half, length * 0.36);
  const off = ((across ? PAPER.height : PAPER.width) / 2 + 0.45) * em;
  const aside = { x: dy / length, y: -dx / length };
  const home = {
    x: gap.x1 + (dx / length) * along + aside.x * off,
    y: gap.y1 + (dy / length) * along + aside.y * off,
  };
  return { home, aside };
}

/** Where a packet without a next hop would like to lie: at the corner of the node that had it last. */
function corner(box, em) {
  return { x: box.right - 2 * em, y: box.y - (BOX.station / 2) * em };
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
