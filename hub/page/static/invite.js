// Where phones come in, in letters and as a code: as long as a seat is free for one, or questions wait for answers.

const $ = (id) => document.getElementById(id);

/** The invitation beside the network. A hub that no other machine reaches, and a room for walk-ins, invite nobody. */
export class Invite {
  constructor() {
    this.at = null;
    this.nodes = new Map();
  }

  /** Takes what a state or a change says of it. */
  tell(news) {
    if ("join" in news) this.#place(news.join);
    if (news.lesson) {
      this.nodes.clear();
      this.walkIns = Boolean(news.lesson.reset_after);
    }
    for (const node of news.nodes ?? []) this.nodes.set(node.id, node);
    if ("questions" in news) this.asking = Boolean(news.questions?.open);
    const free = !this.walkIns && [...this.nodes.values()].some((node) => node.free);
    $("invite").hidden = !this.at || !(free || this.asking);
  }

  #place(at) {
    if (at === this.at) return;
    this.at = at;
    $("invite-address").textContent = at ? `${at}/join` : "";
    if (at) $("invite-code").src = `/join.svg?at=${encodeURIComponent(at)}`;
  }
}
