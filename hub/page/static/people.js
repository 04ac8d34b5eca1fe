// The class: a list is pasted, seats are dealt, people come and go; and all of it can be forgotten.

import { button, redraw } from "./controls.js";
import { order } from "./desk.js";
import { element } from "./dom.js";
import { sure } from "./sure.js";
import { t } from "./text.js";

/** Who is who. */
export class People {
  constructor() {
    this.list = document.getElementById("leases");
    this.more = document.getElementById("class-more");
    const form = document.getElementById("class");
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (await order({ do: "paste", text: document.getElementById("names").value })) form.reset();
    });
  }

  /** Shows who has which seat. */
  show({ backstage: { leases } }) {
    redraw(this.list, leases, () => leases.map(leaseOf));
    redraw(this.more, leases.length > 0, () => (leases.length ? this.#buttons() : []));
  }

  async #forget() {
    if (await sure(t("teach.forget"), [t("teach.forget-sure")], t("teach.forget"))) await order({ do: "forget" });
  }

  #buttons() {
    const name = element("input");
    name.maxLength = 40;
    name.setAttribute("aria-label", t("teach.newcomer"));
    name.placeholder = t("teach.newcomer");
    return [
      name,
      button(t("teach.join"), () => name.value && order({ do: "join", name: name.value })),
      button(t("teach.deal-again"), () => order({ do: "deal" })),
      button(t("teach.forget"), () => this.#forget(), "danger"),
    ];
  }
}

function leaseOf({ name, team, title, address }) {
  const seat = title ? `${title} · ${address}` : t("teach.stands-by");
  const line = element("li", "row lease", "", element("strong", "", name), element("span", "", team ? `${seat} · ${team}` : seat));
  const leave = button("×", () => order({ do: "leave", name }));
  leave.setAttribute("aria-label", t("teach.leaves", { name }));
  line.append(leave);
  return line;
}
