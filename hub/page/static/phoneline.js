// What a phone says to the hub. Its token is in a cookie that no script can read; the hub gives it at the first wish.

export class PhoneLine {
  /** What the hub knows of this phone; null: it has not come in yet. */
  async state() {
    const response = await fetch("/api/phone", { cache: "no-store" });
    return response.ok ? response.json() : null;
  }

  /** Takes a node, or (null) leaves it. */
  async take(node) {
    await this.comeIn();
    return this.#post("/api/phone/seat", JSON.stringify({ node }));
  }

  /** Scans the card whose code says this. */
  async scan(text) {
    await this.comeIn();
    return this.#post("/api/scan", JSON.stringify({ text }));
  }

  /** Scans the card in a photo, a Blob. */
  async photo(blob) {
    await this.comeIn();
    return this.#post("/api/scan", blob, blob.type || "image/jpeg");
  }

  /** Answers a question of the lesson, by the letter of an option. */
  async answer(question, option) {
    await this.comeIn();
    return this.#post("/api/phone/answer", JSON.stringify({ question, option }));
  }

  /** Comes in, if it has not yet; what the hub knows of this phone then. */
  async comeIn() {
    const there = await this.state();
    if (there !== null) return there;
    await this.#post("/api/phones", "");
    return this.state();
  }

  async #post(path, body, type = "application/json") {
    const response = await fetch(path, { method: "POST", headers: { "Content-Type": type }, body });
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.advice);
    return answer;
  }
}
