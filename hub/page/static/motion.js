// Moving things, for those who like things to move. Whoever asked their system for less motion sees the result at once.

const calm = matchMedia("(prefers-reduced-motion: reduce)");
const GRACE_MS = 300;

/** True when nothing should be seen moving: nobody looks, or somebody asked for calm. */
export function isStill() {
  return calm.matches || document.hidden;
}

/** Plays keyframes on an element and leaves it as in the last one; done when they have been seen. */
export async function move(target, keyframes, ms, easing = "ease-in-out") {
  if (!isStill() && ms > 0) {
    const animation = target.animate(keyframes, { duration: ms, easing, fill: "forwards" });
    // A browser may hold animations back in a window that nobody sees: never wait for longer than they take.
    const late = new Promise((resolve) => setTimeout(resolve, ms + GRACE_MS));
    await Promise.race([animation.finished.catch(() => {}), late]);
    animation.cancel();
  }
  const { offset, easing: _, ...last } = keyframes.at(-1);
  Object.assign(target.style, last);
}

/** Waits, unless everything is still. */
export async function pause(ms) {
  if (!isStill()) await new Promise((resolve) => setTimeout(resolve, ms));
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) return;
  const ending = document.getAnimations().filter((each) => Number.isFinite(each.effect.getComputedTiming().endTime));
  for (const animation of ending) animation.finish();
});
