// Breaking the network on purpose: wires, and what they do to packets; each fault is visible, and can be lifted.

import { button, choice, clock, redraw } from "./controls.js";
import { command, order } from "./desk.js";
import { element } from "./dom.js";
import { t } from "./text.js";

const KINDS = ["lose", "delay", "duplicate", "reorder", "corrupt", "down"];
const SECONDS = ["delay", "reorder"];
const WHEN = [0, 10, 30, 60, 120, 300];
const WHICH = ["next", "every", "10%", "20%", "50%"];

/** The form of faults, and those that are in force. */
export class Faults {
  constructor() {
    this.form = document.getElementById("fault");
    this.list = document.getElementById("in-force");
    this.whole = document.getElementById("whole");
    this.form.addEventListener("submit", (event) => event.preventDefault());
  }

  /** Shows the wires of a room, and what is wrong with them now. */
  show({ lesson, links, nodes, state, backstage }) {
    const title = (id) => nodes.get(id)?.title ?? id;
    redraw(this.form, [lesson.id, links], () => this.#fields(links, title));
    const { down } = state;
    const { faults, plan } = backstage;
    redraw(this.list, [faults, down, plan], () => this.#inForce(faults, down, plan, title));
    redraw(this.whole, lesson.id, () => [button(t("teach.new-round"), () => command("round")), button(t("teach.lift-all"), () => command("lift")), button(t("teach.countdown"), () => order({ do: "countdown", seconds: 10 }))]);
  }

  #fields(links, title) {
    const wire = choice(t("teach.wire"), links.map((link) => [link.join(" "), link.map(title).join(" – ")]));
    const kind = choice(t("teach.does"), KINDS.map((each) => [each, t(`teach.kind-${each}`)]), "lose", () => fit());
    const which = choice(t("teach.to"), WHICH.map((each) => [each, each in KNOWN ? t(KNOWN[each]) : t("teach.of-hundred", { percent: each })]));
    const seconds = number(t("teach.seconds"), 30, 1);
    const when = choice(t("teach.when"), WHEN.map((each) => [String(each), each ? t("teach.in", { seconds: each }) : t("teach.now")]));
    const fit = () => {
      which.field.hidden = kind.select.value === "down";
      seconds.field.hidden = !SECONDS.includes(kind.select.value);
    };
    fit();
    const go = button(t("teach.break-do"), () => {
      const word = kind.select.value;
      const parts = [word, wire.select.value];
      if (word !== "down" && which.select.value !== "next") parts.push(which.select.value);
      if (SECONDS.includes(word)) parts.push(seconds.input.value || "30");
      return command(parts.join(" "), Number(when.select.value) || undefined);
    });
    return [wire.field, kind.field, which.field, seconds.field, when.field, go];
  }

  #inForce(faults, down, plan, title) {
    const wires = down.map(([one, other]) =>
      line(t("teach.is-down", { one: title(one), other: title(other) }), t("teach.mend-wire"), `up ${one} ${other}`),
    );
    const others = faults.map((fault) => line(fault.sentence, t("teach.lift"), `lift ${fault.name}`));
    const later = plan.map((each) => {
      const text = each.refused || t("teach.planned", { time: clock(each.due_ms), what: each.sentence });
      return element("li", "row", "", element("span", "", text), button(t("teach.cancel"), () => order({ do: "cancel", plan: each.id })));
    });
    const all = [...wires, ...others, ...later];
    return all.length ? all : [element("li", "none", t("teach.all-well"))];
  }
}

const KNOWN = { next: "teach.next-packet", every: "teach.every-packet" };

function line(text, word, lift) {
  return element("li", "row", "", element("span", "", text), button(word, () => command(lift)));
}

function number(label, value, min) {
  const input = element("input");
  input.type = "number";
  input.min = min;
  input.value = value;
  return { input, field: element("label", "", "", element("span", "", label), input) };
}
