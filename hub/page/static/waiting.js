// What a player who has nothing to do waits for, by what everybody may see: a packet that is lost in secret goes on here, too.

import { t } from "./text.js";

/** States in which the other end owes an answer (RFC 9293, section 3.3.2). */
const UNANSWERED = ["SYN-SENT", "SYN-RECEIVED", "FIN-WAIT-1", "CLOSING", "LAST-ACK"];
const MOST = 2; // Packets of each way that are told of; a window full of them is on the projector.

/** In words, what a node waits for; empty: for nothing. nodes: id -> node, packets: card -> packet, of the room's state. */
export function waitingFor(mine, nodes, packets) {
  const title = (id) => nodes.get(id)?.title ?? id;
  const under = [...packets.values()].filter((each) => each.to !== null && each.to !== mine.id);
  const of = (end) => under.filter((each) => each[end] === mine.id).slice(-MOST);
  const own = of("src").map((each) => placeOf(each.at === mine.id ? "phone.wait-gone" : "phone.wait-own", each, title));
  const coming = of("dst").map((each) => placeOf("phone.wait-coming", each, title));
  return [...own, ...coming, ...(coming.length ? [] : answersFor(mine, nodes))].join(" ");
}

/** Where a packet is: whoever has scanned it last takes it to the next. */
function placeOf(key, { label, at, to, src }, title) {
  return t(key, { label, at: title(at), to: title(to), from: title(src) });
}

function answersFor(mine, nodes) {
  const owing = mine.connections.filter((each) => UNANSWERED.includes(each.state)).map((each) => each.remote.replace(/:\d+$/, ""));
  const who = [...nodes.values()].filter((each) => owing.includes(each.address));
  return who.map((each) => t("phone.wait-answer", { node: each.title }));
}
