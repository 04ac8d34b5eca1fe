// The line to the hub: the room as it is, then every change, and back again by itself when the line breaks.

const AGAIN_MS = 1000;
const SILENCE_MS = 25000; // The hub gives a sign of life every 10 s; two missed ones are a dead line.

/**
 * Follows the room for as long as the page is open.
 * onState(state): the whole room, at the start and whenever the hub says that what we know is too old.
 * onChange(change): one event. onCountdown({seconds}): a round is about to begin. onLine(connected): when the line breaks and when it is back.
 */
export function follow({ onState, onChange, onLine, onCountdown = () => {} }) {
  let source = null;
  let last = null;
  let silence = 0;
  let waiting = 0;

  const retry = (what) => {
    source?.close();
    clearTimeout(silence);
    clearTimeout(waiting);
    waiting = setTimeout(what, AGAIN_MS);
  };

  const heard = () => {
    clearTimeout(silence);
    silence = setTimeout(() => {
      onLine(false);
      retry(listen);
    }, SILENCE_MS);
  };

  const start = async () => {
    source?.close();
    try {
      const response = await fetch("/api/state", { cache: "no-store", signal: AbortSignal.timeout(SILENCE_MS) });
      if (!response.ok) throw new Error(`the hub answered ${response.status}`);
      const state = await response.json();
      last = state.last_event;
      onState(state);
    } catch {
      onLine(false);
      retry(start);
      return;
    }
    listen();
  };

  const listen = () => {
    source?.close();
    const mine = new EventSource(`/api/events?after=${encodeURIComponent(last)}`);
    source = mine;
    heard();
    mine.onopen = () => {
      heard();
      onLine(true);
    };
    mine.onerror = () => {
      onLine(false);
      if (mine.readyState === EventSource.CLOSED && mine === source) retry(listen);
    };
    mine.addEventListener("heartbeat", heard);
    mine.addEventListener("change", (event) => {
      heard();
      last = event.lastEventId;
      onChange(JSON.parse(event.data));
    });
    mine.addEventListener("countdown", (event) => {
      heard();
      last = event.lastEventId;
      onCountdown(JSON.parse(event.data));
    });
    mine.addEventListener("reset", start);
  };

  start();
}
