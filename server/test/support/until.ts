const POLL_MS = 10;

/**
 * Looks until there is something to be seen, and gives that; for what tells nobody when it happens. Without the pause
 * between two looks they would take the processor away from what they wait for.
 */
export async function until<T>(look: () => Promise<T | false | null | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== false && found !== null && found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
