// The teacher's line to the hub: what she orders, and what only she sees.

import { say } from "./dom.js";

const CSRF = document.querySelector('meta[name="csrf"]').content;
const TOAST_MS = 6000;

const toast = document.getElementById("toast");
let hiding = 0;

/** Says what was done, or why nothing was. */
export function tell(text, wrong = false) {
  clearTimeout(hiding);
  say(toast, text);
  toast.classList.toggle("wrong", wrong);
  hiding = setTimeout(() => say(toast, ""), TOAST_MS);
}

/** Orders something of the hub, as `hub/orders.py` has it; whether it was done. */
export async function order(what) {
  try {
    const answer = await post("/api/teacher/do", what);
    tell(answer.said);
    document.dispatchEvent(new Event("ordered"));
    return true;
  } catch (error) {
    tell(error.message, true);
    return false;
  }
}

/** Orders what a command card says. */
export function command(text, in_seconds) {
  return order({ do: "command", text, ...(in_seconds ? { in_seconds } : {}) });
}

/** Leaves the teacher's page. */
export async function logout() {
  await post("/api/teacher/logout", {});
  location.reload();
}

/** What only the teacher sees; null when there is no line. Without a session any more, the page asks for the PIN. */
export async function backstage() {
  try {
    return await get("/api/teacher/state");
  } catch {
    return null;
  }
}

/** Something that the hub knows, as JSON. */
export async function get(path) {
  const response = await fetch(path, { cache: "no-store" });
  if (response.status === 401) location.reload();
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.advice);
  return answer;
}

async function post(path, body) {
  const response = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRF-Token": CSRF },
    body: JSON.stringify(body),
  });
  if (response.status === 401) location.reload();
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.advice);
  return answer;
}
