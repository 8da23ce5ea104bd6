import { PLATFORM_NAMES, type PlatformName } from "../platforms/platform.ts";

/** What happened last on a platform's URLs on this node; epoch milliseconds, null when it never happened. */
export type PlatformActivity = {
  readonly lastAcceptedAt: number | null;
  /** When a webhook was last refused for a fault of ours: storage away, overload, an internal error. */
  readonly lastFailedAt: number | null;
};

/** Remembers the last answer of each kind by platform. */
export type ActivityRecorder = {
  accepted(platform: string, at: number): void;
  failed(platform: string, at: number): void;
  snapshot(): Readonly<Record<PlatformName, PlatformActivity>>;
};

/** Makes a recorder to which nothing has happened yet. */
export function createActivityRecorder(): ActivityRecorder {
  const acceptedAt = new Map<string, number>();
  const failedAt = new Map<string, number>();
  return {
    accepted: (platform, at) => void acceptedAt.set(platform, at),
    failed: (platform, at) => void failedAt.set(platform, at),
    snapshot: () =>
      Object.fromEntries(
        PLATFORM_NAMES.map((name) => [
          name,
          { lastAcceptedAt: acceptedAt.get(name) ?? null, lastFailedAt: failedAt.get(name) ?? null },
        ]),
      ) as Record<PlatformName, PlatformActivity>,
  };
}
