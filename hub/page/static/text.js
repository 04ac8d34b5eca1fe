// The words of this page in the reader's language, which the hub has put into its head (hub/page/wording.py).

const WORDS = JSON.parse(document.querySelector('meta[name="words"]')?.content ?? "{}");

/** Whether the page has this text. */
export function has(key) {
  return key in WORDS;
}

/**
 * A text with its {names} filled in, "{count:scan/scans}" with its plural; a key that the page does not have shows as
 * itself, a name that is not given as "?".
 */
export function t(key, params = {}) {
  return (WORDS[key] ?? key).replace(/\{(\w+)(?::([^}/]*)(?:\/([^}]*))?)?\}/g, (_, name, one, many) => {
    const value = params[name] ?? "?";
    if (one === undefined) return String(value);
    return `${value} ${Number(value) === 1 ? one : many ?? `${one}s`}`;
  });
}
