// Where nothing is painted, as in a tab behind others, nobody waits longer than this.
const LONGEST_MS = 100;

/** Resolves after the page has painted what it shows by now, so that what follows does not hold that up. */
export function painted(): Promise<void> {
  return new Promise((resolve) => {
    const longest = setTimeout(resolve, LONGEST_MS);
    const nextFrame = globalThis.requestAnimationFrame ?? setTimeout;
    // What was just changed is drawn in a task of its own; the frame after it is the one that shows it.
    setTimeout(() =>
      nextFrame(() =>
        setTimeout(() => {
          clearTimeout(longest);
          resolve();
        }),
      ),
    );
  });
}
