/** A session that nobody uses ends after so long. */
export const SESSION_IDLE_MS = 7 * 86_400_000;

/** A session ends after so long, however much it is used. */
export const SESSION_MOST_MS = 30 * 86_400_000;
