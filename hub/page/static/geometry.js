// Where things are on the stage: plain arithmetic in pixels, with nothing of the page in it.
// Lengths of a station are in ems, so that a whole stage grows and shrinks with one number.

/** A node's box from top to bottom: the ribbon that says whose turn it is, the station, the sentence under it. */
const WHOLE = { width: 15.5, ribbon: 4.2, station: 12.2, sentence: 6.4 };
/** Where many nodes share a stage: no lamps (a strip says the light), and no sentence (the story says it). */
const SMALL = { width: 15.5, ribbon: 4.2, station: 7.6, sentence: 0 };
/** A packet's piece of paper. */
export const PAPER = { width: 6.4, height: 3.9 };

const LINK = { x: PAPER.width + 0.7, y: PAPER.height + 0.4 };
const APART = { x: 1, y: 0.6 };
const OVERHANG = 3;
/** The upper part of a paper that has its flags on it. */
const LABEL = 1.75;
/** How far a packet may wait from where it would like to: `steps` of `step` each, in both directions. */
const ROAM = { step: 0.6, steps: 15 };
/** What it costs to wait at a place: per em of the way there, or per square em of what is covered. */
const COST = { away: 1, backwards: 1.5, paper: 0.5, words: 3, station: 6, label: 1000 };
const EM = { least: 6, most: 36, step: 0.25, stacked: 16, readable: 13 };
/** How high the stage of a row may be when nothing else limits it. */
const HIGH = 10_000;

/** True when the nodes stand in one row, so that the story fits below them; else it stands beside the stage. */
export function isRow(nodes) {
  const heights = nodes.map((node) => node.y);
  return Math.max(...heights) - Math.min(...heights) < 0.25;
}

/**
 * Gives every node its place.
 * nodes: {id, x, y} with x and y in 0..1. links: pairs of ids. width, height: the stage, in pixels.
 * Returns {em, small, width, height, boxes}: em in pixels; small: lamps and sentences are left out; boxes by id: {left,
 * top, width, x, y, right, bottom, upper, lower, roomLeft, roomRight}, where (x, y) is the middle of the station, upper
 * and lower are its edges, and the rooms say how far its sentence may reach out.
 */
export function arrange(nodes, links, width, height) {
  const whole = fitted(nodes, links, width, height, WHOLE);
  if (whole.em < EM.readable) {
    const small = fitted(nodes, links, width, height, SMALL);
    if (whole.em <= EM.least || small.em > whole.em * 1.1) return { ...small, small: true };
  }
  if (isRow(nodes)) for (const box of whole.boxes.values()) reach(box, whole.boxes, whole.em, width);
  return whole;
}

/** How high a stage of this width can use to be, in pixels, when its nodes stand in a row. */
export function heightOfRow(nodes, links, width) {
  return heightOf(WHOLE) * fitted(nodes, links, width, HIGH, WHOLE).em;
}

/** The same for a stage that is as high as it likes: its nodes stand one below the other. */
export function stack(nodes, width) {
  const em = EM.stacked;
  const form = { ...WHOLE, sentence: WHOLE.sentence - 2.2 };
  const step = (heightOf(form) + PAPER.height + 0.4) * em;
  const inOrder = [...nodes].sort((a, b) => a.x - b.x || a.y - b.y);
  const boxes = new Map(inOrder.map((node, n) => [node.id, boxOf(node.id, 0, n * step, width, em, form)]));
  return { em, small: false, width, height: inOrder.length * step - PAPER.height * em, boxes };
}

/** The largest arrangement of boxes of a form. */
function fitted(nodes, links, width, height, form) {
  const linked = new Set(links.flatMap(([a, b]) => [`${a} ${b}`, `${b} ${a}`]));
  let em = EM.most;
  let boxes = place(nodes, em, width, height, form);
  while (em > EM.least && (heightOf(form) * em > height || collide(boxes, linked, em))) {
    em -= EM.step;
    boxes = place(nodes, em, width, height, form);
  }
  return { em, small: false, width, height, boxes };
}

function place(nodes, em, width, height, form) {
  const half = (form.width * em) / 2;
  const upper = (heightOf(form) * em) / 2;
  const across = spread(nodes.map((node) => node.x), half, width - half);
  const down = spread(nodes.map((node) => node.y), upper, height - upper);
  return new Map(nodes.map((node) => {
    const left = across(node.x) - half;
    const top = down(node.y) - upper;
    return [node.id, boxOf(node.id, left, top, form.width * em, em, form)];
  }));
}

/** From where a node stands (0 to 1) to pixels: the outermost ones at the edges; all of them in line, in the middle. */
function spread(there, from, to) {
  const least = Math.min(...there);
  const most = Math.max(...there);
  if (most - least < 0.25) return () => (from + to) / 2;
  return (at) => from + ((at - least) / (most - least)) * (to - from);
}

function heightOf(form) {
  return form.ribbon + form.station + form.sentence;
}

function boxOf(id, left, top, width, em, form) {
  const upper = top + form.ribbon * em;
  const lower = upper + form.station * em;
  const bottom = lower + form.sentence * em;
  return { id, left, top, width, upper, lower, x: left + width / 2, y: (upper + lower) / 2, right: left + width, bottom, roomLeft: 0, roomRight: 0 };
}

function collide(boxes, linked, em) {
  const all = [...boxes.values()];
  return all.some((a, n) => all.slice(n + 1).some((b) => {
    const gap = linked.has(`${a.id} ${b.id}`) ? LINK : APART;
    return Math.abs(a.x - b.x) < a.width + gap.x * em && Math.abs(a.y - b.y) < a.bottom - a.top + gap.y * em;
  }));
}

function reach(box, boxes, em, width) {
  const beside = [...boxes.values()].filter((other) => other !== box && Math.abs(other.y - box.y) < box.bottom - box.top);
  const left = beside.filter((other) => other.x < box.x).map((other) => (box.left - other.right - em) / 2);
  const right = beside.filter((other) => other.x > box.x).map((other) => (other.left - box.right - em) / 2);
  box.roomLeft = Math.max(0, Math.min(OVERHANG * em, box.left, ...left));
  box.roomRight = Math.max(0, Math.min(OVERHANG * em, width - box.right, ...right));
}

/** The wire between two stations, from edge to edge: {x1, y1, x2, y2}. Ribbons and sentences lie over it. */
export function wireBetween(a, b) {
  const start = edge(a, b, a.upper, a.lower);
  const end = edge(b, a, b.upper, b.lower);
  return { x1: start.x, y1: start.y, x2: end.x, y2: end.y };
}

/** The part of it that nothing lies over. */
function gapBetween(a, b) {
  const start = edge(a, b, a.top, a.bottom);
  const end = edge(b, a, b.top, b.bottom);
  return { x1: start.x, y1: start.y, x2: end.x, y2: end.y };
}

/** Where the line from the middle of `box` towards another one leaves it, if it reaches from top to bottom. */
function edge(box, other, top, bottom) {
  const dx = other.x - box.x;
  const dy = other.y - box.y;
  const upright = dy < 0 ? box.y - top : bottom - box.y;
  const sideways = box.width / 2;
  if (dx === 0 && dy === 0) return { x: box.x, y: box.y }; // On a stage that is not in sight.
  if (dx !== 0 && Math.abs(dy) < (box.bottom - box.top) / 2) return { x: box.x + Math.sign(dx) * sideways, y: box.y + (dy * sideways) / Math.abs(dx) };
  const part = Math.min(upright / Math.abs(dy), dx === 0 ? Infinity : sideways / Math.abs(dx));
  return { x: box.x + dx * part, y: box.y + dy * part };
}

/**
 * Where packets wait: a place ({x, y}) for each of `ways` ({from, to}: boxes), in their order. Each waits as near as can
 * be to the road to its next node, beside the others and the stations; where it gets tight, papers lie like a hand
 * of cards, the lower one in front, so that what is at the top of each stays in sight.
 */
export function waitingPlaces(ways, { em, width, height, boxes }) {
  const covered = [...boxes.values()].flatMap(areasOf);
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
function areasOf({ left, right, top, upper, lower, bottom, roomLeft, roomRight }) {
  return [
    { left, right, top, bottom: upper, cost: COST.words },
    { left, right, top: upper, bottom: lower, cost: COST.station },
    { left: left - roomLeft, right: right + roomRight, top: lower, bottom, cost: COST.words },
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
  const gap = gapBetween(a, b);
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
  return { x: box.right - 2 * em, y: box.upper };
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
    ? { x: middle.x, y: Math.max(PAPER.height * em * 0.5, middle.y - (WHOLE.station + 1) * em) }
    : { x: middle.x + WHOLE.width * em * 0.7, y: middle.y };
}
