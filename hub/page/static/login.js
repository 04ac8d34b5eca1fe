// The teacher's door: the PIN, and then her page.

import { t } from "./text.js";

const form = document.getElementById("login");
const wrong = document.getElementById("wrong");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  wrong.textContent = "";
  const pin = new FormData(form).get("pin");
  try {
    const response = await fetch("/api/teacher/login", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ pin }),
    });
    if (response.ok) {
      location.reload();
      return;
    }
    const answer = await response.json();
    wrong.textContent = response.status === 401 ? t("login.wrong") : answer.advice;
  } catch (error) {
    wrong.textContent = String(error);
  }
  form.pin.select();
});
